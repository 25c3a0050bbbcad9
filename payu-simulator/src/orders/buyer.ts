import type { Simulation } from '../simulation.ts'
import { approve, beginPayment, cancelOrder, refuseAttempt } from './change-order.ts'
import { decideBlik, findTestCard, type TestCard } from './means.ts'
import { type Order, totalMinor } from './order.ts'

/**
 * What a buyer does. `pay` succeeds and `fail` does not, whatever the means; after `fail` the order is PENDING and can be
 * tried again, after `decline` it is CANCELED. `abandon` goes back to the shop and leaves the order as it is.
 */
export const BUYER_ACTIONS = ['pay', 'fail', 'decline', 'abandon'] as const
export type BuyerAction = (typeof BUYER_ACTIONS)[number]

/** What a buyer pays with on the page. */
export interface PageMeans {
  readonly method: string
  readonly cardNumber?: string
  readonly blikCode?: string
}

/** Whether the buyer can still do something about it. */
export const canPay = ({ status }: Order): boolean => status === 'NEW' || status === 'PENDING'

/** @returns how it went: the bank may have to ask the buyer first */
export function payOnPage(
  simulation: Simulation,
  order: Order,
  means: PageMeans,
): 'approved' | 'refused' | 'challenge' {
  const { method, cardNumber, blikCode } = means
  const card = cardNumber === undefined ? undefined : findTestCard(cardNumber)
  beginPayment(simulation, order, { method, ...(cardNumber !== undefined && { cardNumber }) })
  if (card?.challenge) return 'challenge'
  if (card) return decideCard(simulation, order, card)
  return end(simulation, order, blikCode === undefined ? '000' : decideBlik(blikCode))
}

/** The card's bank answers without asking the buyer. */
export function decideCard(simulation: Simulation, order: Order, card: TestCard): 'approved' | 'refused' {
  return end(simulation, order, card.decide(totalMinor(order), simulation.random))
}

/** The buyer has answered the bank's question. */
export function answerChallenge(simulation: Simulation, order: Order, isConfirmed: boolean): 'approved' | 'refused' {
  return end(simulation, order, isConfirmed ? '000' : '114')
}

/** @throws RangeError when the order cannot be paid any more; `abandon` is always possible */
export function actAsBuyer(simulation: Simulation, order: Order, action: BuyerAction): void {
  if (action === 'abandon') return
  if (!canPay(order)) throw new RangeError(`order ${order.orderId} is ${order.status}: there is nothing to ${action}`)
  if (action === 'decline') {
    cancelOrder(simulation, order, isBegun(order) ? 'S05' : undefined)
    return
  }
  if (!isBegun(order)) beginPayment(simulation, order, { method: methodOf(order) })
  if (action === 'pay') approve(simulation, order)
  else refuseAttempt(simulation, order, 'S05')
}

/** Where the buyer's browser goes afterwards: `error=501` unless the payment was authorised. Undefined: nowhere. */
export function returnUrl(order: Order): string | undefined {
  const { continueUrl } = order.request
  const isAuthorised = order.status === 'COMPLETED' || order.status === 'WAITING_FOR_CONFIRMATION'
  if (continueUrl === undefined || isAuthorised) return continueUrl
  const [, address = '', fragment = ''] = /^([^#]*)(#.*)?$/s.exec(continueUrl) ?? []
  return `${address}${address.includes('?') ? '&' : '?'}error=501${fragment}`
}

function end(simulation: Simulation, order: Order, resultCode: string): 'approved' | 'refused' {
  if (resultCode === '000') approve(simulation, order)
  else refuseAttempt(simulation, order, resultCode)
  return resultCode === '000' ? 'approved' : 'refused'
}

const isBegun = (order: Order): boolean => {
  const last = order.transactions.at(-1)
  return last !== undefined && last.resultCode === undefined
}

const methodOf = ({ request: { means } }: Order): string => (means && 'method' in means ? means.method : 't')
