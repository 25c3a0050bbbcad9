import { notSignedIn, type Presented } from '../identity/index.ts'
import { LAST_ID, type OrderId } from '../kernel/ids.ts'
import { type LinkedPage, type PageWish, pageOf, rowsOf } from '../kernel/page.ts'
import type { Db } from '../store/database.ts'
import { type Order, type OrderDetails, refused } from './order.ts'
import * as sql from './orders.sql.ts'

/**
 * A page of the caller's orders, newest first, in one round trip.
 *
 * @throws identity.not-signed-in
 */
export async function listOrders(
  db: Db,
  presented: Presented,
  wish: PageWish & { readonly after?: OrderId | undefined },
): Promise<LinkedPage<Order>> {
  const { limit, offset } = rowsOf(wish)
  const rows = await sql.listOrders(db, presented, limit, offset, wish.after ?? LAST_ID)
  if (!rows[0]) throw notSignedIn()
  return pageOf(
    rows.filter((row) => row.id !== null),
    rows[0].count,
    wish,
  )
}

/** @throws identity.not-signed-in, orders.not-found: looked for in this order */
export async function getOrder(db: Db, presented: Presented, id: OrderId): Promise<OrderDetails> {
  const order = await sql.findOrder(db, presented, id)
  if (!order) throw notSignedIn()
  if (order.id === null) throw refused({ code: 'orders.not-found' })
  return order
}
