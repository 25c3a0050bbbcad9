import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { getCaller } from '../../identity/index.ts'
import type { OrderId } from '../../kernel/ids.ts'
import { toDecimal } from '../../kernel/money.ts'
import type { PaymentMethod } from '../../orders/index.ts'
import {
  choosePayment,
  confirmPayment,
  listOffers,
  type PaymentAttempt,
  paymentState,
  type TransferAccount,
  transferCode,
} from '../../payments/index.ts'
import { presentedBy } from '../http/front-door.ts'
import { findAnswer, keepAnswer, keyedRequest } from '../http/idempotency.ts'
import { idIn } from '../http/ids.ts'
import { answers, SIGNED_IN_TO_CHANGE } from './answers.ts'
import type { ShopContext } from './context.ts'
import { answerOf, IdempotencyHeaders, OrderParams } from './orders.routes.ts'
import { wrapAll } from './paging.ts'
import * as schemas from './schemas.ts'

const TAG = ['Payment']

const METHODS: Readonly<Record<PaymentMethod, { name: string; description: string }>> = {
  card: { name: 'Card', description: 'Pay by card on the page you are sent to.' },
  transfer: { name: 'Bank transfer', description: 'Send a transfer with the title you are given.' },
  payu: { name: 'PayU', description: 'Choose how to pay on the page of PayU.' },
}

/** Steps 4 and 5: how an order is paid. */
export function paymentRoutes(context: ShopContext): FastifyPluginAsyncTypebox {
  const { db, gateways, hold, transferAccount, signIn } = context

  /** Choosing and confirming are idempotent by themselves; a key adds that the answer stays the first one. */
  async function once(request: FastifyRequest, reply: FastifyReply, work: () => Promise<PaymentAttempt>) {
    const answer = async () => paymentToWire(await work(), transferAccount)
    const keyed = keyedRequest(request)
    if (!keyed) return answer()
    const { customerId } = await getCaller(db, presentedBy(request))
    const kept = await findAnswer(db, customerId, keyed)
    if (kept) return reply.code(kept.status).send(kept.body)
    const first = await answerOf(request, answer)
    await keepAnswer(db, customerId, keyed, first)
    return reply.code(first.status).send(first.body)
  }

  return async (app) => {
    app.get(
      '/payment-methods',
      {
        schema: {
          tags: TAG,
          summary: 'What the shop takes at present',
          response: answers(schemas.page(schemas.PaymentMethod)),
        },
      },
      async () => {
        const items = await listOffers(gateways)
        const toWire = ({ method, takesBlikCode = false }: (typeof items)[number]) => ({
          method,
          ...METHODS[method],
          takes_blik_code: takesBlikCode,
        })
        return wrapAll(items, toWire)
      },
    )

    app.route({
      method: ['PUT', 'POST'],
      url: '/orders/:order_uuid/payment',
      config: { signedIn: true },
      schema: {
        tags: TAG,
        summary: 'Select payment method',
        description:
          'Send the buyer to `redirect_uri`, or show what `transfer` says. May be changed until the order is paid. Where the method takes it, `blik_code` is the code from the buyer’s bank: there is no page then, ask `confirm` until the payment is decided.',
        security: SIGNED_IN_TO_CHANGE,
        params: OrderParams,
        headers: IdempotencyHeaders,
        body: schemas.PaymentBody,
        response: answers(schemas.Payment, {
          validates: true,
          signedIn: true,
          business: {
            404: '1001 order not found',
            409: '1003 wrong order status for that step, 1008 payment refused by gateway',
            422: '1005 Idempotency-Key was used with another request',
            503: '1007 payment gateway not available',
          },
        }),
      },
      handler: async (request, reply) => {
        const id = idIn<OrderId>(request.params.order_uuid)
        const { method, blik_code: blikCode } = request.body
        const wish = { method, blikCode, address: request.ip }
        return once(request, reply, () =>
          choosePayment(db, { gateways, hold, throttle: signIn.throttle }, presentedBy(request), id, wish),
        )
      },
    })

    app.post(
      '/orders/:order_uuid/payment/confirm',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'Confirm payment',
          description:
            'Asks the gateway and answers how the payment stands now. Of a transfer it is noted that it was sent.',
          security: SIGNED_IN_TO_CHANGE,
          params: OrderParams,
          headers: IdempotencyHeaders,
          response: answers(schemas.Payment, {
            signedIn: true,
            business: {
              404: '1001 order not found',
              409: '1006 payment method not chosen',
              422: '1005 Idempotency-Key was used with another request',
              503: '1007 payment gateway not available',
            },
          }),
        },
      },
      async (request, reply) => {
        const id = idIn<OrderId>(request.params.order_uuid)
        return once(request, reply, () => confirmPayment(db, gateways, presentedBy(request), id))
      },
    )
  }
}

function paymentToWire(attempt: PaymentAttempt, account: TransferAccount | undefined) {
  const status = paymentState(attempt)
  return {
    order_uuid: attempt.orderId,
    method: attempt.method,
    status,
    ...(status === 'pending' && attempt.redirectUri && { redirect_uri: attempt.redirectUri }),
    ...(account && attempt.transferTitle && { transfer: transferToWire(attempt, attempt.transferTitle, account) }),
  }
}

function transferToWire({ amountMinor, currency }: PaymentAttempt, title: string, account: TransferAccount) {
  const code = transferCode({ account, amountMinor, currency, title })
  return {
    iban: account.iban,
    ...(account.bic && { bic: account.bic }),
    recipient: account.name,
    title,
    amount: toDecimal(amountMinor),
    currency,
    ...(code && {
      qr_format: code.format,
      qr_image: `data:image/svg+xml;base64,${Buffer.from(code.svg).toString('base64')}`,
    }),
  }
}
