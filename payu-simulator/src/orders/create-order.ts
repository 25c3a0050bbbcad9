import { randomBytes } from 'node:crypto'
import { invalid, invalidAs, orderNotUnique } from '../api/payu-error.ts'
import type { PointOfSale } from '../points-of-sale.ts'
import type { Simulation } from '../simulation.ts'
import { beginPayment } from './change-order.ts'
import { decideBlik, isBlikCode, readCardToken } from './means.ts'
import { type Order, type OrderRequest, type RequestedMeans, totalMinor } from './order.ts'
import { newOrderId } from './order-id.ts'
import { offeredMethods } from './pay-methods.ts'

/** What the shop is told to do next. */
export type Next = 'redirect' | 'redirect-3ds' | 'redirect-cvv' | 'wait'

/** @throws PayuError */
export function createOrder(
  simulation: Simulation,
  pos: PointOfSale,
  request: OrderRequest,
): { order: Order; next: Next } {
  const { clock, ledger } = simulation
  if (request.currencyCode !== pos.currency) throw invalid('currencyCode', `this point of sale takes ${pos.currency}`)
  const { extOrderId, means } = request
  const existing = extOrderId === undefined ? undefined : ledger.findByExtOrderId(pos.posId, extOrderId)
  if (existing) throw orderNotUnique({ orderId: existing.orderId, extOrderId: extOrderId ?? '' })
  if (means) checkMeans(simulation, pos, request, means)
  const now = clock.now()
  const order: Order = {
    orderId: newOrderId(now),
    posId: pos.posId,
    payToken: randomBytes(24).toString('base64url'),
    createdAt: now,
    request,
    status: 'NEW',
    capturedMinor: 0,
    deadline: now + Number(request.validityTime) * 1000,
    transactions: [],
    refunds: [],
    notifications: [],
  }
  simulation.say(`order created: ${request.totalAmount} ${request.currencyCode}`, order.orderId)
  const next = means ? begin(simulation, order, means) : 'redirect'
  ledger.save(order)
  return { order, next }
}

function checkMeans(simulation: Simulation, pos: PointOfSale, request: OrderRequest, means: RequestedMeans): void {
  if (means.kind === 'card-token') {
    const { token } = means
    if (!readCardToken(token) || simulation.ledger.isDeadToken(pos.posId, token)) {
      throw invalidAs('INVALID_TOKEN', 'There is no such card token, or it was used or deleted', '8342')
    }
    return
  }
  const method = means.kind === 'blik-code' ? 'blik' : means.method
  const isBlikKind =
    method !== 'blik' || pos.blik === 'both' || pos.blik === (means.kind === 'page' ? 'redirect' : 'code')
  const isOffered = offeredMethods(pos, Number(request.totalAmount)).some(({ value }) => value === method)
  if (!isOffered || !isBlikKind) {
    throw invalidAs(
      'OPENPAYU_PAYMENT_CREATE_BLOCKED_CHECKOUT_PAY_METHOD',
      `Pay method ${method} is switched off for this point of sale, or not for this amount`,
    )
  }
  if (means.kind === 'blik-code' && !isBlikCode(means.code)) {
    throw invalidAs('INVALID_BLIK_CODE', 'A BLIK code is 6 digits')
  }
}

/** Begins what needs no page; how it ends is known after a while. */
function begin(simulation: Simulation, order: Order, means: RequestedMeans): Next {
  if (means.kind === 'page') return 'redirect'
  const decideLater = (resultCode: string) => {
    order.decision = { at: simulation.clock.after(simulation.decisionSeconds), resultCode }
  }
  if (means.kind === 'blik-code') {
    beginPayment(simulation, order, { method: 'blik' })
    decideLater(decideBlik(means.code))
    return 'wait'
  }
  if (means.kind === 'wallet') {
    beginPayment(simulation, order, { method: means.method })
    decideLater('000')
    return 'wait'
  }
  const token = readCardToken(means.token)
  if (!token) throw new Error('the token was checked')
  if (!token.isMultiUse) simulation.ledger.killToken(order.posId, means.token)
  const { card } = token
  beginPayment(simulation, order, { method: 'c', type: 'CARD_TOKEN', cardNumber: card.number })
  if (token.needsCvv) return 'redirect-cvv'
  if (card.challenge) return 'redirect-3ds'
  decideLater(card.decide(totalMinor(order), simulation.random))
  return 'wait'
}
