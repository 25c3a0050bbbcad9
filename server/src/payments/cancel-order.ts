import { getCaller, type Presented } from '../identity/index.ts'
import type { OrderId } from '../kernel/ids.ts'
import { lockOrder, markCanceled } from '../orders/index.ts'
import type { Database, Tx } from '../store/database.ts'
import type { Gateways } from './gateway.ts'
import { giveUp } from './give-up.ts'
import type { AttemptStatus, PaymentAttempt } from './payment.ts'
import * as sql from './payments.sql.ts'
import { refundRest } from './record-news.ts'

/**
 * Cancels the caller's order: its stock is free at once, what still waits for the payer is given up, and money that
 * came is sent back. It stands in this room because the money has to move with the order, in one transaction.
 *
 * @throws identity.not-signed-in, orders.not-found, orders.wrong-status: looked for in this order
 * @see docs/contracts/README.md, Shop, `POST /api/orders/:order_uuid/set_canceled`
 */
export async function cancelOrder(
  db: Database,
  gateways: Gateways,
  presented: Presented,
  orderId: OrderId,
): Promise<void> {
  const { customerId } = await getCaller(db, presented)
  const givenUp = await db.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId, customerId)
    await markCanceled(tx, order)
    return endPaymentsOf(tx, orderId, 'canceled')
  })
  for (const attempt of givenUp) await giveUp(gateways, attempt)
}

/**
 * Ends the payments of an order that was canceled: all money that came goes back, and nothing is waited for.
 *
 * @returns what was given up; its gateways are told after the commit
 */
export async function endPaymentsOf(tx: Tx, orderId: OrderId, status: AttemptStatus): Promise<PaymentAttempt[]> {
  for (const { id } of await sql.listCapturedAttempts(tx, orderId)) await refundRest(tx, id, 'order-canceled')
  return sql.closeLiveAttempts(tx, orderId, status)
}
