import { cancelLapsedOrders } from '../orders/index.ts'
import type { Database } from '../store/database.ts'
import { endPaymentsOf } from './cancel-order.ts'
import type { Gateways } from './gateway.ts'
import { giveUp } from './give-up.ts'
import { holdingOrder } from './holding-order.ts'
import { listCanceledWithLooseEnds } from './payments.sql.ts'

/**
 * Cancels orders that were not paid in time, and ends their payments. Nothing waits for it to run on time: a deadline
 * is looked at by whoever needs the stock or the order.
 */
export async function expireUnpaid(db: Database, gateways: Gateways): Promise<{ orders: number }> {
  const canceled = await cancelLapsedOrders(db)
  // Also those that were canceled in passing, by a buyer who needed their stock.
  for (;;) {
    const looseEnds = await listCanceledWithLooseEnds(db)
    if (looseEnds.length === 0) return { orders: canceled.length }
    for (const { orderId } of looseEnds) {
      const givenUp = await holdingOrder(db, orderId, (tx) => endPaymentsOf(tx, orderId, 'expired'))
      for (const attempt of givenUp) await giveUp(gateways, attempt)
    }
  }
}
