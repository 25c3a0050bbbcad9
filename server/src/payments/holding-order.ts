import type { OrderId } from '../kernel/ids.ts'
import { type LockedOrder, lockOrder } from '../orders/index.ts'
import type { Database, Tx } from '../store/database.ts'

/**
 * Runs the work in a transaction that holds the order. Whoever moves an attempt or a refund holds its order first: so do
 * all others, nobody waits in a ring, and what happened is written down in its order.
 *
 * @throws orders.not-found
 */
export function holdingOrder<T>(
  db: Database,
  orderId: OrderId,
  work: (tx: Tx, order: LockedOrder) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => work(tx, await lockOrder(tx, orderId)))
}
