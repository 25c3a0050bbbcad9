import { cancelLapsedOrders } from '../orders/index.ts'
import type { Database } from '../store/database.ts'
import { type Gateways, gatewayNamed } from './gateway.ts'
import * as sql from './payments.sql.ts'

/**
 * Cancels orders that were not paid in time, and closes their attempts. Nothing waits for it to run on time: a deadline
 * is looked at by whoever needs the stock or the order.
 */
export async function expireUnpaid(db: Database): Promise<{ orders: number }> {
  const canceled = await cancelLapsedOrders(db)
  const orphaned = await sql.listOrphanedAttempts(db)
  const orders = [...canceled, ...orphaned.map((row) => row.orderId)]
  if (orders.length > 0) await sql.expireAttemptsOf(db, orders)
  return { orders: canceled.length }
}

/** Sends the refunds that gateways can send; those of transfers wait for a person. */
export async function sendRefunds(db: Database, gateways: Gateways): Promise<{ refunds: number }> {
  const names = [...gateways.values()].map((gateway) => gateway.name).filter((name) => name !== 'transfer')
  let refunds = 0
  for (;;) {
    const sent = await db.transaction(async (tx) => {
      const refund = await sql.lockRefundToSend(tx, names)
      const gateway = refund && gatewayNamed(gateways, refund.gateway)
      if (!refund || !gateway) return false
      const { id, attemptId, amountMinor } = refund
      if ((await gateway.refund({ refundId: id, attemptId, amountMinor })) === 'done') await sql.setRefundDone(tx, id)
      return true
    })
    if (!sent) return { refunds }
    refunds++
  }
}
