import type { FastifyInstance, FastifyReply } from 'fastify'
import { cancelOrder } from '../orders/change-order.ts'
import { createOrder, type Next } from '../orders/create-order.ts'
import { maskCard, readCardToken } from '../orders/means.ts'
import { mayMove, type Order } from '../orders/order.ts'
import { payPageUrl } from '../pay-page/urls.ts'
import type { Simulation } from '../simulation.ts'
import { withOrWithoutSlash } from '../slashes.ts'
import { readJsonObject } from './fields.ts'
import type { Door } from './index.ts'
import { readOrderRequest } from './order-request.ts'
import { forbiddenMove, otherPos } from './payu-error.ts'
import { retrievedOrder, transactionsOf } from './shapes.ts'

type OrderRoute = { Params: { orderId: string } }

export function orderRoutes(app: FastifyInstance, simulation: Simulation, door: Door): void {
  for (const path of withOrWithoutSlash(app, '/orders')) {
    app.post(path, { config: { call: 'create' } }, async (request, reply) => {
      const wanted = readOrderRequest(readJsonObject(request.body))
      const pos = door.posOf(request)
      if (wanted.merchantPosId !== pos.posId) throw otherPos()
      const { order, next } = createOrder(simulation, pos, wanted)
      return answerCreated(reply, simulation, order, next)
    })
  }

  app.get<OrderRoute>('/orders/:orderId', { config: { call: 'retrieve' } }, async (request) =>
    retrievedOrder(door.getOrder(request, request.params.orderId)),
  )

  app.get<OrderRoute>('/orders/:orderId/transactions', { config: { call: 'transactions' } }, async (request) =>
    transactionsOf(door.getOrder(request, request.params.orderId)),
  )

  app.delete<OrderRoute>('/orders/:orderId', { config: { call: 'cancel' } }, async (request) => {
    const order = door.getOrder(request, request.params.orderId)
    if (!mayMove(order.status, 'CANCELED')) throw forbiddenMove(`The order is ${order.status}: it cannot be canceled`)
    cancelOrder(simulation, order)
    const status = { statusCode: 'SUCCESS', statusDesc: 'Order was canceled' }
    return { status, ...idsOf(order) }
  })
}

const WARNINGS: Readonly<Record<Next, string>> = {
  redirect: 'SUCCESS',
  wait: 'SUCCESS',
  'redirect-3ds': 'WARNING_CONTINUE_3DS',
  'redirect-cvv': 'WARNING_CONTINUE_CVV',
}

/** 302 with a body, for those whom the buyer's browser has to follow; 201 when there is nothing to see. */
function answerCreated(reply: FastifyReply, simulation: Simulation, order: Order, next: Next): FastifyReply {
  const statusCode = WARNINGS[next]
  const body = { status: { statusCode }, ...idsOf(order) }
  if (next === 'wait') return reply.code(201).send({ ...body, ...payMethodsOf(order) })
  const redirectUri = payPageUrl(simulation, order, next === 'redirect' ? undefined : next)
  const threeDs = next === 'redirect-3ds' && { iframeAllowed: true, threeDsProtocolVersion: '3DS2' }
  return reply
    .code(302)
    .header('location', redirectUri)
    .send({ ...body, redirectUri, ...threeDs })
}

const idsOf = ({ orderId, request: { extOrderId } }: Order) => ({
  orderId,
  ...(extOrderId !== undefined && { extOrderId }),
})

/** The card behind a token: a single-use token becomes one that can be stored. */
function payMethodsOf({ request: { means } }: Order) {
  if (means?.kind !== 'card-token') return {}
  const number = readCardToken(means.token)?.card.number ?? ''
  const value = means.token.startsWith('TOKC_') ? means.token : `TOKC_${number}`
  const card = { number: maskCard(number), expirationMonth: '12', expirationYear: '2029' }
  return { payMethods: { payMethod: { type: 'CARD_TOKEN', value, card } } }
}
