import { newId, type PaymentAttemptId, type RefundId } from '../kernel/ids.ts'
import type { Database, Tx } from '../store/database.ts'
import { holdingOrder } from './holding-order.ts'
import { type PaymentAttempt, restOf } from './payment.ts'
import { findAttempt } from './payments.sql.ts'
import { decideRefundNews, type Refund, type RefundNews, type RefundOutcome } from './refund.ts'
import * as sql from './refunds.sql.ts'

/**
 * The one way news about refunds comes in: notifications, and a gateway's answers when it is asked. One that we did not
 * make, made in the gateway's own panel, is written down with the others.
 *
 * @returns what was made of it; undefined when it is of no attempt of that gateway
 */
export async function recordRefundNews(db: Database, news: RefundNews): Promise<RefundOutcome | undefined> {
  const attemptId = news.attemptId ?? (news.refundId && (await sql.findRefund(db, news.refundId))?.attemptId)
  const found = attemptId && (await findAttempt(db, attemptId))
  if (found?.gateway !== news.gateway) return undefined

  return holdingOrder(db, found.orderId, async (tx) => {
    const attempt = (await findAttempt(tx, found.id)) as PaymentAttempt
    const refund = await findToldRefund(tx, attempt.id, news)
    if (!refund) return writeDown(tx, attempt, news)

    const outcome = decideRefundNews(refund, news)
    const { reference, problem = null } = news
    switch (outcome) {
      case 'refund-sent':
        await sql.setRefundSent(tx, refund.id, reference)
        break
      case 'refund-done':
        if (refund.status === 'failed' && refund.amountMinor > restOf(attempt)) return 'needs-a-person'
        await sql.setRefundEnded(tx, refund.id, 'done', reference, null)
        break
      case 'refund-failed':
        await sql.setRefundEnded(tx, refund.id, 'failed', reference, problem)
        break
      default:
    }
    return outcome
  })
}

async function findToldRefund(tx: Tx, attemptId: PaymentAttemptId, news: RefundNews): Promise<Refund | undefined> {
  const refund = news.refundId && (await sql.findRefund(tx, news.refundId))
  if (refund?.attemptId === attemptId) return refund
  return sql.findRefundByReference(tx, attemptId, news.reference)
}

/** More than we know to have come is for a person: something of that payment never reached us. */
async function writeDown(tx: Tx, attempt: PaymentAttempt, news: RefundNews): Promise<RefundOutcome> {
  const { told, amountMinor, currency, reference } = news
  if (told === 'failed') return 'known'
  if (currency !== attempt.currency || amountMinor > restOf(attempt)) return 'needs-a-person'
  await sql.insertRefundMadeAtGateway(tx, newId<RefundId>(), attempt.id, amountMinor, told, reference)
  return told === 'sent' ? 'refund-sent' : 'refund-done'
}
