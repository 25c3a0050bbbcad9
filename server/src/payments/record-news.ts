import { newId, type PaymentAttemptId, type RefundId } from '../kernel/ids.ts'
import { type LockedOrder, markPaid } from '../orders/index.ts'
import type { Database, Tx } from '../store/database.ts'
import { holdingOrder } from './holding-order.ts'
import { decideNews, type NewsOutcome, type PaymentAttempt, type PaymentNews } from './payment.ts'
import * as sql from './payments.sql.ts'
import type { RefundReason } from './refund.ts'
import { insertRefundOfRest } from './refunds.sql.ts'

/**
 * The one way news about money comes in, from whomever: notifications, a gateway's answers, bank statements, staff.
 * The same event told again changes nothing, in whatever order and from however many servers at once it is told.
 *
 * @returns what was made of it, or `known`; undefined when there is no such attempt of that gateway
 * @see docs/adr/0006
 */
export async function recordNews(db: Database, news: PaymentNews): Promise<NewsOutcome | undefined> {
  const found = await sql.findAttempt(db, news.attemptId)
  if (found?.gateway !== news.gateway) return undefined
  return holdingOrder(db, found.orderId, (tx, order) => recordNewsOf(tx, order, news))
}

/**
 * {@link recordNews} within a transaction of the caller's, who has more to write down with it.
 *
 * @param order locked: nobody else captures or refunds meanwhile; `news` is of an attempt of this order
 */
export async function recordNewsOf(tx: Tx, order: LockedOrder, news: PaymentNews): Promise<NewsOutcome> {
  const attempt = (await sql.findAttempt(tx, news.attemptId)) as PaymentAttempt
  const outcome = decideNews(attempt, order.status, news)
  const isNew = await sql.insertEvent(tx, news.gateway, attempt.id, news.event, news, outcome)
  if (!isNew) return 'known'

  if (news.reference !== undefined && outcome !== 'needs-a-person') {
    await sql.setReference(tx, attempt.id, news.reference)
  }
  switch (outcome) {
    case 'order-paid':
      await takeAsPayment(tx, order, attempt, news.amountMinor)
      break
    case 'authorized':
      await sql.setAuthorized(tx, attempt.id)
      break
    case 'refund-late':
      await sql.setCaptured(tx, attempt.id, 'surplus', news.amountMinor)
      await refundRest(tx, attempt.id, 'late-money')
      break
    case 'refund-twice':
      await sql.setCaptured(tx, attempt.id, 'surplus', news.amountMinor)
      await refundRest(tx, attempt.id, 'paid-twice')
      break
    case 'held':
      await sql.setCaptured(tx, attempt.id, 'held', news.amountMinor)
      break
    case 'release':
      await sql.lookNow(tx, attempt.id)
      break
    case 'closed':
      await sql.setClosed(tx, attempt.id, news.told === 'declined' ? 'declined' : 'canceled')
      break
    case 'known':
      if (news.told === 'declined' || news.told === 'canceled') await sql.setSettled(tx, attempt.id)
      break
    case 'needs-a-person':
      break
  }
  return outcome
}

/** This money pays the order; whatever else waits for the payer is given up. */
export async function takeAsPayment(
  tx: Tx,
  order: LockedOrder,
  attempt: PaymentAttempt,
  amountMinor: number,
): Promise<void> {
  await sql.setCaptured(tx, attempt.id, 'paid', amountMinor)
  await sql.closeLiveAttempts(tx, order.id, 'canceled')
  await markPaid(tx, order)
}

/** Writes down that all of the attempt's money has to go back; it is sent after the commit. */
export async function refundRest(tx: Tx, attemptId: PaymentAttemptId, reason: RefundReason): Promise<void> {
  await insertRefundOfRest(tx, newId<RefundId>(), attemptId, reason)
}
