import { notSignedIn, type Presented } from '../identity/index.ts'
import type { OrderId } from '../kernel/ids.ts'
import type { Page } from '../kernel/page.ts'
import type { Db } from '../store/database.ts'
import { type Order, type OrderDetails, refused } from './order.ts'
import * as sql from './orders.sql.ts'

/**
 * A page of the caller's orders, newest first, in one round trip.
 *
 * @param page from 1
 * @throws identity.not-signed-in
 */
export async function listOrders(db: Db, presented: Presented, page: number, pageSize: number): Promise<Page<Order>> {
  const rows = await sql.listOrders(db, presented, pageSize, (page - 1) * pageSize)
  if (!rows[0]) throw notSignedIn()
  return { count: rows[0].count, items: rows.filter((row) => row.id !== null) }
}

/** @throws identity.not-signed-in, orders.not-found: looked for in this order */
export async function getOrder(db: Db, presented: Presented, id: OrderId): Promise<OrderDetails> {
  const order = await sql.findOrder(db, presented, id)
  if (!order) throw notSignedIn()
  if (order.id === null) throw refused({ code: 'orders.not-found' })
  return order
}
