import type { OrderId, RefundId } from '../kernel/ids.ts'
import type { Database } from '../store/database.ts'
import { type Gateways, gatewayNamed, namesOf, type PaymentGateway, type RefundAnswer } from './gateway.ts'
import { holdingOrder } from './holding-order.ts'
import { findAttempt } from './payments.sql.ts'
import { recordRefundNews } from './record-refund-news.ts'
import type { Refund } from './refund.ts'
import * as sql from './refunds.sql.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
/** After how many seconds a refund is tried or asked about again, try by try; from then on always the last. */
const LADDER = [30, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR]
/** Sent at once; the gateway's client has connections for as many. */
const AT_ONCE = 10
const BATCHES_MAX = 20

/**
 * Sends the refunds that gateways can send, and asks about those under way; those of transfers wait for a person. A
 * refund that fails keeps nobody else's waiting; one that was sent twice is one at the gateway, which knows it by its id.
 *
 * @param signal whoever stops leaves the rest of a backlog to the next run
 */
export async function sendRefunds(
  db: Database,
  gateways: Gateways,
  onFailure: (refundId: RefundId, error: unknown) => void,
  signal?: AbortSignal,
): Promise<{ refunds: number }> {
  const names = namesOf(gateways)
  let refunds = 0
  // A full batch is a backlog: it is not left to the next run. Each is moved on as it is taken, so this ends.
  for (let batch = 0; batch < BATCHES_MAX; batch++) {
    const due = await sql.takeRefundsToSend(db, names, LADDER, AT_ONCE)
    await Promise.all(due.map((refund) => goOn(db, gateways, refund).catch((error) => onFailure(refund.id, error))))
    refunds += due.length
    if (due.length < AT_ONCE || signal?.aborted) break
  }
  return { refunds }
}

async function goOn(db: Database, gateways: Gateways, refund: Refund & { orderId: OrderId }): Promise<void> {
  const attempt = await findAttempt(db, refund.attemptId)
  const gateway: PaymentGateway | undefined = attempt && gatewayNamed(gateways, attempt.gateway)
  if (!attempt || !gateway) return
  if (refund.status === 'sent') {
    const news = await gateway.retrieveRefund(refund, attempt)
    if (news) await recordRefundNews(db, news)
    return
  }
  await writeDown(db, refund, await gateway.refund(refund, attempt))
}

/** A notification may have been quicker than this answer. */
async function writeDown(db: Database, refund: Refund & { orderId: OrderId }, answer: RefundAnswer): Promise<void> {
  await holdingOrder(db, refund.orderId, async (tx) => {
    if ((await sql.findRefund(tx, refund.id))?.status !== 'requested') return
    switch (answer.told) {
      case 'sent':
        return sql.setRefundSent(tx, refund.id, answer.reference ?? null)
      case 'done':
        return sql.setRefundEnded(tx, refund.id, 'done', answer.reference ?? null, null)
      case 'failed':
        return sql.setRefundEnded(tx, refund.id, 'failed', null, answer.problem)
      case 'by-hand':
        return sql.leaveRefundToPerson(tx, refund.id)
    }
  })
}
