import type { OrderId, PaymentAttemptId, RefundId } from '../kernel/ids.ts'
import { statement, statementOne } from '../store/statement.ts'
import type { AttemptStatus, NewsOutcome, PaymentAttempt, PaymentNews } from './payment.ts'

type NoRow = Record<string, never>

const COLUMNS = `id, order_id as "orderId", method, gateway, status, amount_minor as "amountMinor", currency,
  captured_minor as "capturedMinor", refunded_minor as "refundedMinor", redirect_uri as "redirectUri",
  transfer_title as "transferTitle", sent_by_customer_at as "sentByCustomerAt"`

type NewAttempt = [PaymentAttemptId, OrderId, string, string, number, string]

export const insertAttempt = statementOne<NewAttempt, PaymentAttempt>(
  'payments.insert-attempt',
  `insert into payment_attempts (id, order_id, method, gateway, amount_minor, currency)
   values ($1, $2, $3, $4, $5, $6) returning ${COLUMNS}`,
)

/**
 * The attempt that tells how the order's payment stands: the one whose money we have, then one that was paid and sent back,
 * else the newest.
 */
export const findAttemptOf = statementOne<[OrderId], PaymentAttempt>(
  'payments.find-attempt-of',
  `select ${COLUMNS} from payment_attempts where order_id = $1 
    order by (captured_minor > refunded_minor) desc, (status = 'paid') desc, id desc limit 1`,
)

export const findTransferOf = statementOne<[OrderId], PaymentAttempt>(
  'payments.find-transfer-of',
  `select ${COLUMNS} from payment_attempts where order_id = $1 and method = 'transfer' order by id desc limit 1`,
)

export const findLiveAttempt = statementOne<[OrderId], PaymentAttempt>(
  'payments.find-live-attempt',
  `select ${COLUMNS} from payment_attempts where order_id = $1 and status in ('starting', 'pending')`,
)

export const findAttempt = statementOne<[PaymentAttemptId], PaymentAttempt>(
  'payments.find-attempt',
  `select ${COLUMNS} from payment_attempts where id = $1`,
)

export const findAttemptByTitle = statementOne<[string], PaymentAttempt>(
  'payments.find-attempt-by-title',
  `select ${COLUMNS} from payment_attempts where transfer_title = $1`,
)

type StartedFacts = [PaymentAttemptId, string | null, string | null, string | null]

/**
 * What was told first stays: of two requests that start an attempt at once, both tell the customer the same. A notification
 * may have been quicker than the answer it followed, so only `starting` moves on.
 */
export const setStarted = statementOne<StartedFacts, PaymentAttempt>(
  'payments.set-started',
  `update payment_attempts
      set status = case when status = 'starting' then 'pending' else status end,
          redirect_uri = coalesce(redirect_uri, $2), transfer_title = coalesce(transfer_title, $3),
          gateway_reference = coalesce(gateway_reference, $4), updated_at = now()
    where id = $1 returning ${COLUMNS}`,
)

export const setAttemptStatus = statement<[PaymentAttemptId, AttemptStatus], NoRow>(
  'payments.set-attempt-status',
  `update payment_attempts set status = $2, updated_at = now() where id = $1`,
)

export const setCaptured = statement<[PaymentAttemptId], NoRow>(
  'payments.set-captured',
  `update payment_attempts set status = 'paid', captured_minor = amount_minor, updated_at = now() where id = $1`,
)

export const setSentByCustomer = statementOne<[PaymentAttemptId], PaymentAttempt>(
  'payments.set-sent-by-customer',
  `update payment_attempts set sent_by_customer_at = coalesce(sent_by_customer_at, now()), updated_at = now()
    where id = $1 returning ${COLUMNS}`,
)

/** Closes what still waits for the payer of an order that needs no payment any more. */
export const closeLiveAttempts = statement<[OrderId, AttemptStatus], PaymentAttempt>(
  'payments.close-live-attempts',
  `update payment_attempts set status = $2, updated_at = now()
    where order_id = $1 and status in ('starting', 'pending') returning ${COLUMNS}`,
)

export const expireAttemptsOf = statement<[OrderId[]], PaymentAttempt>(
  'payments.expire-attempts-of',
  `update payment_attempts set status = 'expired', updated_at = now()
    where order_id = any ($1) and status in ('starting', 'pending') returning ${COLUMNS}`,
)

/** Attempts that nobody closed when their order was canceled by a buyer who needed its stock. */
export const listOrphanedAttempts = statement<[], { orderId: OrderId }>(
  'payments.list-orphaned-attempts',
  `select a.order_id as "orderId" from payment_attempts a join orders o on o.id = a.order_id
    where a.status in ('starting', 'pending') and o.status = 'canceled' limit 100`,
)

/** No row: this event was told before. What was left to a person is decided anew when it is told again. */
export const insertEvent = statementOne<
  [string, PaymentAttemptId, string, PaymentNews, NewsOutcome],
  { event: string }
>(
  'payments.insert-event',
  `insert into payment_events (gateway, attempt_id, event, told, outcome) values ($1, $2, $3, $4, $5)
   on conflict (gateway, attempt_id, event) do update set outcome = excluded.outcome, received_at = now()
     where payment_events.outcome = 'needs-a-person' returning event`,
)

export type RefundReason = 'order-canceled' | 'late-money' | 'paid-twice'

/** Everything of the attempt that was captured and not refunded yet. */
export const insertRefundOfRest = statementOne<[RefundId, PaymentAttemptId, RefundReason], { id: RefundId }>(
  'payments.insert-refund-of-rest',
  `insert into refunds (id, attempt_id, amount_minor, reason)
   select $1, id, captured_minor - refunded_minor, $3 from payment_attempts where id = $2 and captured_minor > refunded_minor
   returning id`,
)

export const listPaidAttempts = statement<[OrderId], { id: PaymentAttemptId }>(
  'payments.list-paid-attempts',
  `select id from payment_attempts where order_id = $1 and status = 'paid' order by id`,
)

export interface RefundToSend {
  readonly id: RefundId
  readonly attemptId: PaymentAttemptId
  readonly amountMinor: number
  readonly gateway: string
}

/** Refunds that wait to be sent, the oldest first; those of a transfer are sent by a person. */
export const listRefundsToSend = statement<[string[]], RefundToSend>(
  'payments.list-refunds-to-send',
  `select r.id, r.attempt_id as "attemptId", r.amount_minor as "amountMinor", a.gateway
     from refunds r join payment_attempts a on a.id = r.attempt_id
    where r.status = 'requested' and a.gateway = any ($1) and a.method <> 'transfer' order by r.created_at limit 100`,
)

export const setRefundDone = statement<[RefundId], NoRow>(
  'payments.set-refund-done',
  `update refunds set status = 'done', updated_at = now() where id = $1`,
)
