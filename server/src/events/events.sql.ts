import type { OrderId } from '../kernel/ids.ts'
import { statement, statementOne } from '../store/statement.ts'
import type { EventNotice, OrderEvent } from './event.ts'

type NoRow = Record<string, never>

/** Times within JSON come as text. */
export type EventRow = Omit<OrderEvent, 'order'> & {
  readonly order: Omit<OrderEvent['order'], 'createdAt' | 'paidAt'>
  readonly orderCreatedAt: Date
  readonly orderPaidAt: Date | null
}

/** An event `e` with all that is told of it. Its order's lines and delivery never change, so they are those of then. */
const EVENT = `e.order_id as "orderId", e.position, e.kind, e.created_at as "happenedAt",
  json_build_object('id', o.id, 'customerId', o.customer_id, 'status', e.order_status, 'paymentMethod', e.payment_method,
    'sumMinor', o.sum_minor, 'currency', o.currency, 'delivery', o.delivery,
    'lines', (select json_agg(json_build_object('id', l.id, 'productId', l.product_id, 'name', l.name,
                                                'quantity', l.quantity, 'unitPriceMinor', l.unit_price_minor) order by l.id)
                from order_lines l where l.order_id = o.id)) as order,
  o.created_at as "orderCreatedAt", e.paid_at as "orderPaidAt",
  json_build_object('id', c.id, 'username', c.username, 'email', c.email, 'firstName', c.first_name,
    'lastName', c.last_name, 'phone', c.phone, 'isEmailVerified', c.email_verified_at is not null) as customer,
  case when e.kind like 'payment.%' then json_build_object('id', e.about -> 'payment_id', 'method', e.about -> 'method',
    'status', e.about -> 'status', 'amountMinor', e.about -> 'amount_minor', 'capturedMinor', e.about -> 'captured_minor',
    'currency', e.about -> 'currency', 'transferTitle', e.about -> 'transfer_title') end as payment,
  case when e.kind like 'refund.%' then json_build_object('id', e.about -> 'refund_id', 'paymentId', e.about -> 'payment_id',
    'method', e.about -> 'method', 'status', e.about -> 'status', 'amountMinor', e.about -> 'amount_minor',
    'currency', e.about -> 'currency', 'reason', e.about -> 'reason',
    'statusNow', (select r.status from refunds r where r.id = (e.about ->> 'refund_id')::uuid)) end as refund`

const OF_ORDER = `join orders o on o.id = e.order_id join customers c on c.id = o.customer_id`

/**
 * Takes events out of those that wait, of each order the first: its later ones wait until this transaction has ended.
 * Whoever takes at the same time gets others.
 */
export const takeWaiting = statement<[limit: number], EventNotice>(
  'events.take-waiting',
  // The first of its order by a subquery, and the deletion by the rows' places: a queue is empty whenever PostgreSQL looks
  // how long it is, and plans for joins made then are slow when it is not.
  `with first as materialized (
     select w.ctid from order_events_waiting w
      where (w.postponed_until is null or w.postponed_until <= now())
        and w.position = (select min(b.position) from order_events_waiting b where b.order_id = w.order_id)
      order by w.order_id, w.position limit $1 for update skip locked
   ), taken as (
     delete from order_events_waiting where ctid = any (array(select ctid from first)) returning order_id, position
   )
   select e.order_id as "orderId", e.position, e.kind from taken t join order_events e using (order_id, position) order by e.order_id`,
)

export const postpone = statement<[OrderId, position: number, problem: string, seconds: number], NoRow>(
  'events.postpone',
  `update order_events_waiting set problem = $3, postponed_until = now() + make_interval(secs => $4)
    where order_id = $1 and position = $2`,
)

export const listEvents = statement<[readonly OrderId[], positions: readonly number[]], EventRow>(
  'events.list-events',
  `select ${EVENT} from unnest($1::uuid[], $2::integer[]) with ordinality as w (order_id, position, place)
     join order_events e using (order_id, position) ${OF_ORDER} order by w.place`,
)

export const findEvent = statementOne<[OrderId, position: number], EventRow>(
  'events.find-event',
  `select ${EVENT} from order_events e ${OF_ORDER} where e.order_id = $1 and e.position = $2`,
)

export interface Backlog {
  readonly waiting: number
  readonly oldest: Date | null
  readonly postponed: number
  readonly problem: string | null
}

export const findBacklog = statementOne<[], Backlog>(
  'events.find-backlog',
  `select count(*) as waiting, min(e.created_at) as oldest, count(w.problem) as postponed, min(w.problem) as problem
     from order_events_waiting w join order_events e using (order_id, position)`,
)
