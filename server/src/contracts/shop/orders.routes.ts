import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { getCaller } from '../../identity/index.ts'
import type { OrderId } from '../../kernel/ids.ts'
import { fromDecimal, toDecimal } from '../../kernel/money.ts'
import { Refused } from '../../kernel/refused.ts'
import { getOrder, listOrders, type OrderDetails, type OrderWish, placeOrder } from '../../orders/index.ts'
import { cancelOrder, findPayment, type Payment, paymentState } from '../../payments/index.ts'
import type { Db } from '../../store/database.ts'
import { presentedBy } from '../http/front-door.ts'
import { findAnswer, type KeptAnswer, keepAnswer, keyedRequest } from '../http/idempotency.ts'
import { idIn } from '../http/ids.ts'
import { Type } from '../http/type.ts'
import { answers, SIGNED_IN, SIGNED_IN_TO_CHANGE } from './answers.ts'
import type { ShopContext } from './context.ts'
import { lineToWire, orderToWire } from './order-to-wire.ts'
import { readPage, wrapPage } from './paging.ts'
import { replyTo } from './refusals.ts'
import * as schemas from './schemas.ts'

const TAG = ['Orders']
export const OrderParams = Type.Object({ order_uuid: Type.String() })
export const IdempotencyHeaders = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      description: 'The same key with the same request gets the first answer again: take a new one for each wish',
    }),
  ),
})

/** Orders of the customer. */
export function ordersRoutes({
  db,
  hold,
  unpaidOrdersMax,
  gateways,
  publicUrl,
}: ShopContext): FastifyPluginAsyncTypebox {
  const terms = { hold, offered: [...gateways.keys()], unpaidMax: unpaidOrdersMax }

  return async (app) => {
    app.get(
      '/orders',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'Orders, newest first',
          security: SIGNED_IN,
          querystring: Type.Object(schemas.PageQuery),
          response: answers(schemas.page(schemas.Order), { validates: true, signedIn: true, notFound: true }),
        },
      },
      async (request) => {
        const wish = readPage<OrderId>(request.query)
        const found = await listOrders(db, presentedBy(request), wish)
        return wrapPage(publicUrl, request.url, wish, found, orderToWire)
      },
    )

    app.post(
      '/orders',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'Create order from products in bucket',
          description:
            'All or nothing: the stock is reserved until the order is paid, canceled, or not paid in time. With `expected_sum` nothing is bought at another sum.',
          security: SIGNED_IN_TO_CHANGE,
          headers: IdempotencyHeaders,
          body: schemas.OrderBody,
          response: answers(schemas.Order, {
            validates: true,
            signedIn: true,
            business: {
              409: '1083 bucket is empty, 1009 too many unpaid orders, 1043 not enough products in magazines, 1004 order sum is not as expected',
              422: '1005 Idempotency-Key was used with another request',
            },
          }),
        },
      },
      async (request, reply) => {
        const { payment, delivery, expected_sum } = request.body
        const wish: OrderWish = {
          paymentMethod: payment,
          delivery,
          expectedSumMinor: expected_sum === undefined ? undefined : fromDecimal(expected_sum),
        }
        const place = async (on: Db) => orderToWire(await placeOrder(on, terms, presentedBy(request), wish))
        const keyed = keyedRequest(request)
        if (!keyed) return place(db)

        const { customerId } = await getCaller(db, presentedBy(request))
        // The order and the answer to be given again are written together, or neither.
        const answer = await db.transaction(async (tx) => {
          const kept = await findAnswer(tx, customerId, keyed)
          if (kept) return kept
          const first = await answerOf(request, () => place(tx))
          await keepAnswer(tx, customerId, keyed, first)
          return first
        })
        return reply.code(answer.status as 200).send(answer.body as never)
      },
    )

    app.get(
      '/orders/:order_uuid',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'Order details',
          security: SIGNED_IN,
          params: OrderParams,
          response: answers(schemas.OrderDetails, { signedIn: true, business: { 404: '1001 order not found' } }),
        },
      },
      async (request) => {
        const order = await getOrder(db, presentedBy(request), idIn<OrderId>(request.params.order_uuid))
        return detailsToWire(order, await findPayment(db, order.id))
      },
    )

    app.route({
      method: ['PUT', 'POST'],
      url: '/orders/:order_uuid/set_canceled',
      config: { signedIn: true },
      schema: {
        tags: TAG,
        summary: 'Cancel order',
        description: 'Frees its stock at once; a paid order is refunded.',
        security: SIGNED_IN_TO_CHANGE,
        params: OrderParams,
        response: answers(schemas.Done, {
          signedIn: true,
          business: { 404: '1001 order not found', 409: '1003 wrong order status for that step' },
        }),
      },
      handler: async (request) => {
        await cancelOrder(db, gateways, presentedBy(request), idIn<OrderId>(request.params.order_uuid))
        return { status: 'OK' as const, message: 'updated' }
      },
    })
  }
}

/** The answer, or the refusal's: both are given again to the same key. */
export async function answerOf(request: FastifyRequest, work: () => Promise<unknown>): Promise<KeptAnswer> {
  try {
    return { status: 200, body: await work() }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { status, body } = replyTo(error.refusal, request)
    // Not an answer to the wish, but to its form or to the moment: the next try may do better.
    if (status === 400 || status === 403 || status === 429 || status >= 500) throw error
    return { status, body }
  }
}

const REFUND_STATES = { requested: 'pending', sent: 'pending', done: 'done', failed: 'failed' } as const

function detailsToWire(order: OrderDetails, payment: Payment | undefined) {
  return {
    ...orderToWire(order),
    products: order.lines.map(lineToWire),
    payment_status: payment ? paymentState(payment) : null,
    refunds: (payment?.refunds ?? []).map(({ amountMinor, currency, status, createdAt }) => ({
      amount: toDecimal(amountMinor),
      currency,
      status: REFUND_STATES[status],
      date: new Date(createdAt).toISOString(),
    })),
    delivery: order.delivery,
  }
}
