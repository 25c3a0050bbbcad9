import type { FastifyInstance } from 'fastify'
import { captureOrder } from '../orders/change-order.ts'
import { type Order, totalMinor } from '../orders/order.ts'
import type { Simulation } from '../simulation.ts'
import { isEmptyBody } from './bodies.ts'
import { Fields, readJsonObject } from './fields.ts'
import type { Door } from './index.ts'
import { forbiddenMove, invalid, missing } from './payu-error.ts'

type OrderRoute = { Params: { orderId: string } }
const UPDATED = { status: { statusCode: 'SUCCESS', statusDesc: 'Status was updated' } }

/** Taking the money that a buyer has authorised. */
export function captureRoutes(app: FastifyInstance, simulation: Simulation, door: Door): void {
  app.post<OrderRoute>('/orders/:orderId/captures', { config: { call: 'capture' } }, async (request) => {
    const order = door.getOrder(request, request.params.orderId)
    const fields = new Fields(isEmptyBody(request) ? {} : readJsonObject(request.body))
    const amountMinor = readAmount(fields, order)
    mustBeWaiting(order)
    if (amountMinor < totalMinor(order) && !isPartialAllowed(simulation, order)) {
      throw invalid('amount', 'only a pre-authorised card payment can be captured in part, if the POS has that option')
    }
    captureOrder(simulation, order, amountMinor)
    return UPDATED
  })

  app.put<OrderRoute>('/orders/:orderId/status', { config: { call: 'capture' } }, async (request) => {
    const order = door.getOrder(request, request.params.orderId)
    const fields = new Fields(readJsonObject(request.body))
    const orderId = fields.findText('orderId', 255)
    if (orderId !== undefined && orderId !== order.orderId) throw invalid('orderId', 'another than in the path')
    if (!fields.findOneOf('orderStatus', ['COMPLETED'])) throw missing('orderStatus')
    mustBeWaiting(order)
    captureOrder(simulation, order, totalMinor(order))
    return UPDATED
  })
}

function readAmount(fields: Fields, order: Order): number {
  const amount = fields.findWhole('amount', { min: 1 })
  const currency = fields.findText('currencyCode', 3)
  if (currency !== undefined && currency !== order.request.currencyCode) {
    throw invalid('currencyCode', `the order is in ${order.request.currencyCode}`)
  }
  if (amount === undefined) return totalMinor(order)
  if (Number(amount) > totalMinor(order)) throw invalid('amount', 'more than the order')
  return Number(amount)
}

function mustBeWaiting({ status }: Order): void {
  if (status !== 'WAITING_FOR_CONFIRMATION') throw forbiddenMove(`The order is ${status}: there is nothing to capture`)
}

function isPartialAllowed(simulation: Simulation, order: Order): boolean {
  const isCard = order.transactions.at(-1)?.method === 'c'
  return isCard && order.request.preAuthorization && simulation.pointOfSale(order.posId).partialCapture
}
