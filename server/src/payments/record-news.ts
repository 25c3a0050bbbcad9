import { newId, type PaymentAttemptId, type RefundId } from '../kernel/ids.ts'
import { lockOrder, markPaid } from '../orders/index.ts'
import type { Database, Tx } from '../store/database.ts'
import { decideNews, type NewsOutcome, type PaymentAttempt, type PaymentNews } from './payment.ts'
import * as sql from './payments.sql.ts'

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

  return db.transaction(async (tx) => {
    const order = await lockOrder(tx, found.orderId)
    // Under the order's lock nobody else captures or refunds.
    const attempt = (await sql.findAttempt(tx, news.attemptId)) as PaymentAttempt
    const outcome = decideNews(attempt, order.status, news)
    const isNew = await sql.insertEvent(tx, news.gateway, news.attemptId, news.event, news, outcome)
    if (!isNew) return 'known'

    switch (outcome) {
      case 'order-paid':
        await sql.setCaptured(tx, attempt.id)
        await sql.closeLiveAttempts(tx, order.id, 'canceled')
        await markPaid(tx, order)
        break
      case 'refund-late':
        await sql.setCaptured(tx, attempt.id)
        await refundRest(tx, attempt.id, 'late-money')
        break
      case 'refund-twice':
        await sql.setCaptured(tx, attempt.id)
        await refundRest(tx, attempt.id, 'paid-twice')
        break
      case 'closed':
        await sql.setAttemptStatus(tx, attempt.id, news.told === 'declined' ? 'declined' : 'canceled')
        break
      case 'needs-a-person':
      case 'known':
        break
    }
    return outcome
  })
}

/** Writes down that all of the attempt's money has to go back; it is sent after the commit. */
export async function refundRest(tx: Tx, attemptId: PaymentAttemptId, reason: sql.RefundReason): Promise<void> {
  await sql.insertRefundOfRest(tx, newId<RefundId>(), attemptId, reason)
}
