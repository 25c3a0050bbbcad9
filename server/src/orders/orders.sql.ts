import type { Presented } from '../identity/index.ts'
import type { CustomerId, OrderId, ProductId } from '../kernel/ids.ts'
import { statement, statementOne, statementTogether } from '../store/statement.ts'
import { writeTogether } from '../store/together.ts'
import type { Delivery, Order, OrderDetails, OrderLine, OrderStatus, PaymentMethod } from './order.ts'

type NoRow = Record<string, never>

const COLUMNS = `o.id, o.customer_id as "customerId", o.status, o.payment_method as "paymentMethod", o.sum_minor as "sumMinor",
  o.currency, o.created_at as "createdAt", o.paid_at as "paidAt"`

/** Not paid in time: its stock is anybody's. */
const LAPSED = `o.status in ('new', 'to_pay')
  and exists (select from reservations r where r.order_id = o.id and r.expires_at <= now())`

export interface PlaceOrderFacts {
  readonly outcome:
    | 'placed'
    | 'not-signed-in'
    | 'empty'
    | 'too-many-unpaid'
    | 'short'
    | 'mixed-currencies'
    | 'sum-differs'
  readonly customer: CustomerId
  readonly total_minor: number
  readonly total_currency: string
  readonly placed_at: Date
  readonly short: readonly { product_id: ProductId; asked: number; available: number }[] | null
}

type PlaceOrderWish = [Presented, OrderId, PaymentMethod | null, Delivery | null, number | null, number, number | null]

/** One row. See the functions in migrations/0025_orders_in_fewer_statements.sql and 0027_orders_are_placed_together.sql. */
export const tryPlaceOrder = statementTogether<PlaceOrderWish, PlaceOrderFacts>(
  'orders.try-place-order',
  `select * from place_orders($1, $2, $3, $4, $5, $6, $7)`,
  writeTogether,
)

/**
 * No row: no live session. A row without an id: no orders on this page. Pages are counted off on the index alone, and all
 * orders are counted once, not for each row.
 */
export const listOrders = statement<[Presented, number, number, OrderId], (Order | { id: null }) & { count: number }>(
  'orders.list-orders',
  `select ${COLUMNS}, counted.count
     from live_session($1) s
     cross join lateral (select count(*) as count from orders where customer_id = s.customer_id) counted
     left join lateral (
       select id from orders where customer_id = s.customer_id and id < $4 order by id desc limit $2 offset $3
     ) page on true
     left join orders o on o.id = page.id
    order by o.id desc`,
)

/** No row: no live session. A row without an id: no such order of theirs. */
export const findOrder = statementOne<[Presented, OrderId], OrderDetails | { id: null }>(
  'orders.find-order',
  `select ${COLUMNS}, o.delivery,
          (select json_agg(json_build_object('id', l.id, 'productId', l.product_id, 'name', l.name,
                                             'quantity', l.quantity, 'unitPriceMinor', l.unit_price_minor) order by l.id)
             from order_lines l where l.order_id = o.id) as lines
     from live_session($1) s left join orders o on o.id = $2 and o.customer_id = s.customer_id`,
)

/** The order's row, locked, with whether its deadline has passed; the first lock of everything that changes an order. */
export const lockOrder = statementOne<[OrderId], Order & { lapsed: boolean }>(
  'orders.lock-order',
  `select ${COLUMNS}, ${LAPSED} as lapsed from orders o where o.id = $1 for update`,
)

/** As {@link lockOrder} tells it, without the lock. */
export const findStanding = statementOne<[OrderId], { status: OrderStatus; lapsed: boolean }>(
  'orders.find-standing',
  `select o.status, ${LAPSED} as lapsed from orders o where o.id = $1`,
)

export const listLines = statement<[OrderId], OrderLine & { returnedQuantity: number; reserved: number }>(
  'orders.list-lines',
  `select l.id, l.product_id as "productId", l.name, l.quantity, l.unit_price_minor as "unitPriceMinor",
          l.returned_quantity as "returnedQuantity",
          coalesce((select sum(r.quantity) from reservations r where r.order_id = l.order_id and r.product_id = l.product_id), 0) as reserved
     from order_lines l where l.order_id = $1 order by l.id`,
)

export const listProductsOf = statement<[OrderId], { productId: ProductId; sku: string }>(
  'orders.list-products-of',
  `select p.id as "productId", p.sku from order_lines l join products p on p.id = l.product_id where l.order_id = $1 order by l.id`,
)

/** Gives pieces back to the shelves they were promised from, the order's stock rows being locked. */
export const returnPieces = statement<[OrderId, ProductId, number], NoRow>(
  'orders.return-pieces',
  `with held as (
     select warehouse_id, quantity, sum(quantity) over (order by quantity, warehouse_id) - quantity as before
       from reservations where order_id = $1 and product_id = $2
   ), given_back as (
     select warehouse_id, quantity, least(quantity, $3 - before) as pieces from held where before < $3
   ), emptied as (
     delete from reservations r using given_back g
      where r.order_id = $1 and r.product_id = $2 and r.warehouse_id = g.warehouse_id and g.pieces = g.quantity
   ), lessened as (
     update reservations r set quantity = r.quantity - g.pieces from given_back g
      where r.order_id = $1 and r.product_id = $2 and r.warehouse_id = g.warehouse_id and g.pieces < g.quantity
   )
   update order_lines set returned_quantity = returned_quantity + $3 where order_id = $1 and product_id = $2`,
)

export const setStatus = statement<[OrderId, OrderStatus], NoRow>(
  'orders.set-status',
  `update orders set status = $2,
          paid_at = case when $2 = 'paid' then coalesce(paid_at, now()) else paid_at end,
          canceled_at = case when $2 = 'canceled' then now() end
    where id = $1`,
)

export const setPaymentMethod = statement<[OrderId, PaymentMethod], NoRow>(
  'orders.set-payment-method',
  `update orders set payment_method = $2 where id = $1`,
)

/** The new deadline counts from now, and is never later than the longest hold there is, counted from the order's making. */
export const moveDeadline = statement<[OrderId, number, number], NoRow>(
  'orders.move-deadline',
  `update reservations r
      set expires_at = least(now() + make_interval(secs => $2), o.created_at + make_interval(secs => greatest($2, $3)))
     from orders o where o.id = $1 and r.order_id = o.id`,
)

/** Paid for: the pieces stay reserved without a deadline. */
export const dropDeadline = statement<[OrderId], NoRow>(
  'orders.drop-deadline',
  `update reservations set expires_at = null where order_id = $1 and expires_at is not null`,
)

export const lockStockOf = statement<[OrderId], NoRow>(
  'orders.lock-stock-of',
  `select from stock s join reservations r using (product_id, warehouse_id)
    where r.order_id = $1 order by s.product_id, s.warehouse_id for no key update of s`,
)

export const deleteReservations = statement<[OrderId], NoRow>(
  'orders.delete-reservations',
  `delete from reservations where order_id = $1`,
)

export const cancelLapsed = statementOne<[number], { canceled: OrderId[] }>(
  'orders.cancel-lapsed',
  `select cancel_lapsed_orders(
     array(select o.id from reservations r join orders o on o.id = r.order_id
            where r.expires_at <= now() and o.status in ('new', 'to_pay')
            group by o.id order by min(r.expires_at) limit $1), '{}'
   ) as canceled`,
)
