import { invalid, type PayuError, refundError } from '../api/payu-error.ts'
import type { RefundRequest } from '../api/refund-request.ts'
import { notifyOfRefund } from '../notifications/notification.ts'
import type { PointOfSale } from '../points-of-sale.ts'
import type { Simulation } from '../simulation.ts'
import type { Order } from './order.ts'
import { nextRefundId } from './order-id.ts'
import { type Refund, refundedMinor } from './refund.ts'

/** Without an id of the shop's, two refunds of an order within this time are taken for one by mistake. */
const TOO_OFTEN_MS = 1000

/**
 * Takes a refund in; the money moves later. The same `extRefundId` with the same data is the refund that was made.
 *
 * @throws PayuError
 */
export function requestRefund(simulation: Simulation, order: Order, request: RefundRequest): Refund {
  const { clock, ledger, faults } = simulation
  const { extRefundId, amountMinor: askedMinor, description } = request
  const earlier = extRefundId && order.refunds.find((refund) => refund.extRefundId === extRefundId)
  if (earlier) {
    if (earlier.askedMinor === askedMinor && earlier.description === description) return earlier
    throw refundError('REFUND_IDEMPOTENCY_MISMATCH', 'The extRefundId was used for another refund')
  }
  const refused = faults.takeForRefund('refuse-refund')
  if (refused) throw refundError(refused.literal, 'Refused on demand')
  const amountMinor = decideAmount(simulation, order, request)
  const failure = faults.takeForRefund('fail-refund')?.failure
  const now = clock.now()
  const refund: Refund = {
    refundId: nextRefundId((id) => order.refunds.some(({ refundId }) => refundId === id)),
    ...(extRefundId !== undefined && { extRefundId }),
    amountMinor,
    ...(askedMinor !== undefined && { askedMinor }),
    currencyCode: order.request.currencyCode,
    description,
    createdAt: now,
    status: 'PENDING',
    statusAt: now,
    decidedAt: clock.after(simulation.refundSeconds),
    ...(failure && { failure }),
  }
  order.refunds.push(refund)
  ledger.save(order)
  simulation.say(`refund ${refund.refundId} of ${amountMinor} is PENDING`, order.orderId)
  return refund
}

/** The bank has paid the buyer back, or has not; the shop is told. */
export function decideRefund(simulation: Simulation, order: Order, refund: Refund): void {
  refund.status = refund.failure ? 'CANCELED' : 'FINALIZED'
  refund.statusAt = simulation.clock.now()
  notifyOfRefund(simulation, order, refund)
  simulation.ledger.save(order)
  simulation.say(`refund ${refund.refundId} is ${refund.status}`, order.orderId)
}

function decideAmount(simulation: Simulation, order: Order, request: RefundRequest): number {
  const pos = simulation.pointOfSale(order.posId)
  if (!pos.refundsEnabled) throw refundError('REFUND_DISABLED', 'Refunds are switched off for this point of sale')
  if (order.status !== 'COMPLETED') throw refundError('TRANS_NOT_ENDED', `The order is ${order.status}`)
  const { currencyCode } = order.request
  if (request.currencyCode !== undefined && request.currencyCode !== currencyCode) {
    throw invalid('refund.currencyCode', `the order is in ${currencyCode}`)
  }
  const leftMinor = order.capturedMinor - refundedMinor(order.refunds)
  const amountMinor = request.amountMinor ?? leftMinor
  if (leftMinor === 0) throw refundError('PAID', 'The order has been refunded')
  if (amountMinor < 1) throw refundError('AMOUNT_TO_SMALL', 'Refund amount too small')
  if (amountMinor > leftMinor) throw refundError('AMOUNT_TO_BIG', `At most ${leftMinor} can be refunded`)
  const reason = tooOften(simulation, order, request) ?? noBalance(simulation, pos, amountMinor)
  if (reason) throw reason
  return amountMinor
}

function tooOften({ clock }: Simulation, order: Order, request: RefundRequest): PayuError | undefined {
  const last = order.refunds.at(-1)
  if (request.extRefundId !== undefined || !last || clock.now() - last.createdAt >= TOO_OFTEN_MS) return undefined
  return refundError('REFUND_TO_OFTEN', 'More than one refund a second needs extRefundId')
}

function noBalance(simulation: Simulation, pos: PointOfSale, amountMinor: number): PayuError | undefined {
  const balance = availableMinor(simulation, pos)
  if (pos.openingBalanceMinor === undefined || amountMinor <= balance) return undefined
  return refundError('NO_BALANCE', 'Balance too low')
}

/** What the shop has at PayU: what it began with and has captured, less what went back. */
export function availableMinor({ ledger }: Simulation, { posId, openingBalanceMinor = 0 }: PointOfSale): number {
  let sum = openingBalanceMinor
  for (const order of ledger.all()) {
    if (order.posId === posId) sum += order.capturedMinor - refundedMinor(order.refunds)
  }
  return sum
}
