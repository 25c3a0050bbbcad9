import type { OrderId, PaymentAttemptId, RefundId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import type { PaymentMethod } from '../orders/index.ts'
import { statement, statementOne } from '../store/statement.ts'
import type { Refund, RefundReason, RefundStatus } from './refund.ts'

type NoRow = Record<string, never>

const COLUMNS = `r.id, r.attempt_id as "attemptId", r.amount_minor as "amountMinor", a.currency, r.status, r.reason,
  r.reference, r.problem, r.note, r.retried_as as "retriedAs", r.created_at as "createdAt"`
const FROM = 'from refunds r join payment_attempts a on a.id = r.attempt_id'

/** Everything of the attempt that was captured and is not on its way back yet. Only a transfer's is left to a person. */
export const insertRefundOfRest = statementOne<[RefundId, PaymentAttemptId, RefundReason], { id: RefundId }>(
  'payments.insert-refund-of-rest',
  `insert into refunds (id, attempt_id, amount_minor, reason, next_try_at)
   select $1, id, captured_minor - refunded_minor, $3, case when method <> 'transfer' then now() end
     from payment_attempts where id = $2 and captured_minor > refunded_minor
   returning id`,
)

/** So much of it. Above what was captured the table itself refuses. */
export const insertRefund = statement<[RefundId, PaymentAttemptId, Minor, RefundReason, string], NoRow>(
  'payments.insert-refund',
  `insert into refunds (id, attempt_id, amount_minor, reason, note, next_try_at)
   select $1, id, $3, $4, $5, case when method <> 'transfer' then now() end from payment_attempts where id = $2`,
)

type MadeElsewhere = [RefundId, PaymentAttemptId, Minor, RefundStatus, string]

/** A refund that was made in the gateway's own panel: we only write down what it tells. */
export const insertRefundMadeAtGateway = statement<MadeElsewhere, NoRow>(
  'payments.insert-refund-made-at-gateway',
  `insert into refunds (id, attempt_id, amount_minor, reason, status, reference, next_try_at)
   values ($1, $2, $3, 'at-gateway', $4, $5, case when $4 = 'sent' then now() + interval '1 hour' end)`,
)

/** A refund, and what it is a refund of. */
export interface RefundOfOrder extends Refund {
  readonly orderId: OrderId
  readonly method: PaymentMethod
  readonly gateway: string
}

const OF_ORDER = `${COLUMNS}, a.order_id as "orderId", a.method, a.gateway`

export const findRefund = statementOne<[RefundId], RefundOfOrder>(
  'payments.find-refund',
  `select ${OF_ORDER} ${FROM} where r.id = $1`,
)

/** Refunds that have not ended well, the oldest first: those that wait, are under way, or failed. */
export const listOpenRefunds = statement<[number], RefundOfOrder>(
  'payments.list-open-refunds',
  `select ${OF_ORDER} ${FROM} where r.status <> 'done' and r.retried_as is null order by r.created_at limit $1`,
)

export const findRefundByReference = statementOne<[PaymentAttemptId, string], Refund>(
  'payments.find-refund-by-reference',
  `select ${COLUMNS} ${FROM} where r.attempt_id = $1 and r.reference = $2`,
)

export const listRefundsOf = statement<[OrderId], RefundOfOrder>(
  'payments.list-refunds-of',
  `select ${OF_ORDER} ${FROM} where a.order_id = $1 order by r.id`,
)

/**
 * Refunds that are due to be sent or asked about, and when they are due again should this try fail.
 *
 * $2: after how many seconds, by the number of tries so far
 */
export const takeRefundsToSend = statement<
  [readonly string[], readonly number[], number],
  Refund & { orderId: OrderId }
>(
  'payments.take-refunds-to-send',
  `update refunds r set tries = r.tries + 1,
          next_try_at = now() + make_interval(secs => ($2::int[])[least(r.tries + 1, array_length($2::int[], 1))])
     from payment_attempts a
    where a.id = r.attempt_id and r.id in (
      select d.id from refunds d join payment_attempts b on b.id = d.attempt_id
       where d.next_try_at <= now() and b.gateway = any ($1) order by d.next_try_at limit $3 for update of d skip locked
    ) returning ${COLUMNS}, a.order_id as "orderId"`,
)

/** Still under way: asked again when its next try is due. */
export const setRefundSent = statement<[RefundId, string | null], NoRow>(
  'payments.set-refund-sent',
  `update refunds set status = 'sent', reference = coalesce(reference, $2), tries = 0, updated_at = now() where id = $1`,
)

export const setRefundEnded = statement<[RefundId, 'done' | 'failed', string | null, string | null], NoRow>(
  'payments.set-refund-ended',
  `update refunds set status = $2, reference = coalesce(reference, $3), problem = $4, next_try_at = null, updated_at = now()
    where id = $1`,
)

/** Nobody but a person sends it. */
export const leaveRefundToPerson = statement<[RefundId], NoRow>(
  'payments.leave-refund-to-person',
  `update refunds set next_try_at = null where id = $1`,
)

/** A refund of the same money again, after it failed: the gateway knows the failed one by its id, so this is another. */
export const insertRefundAgain = statement<[RefundId, RefundId], NoRow>(
  'payments.insert-refund-again',
  `with failed as (update refunds set retried_as = $2 where id = $1 and retried_as is null and status = 'failed' returning *)
   insert into refunds (id, attempt_id, amount_minor, reason, note, next_try_at)
   select $2, f.attempt_id, f.amount_minor, f.reason, f.note, case when a.method <> 'transfer' then now() end
     from failed f join payment_attempts a on a.id = f.attempt_id`,
)
