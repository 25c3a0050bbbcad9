import { newId, type RefundId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Database, Db, Tx } from '../store/database.ts'
import { holdingOrder } from './holding-order.ts'
import { restOf } from './payment.ts'
import { findAttempt } from './payments.sql.ts'
import type { Refund } from './refund.ts'
import * as sql from './refunds.sql.ts'
import type { StaffRefusal } from './refusals.ts'

/**
 * Staff have sent a refund by hand: one of a transfer, or one that its gateway would not send. May be repeated.
 *
 * @throws payments.refund-not-found, payments.refund-not-by-hand, payments.refund-above-captured: looked for in this order
 */
export async function confirmRefund(db: Database, refundId: RefundId): Promise<sql.RefundOfOrder> {
  return holdingOrderOf(db, refundId, async (tx, refund) => {
    if (refund.status === 'done') return refund
    const isByHand = refund.method === 'transfer' || refund.status === 'failed'
    if (!isByHand) throw refused({ code: 'payments.refund-not-by-hand', gateway: refund.gateway })
    if (refund.status === 'failed') await refuseAboveRest(tx, refund)
    await sql.setRefundEnded(tx, refundId, 'done', null, refund.problem)
    return getRefund(tx, refundId)
  })
}

/**
 * Sends the money of a failed refund again, as a refund of its own: the gateway knows the failed one by its id.
 *
 * @throws payments.refund-not-found, payments.refund-not-failed, payments.refund-above-captured: looked for in this order
 */
export async function refundAgain(db: Database, refundId: RefundId): Promise<sql.RefundOfOrder> {
  return holdingOrderOf(db, refundId, async (tx, refund) => {
    if (refund.status !== 'failed' || refund.retriedAs) throw refused({ code: 'payments.refund-not-failed' })
    await refuseAboveRest(tx, refund)
    const againId = newId<RefundId>()
    await sql.insertRefundAgain(tx, refundId, againId)
    return getRefund(tx, againId)
  })
}

async function holdingOrderOf<T>(
  db: Database,
  refundId: RefundId,
  work: (tx: Tx, refund: sql.RefundOfOrder) => Promise<T>,
): Promise<T> {
  const { orderId } = await getRefund(db, refundId)
  return holdingOrder(db, orderId, async (tx) => work(tx, await getRefund(tx, refundId)))
}

async function getRefund(db: Db, refundId: RefundId): Promise<sql.RefundOfOrder> {
  const refund = await sql.findRefund(db, refundId)
  if (!refund) throw refused({ code: 'payments.refund-not-found' })
  return refund
}

/** A failed refund counts as not refunded: its money may have gone another way since. */
async function refuseAboveRest(tx: Tx, { attemptId, amountMinor, currency }: Refund): Promise<void> {
  const attempt = await findAttempt(tx, attemptId)
  const restMinor = attempt ? restOf(attempt) : 0
  if (amountMinor <= restMinor) return
  throw refused({ code: 'payments.refund-above-captured', restMinor, askedMinor: amountMinor, currency })
}

function refused(refusal: StaffRefusal): Refused<StaffRefusal> {
  return new Refused<StaffRefusal>(refusal)
}
