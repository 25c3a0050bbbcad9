import type { CustomerId, OrderId, ProductId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import type { Database, Db, Tx } from '../store/database.ts'
import {
  decideMove,
  type HoldTerms,
  holdSeconds,
  type Order,
  type OrderStatus,
  type PaymentMethod,
  refused,
} from './order.ts'
import * as sql from './orders.sql.ts'

/** An order whose row is locked by this transaction. `lapsed`: not paid in time, its stock is anybody's. */
export type LockedOrder = Order & { readonly lapsed: boolean }

/** @throws orders.not-found, also when it is not this customer's */
export async function lockOrder(tx: Tx, id: OrderId, owner?: CustomerId): Promise<LockedOrder> {
  const order = await sql.lockOrder(tx, id)
  if (!order || (owner !== undefined && order.customerId !== owner)) throw refused({ code: 'orders.not-found' })
  return order
}

/**
 * The order waits for money, by this method, and keeps its stock as long as the method takes.
 *
 * @throws orders.wrong-status when it is paid, over, or was not paid in time
 */
export async function awaitPayment(tx: Tx, order: LockedOrder, hold: HoldTerms, method: PaymentMethod): Promise<void> {
  if (order.lapsed) throw refused({ code: 'orders.wrong-status', status: 'canceled' })
  if (order.status !== 'to_pay') {
    decideMove(order.status, 'to_pay')
    await sql.setStatus(tx, order.id, 'to_pay')
  }
  await sql.setPaymentMethod(tx, order.id, method)
  const longest = Math.max(holdSeconds(hold, 'transfer'), holdSeconds(hold, 'card'))
  await sql.moveDeadline(tx, order.id, holdSeconds(hold, method), longest)
}

/**
 * Money has come for the order: its pieces stay reserved until they are sent.
 *
 * @throws orders.wrong-status
 */
export async function markPaid(tx: Tx, order: LockedOrder): Promise<void> {
  decideMove(order.status, 'paid')
  await sql.setStatus(tx, order.id, 'paid')
  await sql.dropDeadline(tx, order.id)
}

/**
 * Cancels the order and gives its stock back. Money that came for it is the caller's to send back.
 *
 * @throws orders.wrong-status
 */
export async function markCanceled(tx: Tx, order: LockedOrder): Promise<void> {
  decideMove(order.status, 'canceled')
  await sql.lockStockOf(tx, order.id)
  await sql.deleteReservations(tx, order.id)
  await sql.setStatus(tx, order.id, 'canceled')
}

/** How the order stands, without holding it: for what is to be looked at again anyway. */
export async function getStanding(db: Db, id: OrderId): Promise<{ status: OrderStatus; lapsed: boolean }> {
  const standing = await sql.findStanding(db, id)
  if (!standing) throw refused({ code: 'orders.not-found' })
  return standing
}

/** Pieces of an order, by product. */
export interface Pieces {
  readonly productId: ProductId
  readonly quantity: number
}

/**
 * Takes pieces of the order back onto the shelf; its other pieces stay promised.
 *
 * @returns the sum the pieces were sold for, and whether nothing of the order is left
 * @throws orders.not-so-many, when the order does not hold so many of a product any more
 */
export async function returnPieces(
  tx: Tx,
  order: LockedOrder,
  pieces: readonly Pieces[],
): Promise<{ sumMinor: Minor; isAllReturned: boolean }> {
  await sql.lockStockOf(tx, order.id)
  let sumMinor = 0
  for (const { productId, quantity } of pieces) {
    const line = (await sql.listLines(tx, order.id)).find((it) => it.productId === productId)
    const held = line?.reserved ?? 0
    if (!line || quantity > held) throw refused({ code: 'orders.not-so-many', productId, asked: quantity, held })
    await sql.returnPieces(tx, order.id, productId, quantity)
    sumMinor += line.unitPriceMinor * quantity
  }
  const left = await sql.listLines(tx, order.id)
  return { sumMinor, isAllReturned: left.every((line) => line.returnedQuantity === line.quantity) }
}

/**
 * Cancels orders that were not paid in time. Only tidies up: whoever needs the stock of a lapsed order takes it without this.
 *
 * @returns the orders canceled
 */
export async function cancelLapsedOrders(db: Database): Promise<OrderId[]> {
  const canceled: OrderId[] = []
  for (;;) {
    const batch = (await sql.cancelLapsed(db, BATCH))?.canceled ?? []
    canceled.push(...batch)
    if (batch.length < BATCH) return canceled
  }
}

/** Each batch is a transaction: so many orders and their stock rows are locked at once. */
const BATCH = 100
