import type { Order as PayuOrder, PayuSimulator } from 'payu-simulator'
import type { OrderId, ProductId } from '../../server/src/kernel/ids.ts'
import { getPaymentStory } from '../../server/src/payments/index.ts'
import type { Db } from '../../server/src/store/database.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { PIECES, type ShopOfMoney, SUM_MINOR } from './shop-of-money.ts'

/** An order, and the product that is its alone. */
export interface Ordered {
  readonly orderId: OrderId
  readonly productId: ProductId
}

/** Ours, and PayU's. */
export interface Books {
  readonly db: Db
  readonly simulator: Pick<PayuSimulator, 'orders'>
}

/** Everything at PayU that was begun for this order, under whatever attempt. */
export async function payuOrdersOf(shop: Books, orderId: OrderId): Promise<PayuOrder[]> {
  const { attempts } = await getPaymentStory(shop.db, orderId)
  const ours = new Set<string>(attempts.map((it) => it.id))
  return shop.simulator.orders().filter((it) => ours.has(it.request.extOrderId ?? ''))
}

/**
 * What PayU's books and ours do not agree on, in words, besides the breaches of our own.
 *
 * @param note told what became of the order, its news and its refunds
 */
export async function disagreementsOf(
  shop: ShopOfMoney,
  { orderId, productId }: Ordered,
  note: (outcome: string) => void = () => {},
): Promise<string[]> {
  const breaches = (await findBreaches(shop.db)).filter((it) => it.includes(orderId) || it.includes(productId))
  const found = [...breaches, ...(await moneyDisagreementsOf(shop, orderId, SUM_MINOR, note))]
  const [stock] = await rowsOf<{ on_hand: number }>(shop.db, 'select on_hand from stock where product_id = $1', [
    productId,
  ])
  if (stock?.on_hand !== PIECES * 2) found.push(`${stock?.on_hand} pieces on hand`)
  return found
}

/**
 * What PayU's books and ours say differently about an order's money, in words, when all has come to its end.
 *
 * @param note told what became of the order, its news and its refunds
 * @param byHand refunds that staff say they have sent: of these PayU knows nothing
 */
export async function moneyDisagreementsOf(
  shop: Books,
  orderId: OrderId,
  sumMinor: number,
  note: (outcome: string) => void = () => {},
  byHand: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const { attempts, refunds, events, orderStatus } = await getPaymentStory(shop.db, orderId)
  const found: string[] = []
  const failed = (id: string) => refunds.some((it) => it.attemptId === id && it.status === 'failed' && !it.retriedAs)

  const theirs = await payuOrdersOf(shop, orderId)
  const outcomes = [
    `order ${orderStatus}`,
    ...events.map((it) => it.outcome),
    ...refunds.map((it) => `refund ${it.status}, ${it.reason}`),
  ]
  for (const outcome of new Set(outcomes)) note(outcome)
  for (const order of theirs) {
    const attempt = attempts.find((it) => it.id === order.request.extOrderId)
    const lied = events.some((it) => it.attemptId === attempt?.id && it.told === 'paid' && it.amountMinor !== sumMinor)
    if (!attempt) continue
    if (order.status === 'COMPLETED' && attempt.capturedMinor !== order.capturedMinor && !lied) {
      found.push(`PayU took ${order.capturedMinor} for ${attempt.id}, we know of ${attempt.capturedMinor}`)
    }
    if (order.status !== 'COMPLETED' && attempt.capturedMinor > 0) {
      found.push(`PayU says ${order.status} of ${attempt.id}, we believe in ${attempt.capturedMinor}`)
    }
    const back = order.refunds.filter((it) => it.status === 'FINALIZED').reduce((sum, it) => sum + it.amountMinor, 0)
    if (back > order.capturedMinor) found.push(`PayU sent back ${back} of ${order.capturedMinor}`)
    const weSay = refunds
      .filter((it) => it.attemptId === attempt.id && it.status === 'done' && !byHand.has(it.id))
      .reduce((sum, it) => sum + it.amountMinor, 0)
    if (back !== weSay && !lied) found.push(`PayU sent back ${back} of ${attempt.id}, we say ${weSay}`)
    if (order.status !== 'COMPLETED' && order.status !== 'CANCELED' && !isWaiting(orderStatus)) {
      found.push(`PayU still waits for money of ${attempt.id} (${order.status}), and the order is ${orderStatus}`)
    }
  }

  const kept = attempts.filter((it) => it.capturedMinor > it.refundedMinor && !failed(it.id))
  const paying = kept.filter((it) => it.status === 'paid')
  if (paying.length > 1) found.push(`${paying.length} payments are kept for one order`)
  for (const it of kept) {
    if (it.status === 'surplus') found.push(`surplus ${it.id} is kept`)
    if (it.status !== 'surplus' && orderStatus === 'canceled') found.push(`${it.id} is kept for a canceled order`)
  }
  const stuck = refunds.filter((it) => it.method !== 'transfer' && (it.status === 'requested' || it.status === 'sent'))
  for (const it of stuck) found.push(`refund ${it.id} is still ${it.status}`)
  return found
}

const isWaiting = (status: string) => status === 'new' || status === 'to_pay'
