import type { RefundId } from '../kernel/ids.ts'
import { cancelLapsedOrders } from '../orders/index.ts'
import type { Database } from '../store/database.ts'
import { type Gateways, gatewayNamed, giveUp } from './gateway.ts'
import * as sql from './payments.sql.ts'

/**
 * Cancels orders that were not paid in time, and closes their attempts. Nothing waits for it to run on time: a deadline
 * is looked at by whoever needs the stock or the order.
 */
export async function expireUnpaid(db: Database, gateways: Gateways): Promise<{ orders: number }> {
  const canceled = await cancelLapsedOrders(db)
  const orphaned = await sql.listOrphanedAttempts(db)
  const orders = [...canceled, ...orphaned.map((row) => row.orderId)]
  const expired = orders.length > 0 ? await sql.expireAttemptsOf(db, orders) : []
  for (const attempt of expired) await giveUp(gateways, attempt)
  return { orders: canceled.length }
}

/**
 * Sends the refunds that gateways can send; those of transfers wait for a person. A refund that fails keeps nobody else's
 * waiting and is tried again at the next run; one that was sent twice is one at the gateway, which knows it by its id.
 */
export async function sendRefunds(
  db: Database,
  gateways: Gateways,
  onFailure: (refundId: RefundId, error: unknown) => void,
): Promise<{ refunds: number }> {
  const names = [...gateways.values()].map((gateway) => gateway.name)
  let refunds = 0
  for (const { id, attemptId, amountMinor, gateway } of await sql.listRefundsToSend(db, names)) {
    try {
      const sent = await gatewayNamed(gateways, gateway)?.refund({ refundId: id, attemptId, amountMinor })
      if (sent !== 'done') continue
      await sql.setRefundDone(db, id)
      refunds++
    } catch (error) {
      onFailure(id, error)
    }
  }
  return { refunds }
}
