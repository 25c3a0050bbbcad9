import type { OrderId, PaymentAttemptId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import { statement, statementOne } from '../store/statement.ts'
import type { Charge, ChargeLine } from './gateway.ts'
import type { AttemptStatus, NewsOutcome, Payment, PaymentAttempt, PaymentNews } from './payment.ts'

type NoRow = Record<string, never>

/** Of `payment_attempts`, as a {@link PaymentAttempt}. */
export const COLUMNS = `id, order_id as "orderId", method, gateway, status, amount_minor as "amountMinor", currency,
  captured_minor as "capturedMinor", refunded_minor as "refundedMinor", reference, by_blik_code as "byBlikCode",
  redirect_uri as "redirectUri", transfer_title as "transferTitle", sent_by_customer_at as "sentByCustomerAt"`

const LIVE = `('starting', 'pending', 'authorized')`
/** The gateway is told, and asked whether money had been quicker. */
const CLOSED_BY_US = `status = $2, updated_at = now(), looks = 0,
          next_look_at = case when method <> 'transfer' then now() + interval '10 seconds' end`
const MONEY_CAME = `('paid', 'held', 'surplus')`

interface NewAttempt {
  readonly id: PaymentAttemptId
  readonly orderId: OrderId
  readonly method: string
  readonly gateway: string
  readonly amountMinor: Minor
  readonly currency: string
  readonly byBlikCode: boolean
  readonly buyerAddress: string
}

/** How long whoever tells a gateway of an attempt has it to themselves. An answer that takes longer does no harm: the gateway knows it by its id. */
const TO_ONESELF = "now() + interval '30 seconds'"

/**
 * Whoever inserts it tells the gateway. A transfer's gateway cannot be asked; any other is, should nothing be heard of the
 * attempt for a minute.
 */
export const insertAttempt = statementOne<[NewAttempt], PaymentAttempt>(
  'payments.insert-attempt',
  `insert into payment_attempts (id, order_id, method, gateway, amount_minor, currency, by_blik_code, buyer_address, next_look_at, starting_until)
   select n.id, n."orderId", n.method, n.gateway, n."amountMinor", n.currency, n."byBlikCode", n."buyerAddress",
          case when n.method <> 'transfer' then now() + interval '1 minute' end, ${TO_ONESELF}
     from jsonb_to_record($1) as n (id uuid, "orderId" uuid, method text, gateway text, "amountMinor" bigint, currency text,
                                    "byBlikCode" boolean, "buyerAddress" text)
   returning ${COLUMNS}`,
)

/** The attempt that tells how the order's payment stands: the one that pays it, then one with money of ours, else the newest. */
const FOREMOST = `order by (status = 'paid') desc, (captured_minor > refunded_minor) desc, status in ${LIVE} desc,
  (status in ${MONEY_CAME}) desc, id desc limit 1`

export const findAttemptOf = statementOne<[OrderId], PaymentAttempt>(
  'payments.find-attempt-of',
  `select ${COLUMNS} from payment_attempts where order_id = $1 ${FOREMOST}`,
)

/** How a payment stands, with the refunds of all of the order's attempts; one that was tried again counts once. */
export const findPayment = statementOne<[OrderId], Payment>(
  'payments.find-payment',
  `select ${COLUMNS},
          (select coalesce(json_agg(json_build_object('amountMinor', r.amount_minor, 'currency', b.currency,
                                                      'status', r.status, 'createdAt', r.created_at) order by r.id), '[]')
             from refunds r join payment_attempts b on b.id = r.attempt_id
            where b.order_id = $1 and r.retried_as is null) as refunds
     from payment_attempts where order_id = $1 ${FOREMOST}`,
)

export const listAttemptsOf = statement<[OrderId], PaymentAttempt>(
  'payments.list-attempts-of',
  `select ${COLUMNS} from payment_attempts where order_id = $1 order by id`,
)

export const findTransferOf = statementOne<[OrderId], PaymentAttempt>(
  'payments.find-transfer-of',
  `select ${COLUMNS} from payment_attempts where order_id = $1 and method = 'transfer' order by id desc limit 1`,
)

export const findLiveAttempt = statementOne<[OrderId], PaymentAttempt>(
  'payments.find-live-attempt',
  `select ${COLUMNS} from payment_attempts where order_id = $1 and status in ${LIVE}`,
)

export const findAttempt = statementOne<[PaymentAttemptId], PaymentAttempt>(
  'payments.find-attempt',
  `select ${COLUMNS} from payment_attempts where id = $1`,
)

export const findAttemptByTitle = statementOne<[string], PaymentAttempt>(
  'payments.find-attempt-by-title',
  `select ${COLUMNS} from payment_attempts where transfer_title = $1`,
)

interface ChargeFacts {
  readonly lines: readonly ChargeLine[]
  readonly buyer: Charge['buyer']
  readonly payBefore: Date
}

/** What a gateway wants to know besides the attempt. An order whose stock is nobody's any more is to be paid at once. */
export const findChargeFacts = statementOne<[PaymentAttemptId], ChargeFacts>(
  'payments.find-charge-facts',
  `select (select json_agg(json_build_object('name', l.name, 'unitPriceMinor', l.unit_price_minor, 'quantity', l.quantity) order by l.id)
             from order_lines l where l.order_id = o.id) as lines,
          json_build_object('email', c.email, 'firstName', c.first_name, 'lastName', c.last_name, 'phone', c.phone,
                            'address', coalesce(a.buyer_address, '127.0.0.1')) as buyer,
          coalesce((select min(r.expires_at) from reservations r where r.order_id = o.id), now()) as "payBefore"
     from payment_attempts a join orders o on o.id = a.order_id join customers c on c.id = o.customer_id
    where a.id = $1`,
)

/** No row: somebody else is telling the gateway of it, or it has begun. */
export const claimStart = statementOne<[PaymentAttemptId], PaymentAttempt>(
  'payments.claim-start',
  `update payment_attempts set starting_until = ${TO_ONESELF}
    where id = $1 and status = 'starting' and coalesce(starting_until <= now(), true) returning ${COLUMNS}`,
)

/** The gateway did not answer: whoever wants it next need not wait. */
export const releaseStart = statement<[PaymentAttemptId], NoRow>(
  'payments.release-start',
  `update payment_attempts set starting_until = null where id = $1 and status = 'starting'`,
)

/** `failed`: whoever told the gateway had no answer; `free`: nobody tells it, who did has died. */
export const findStart = statementOne<[PaymentAttemptId], { standing: 'under-way' | 'begun' | 'failed' | 'free' }>(
  'payments.find-start',
  `select case when status <> 'starting' then 'begun' when starting_until is null then 'failed'
               when starting_until > now() then 'under-way' else 'free' end as standing
     from payment_attempts where id = $1`,
)

type StartedFacts = [PaymentAttemptId, string | null, string | null, string | null]

/**
 * What was told first stays: of two requests that start an attempt at once, both tell the customer the same. A notification
 * may have been quicker than the answer it followed, so only `starting` moves on. One that was closed meanwhile is
 * looked at right away: its gateway has to hear of it.
 */
export const setStarted = statementOne<StartedFacts, PaymentAttempt>(
  'payments.set-started',
  `update payment_attempts
      set status = case when status = 'starting' then 'pending' else status end,
          redirect_uri = coalesce(redirect_uri, $2), transfer_title = coalesce(transfer_title, $3),
          reference = coalesce(reference, $4), updated_at = now(),
          next_look_at = case when status in ('declined', 'canceled', 'expired') and method <> 'transfer' then now() else next_look_at end
    where id = $1 returning ${COLUMNS}`,
)

export const closeAttempt = statementOne<[PaymentAttemptId, AttemptStatus], PaymentAttempt>(
  'payments.close-attempt',
  `update payment_attempts set ${CLOSED_BY_US}
    where id = $1 and status in ${LIVE} returning ${COLUMNS}`,
)

/**
 * Closed by the gateway's word. Of one that it calls canceled it is asked once more: a notification may be old, and the news
 * of the money that it overtook may be lost.
 */
export const setClosed = statement<[PaymentAttemptId, AttemptStatus], NoRow>(
  'payments.set-closed',
  `update payment_attempts set status = $2, updated_at = now(),
          next_look_at = case when $2 = 'canceled' and reference is not null then now() + interval '1 hour' end
    where id = $1 and status in ${LIVE}`,
)

/** Blocked money is taken, or let go, at the next look. */
export const setAuthorized = statement<[PaymentAttemptId], NoRow>(
  'payments.set-authorized',
  `update payment_attempts set status = 'authorized', looks = 0, next_look_at = now(), updated_at = now() where id = $1`,
)

export const lookNow = statement<[PaymentAttemptId], NoRow>(
  'payments.look-now',
  `update payment_attempts set looks = 0, next_look_at = now() where id = $1`,
)

/** The gateway has said its last word on it. */
export const setSettled = statement<[PaymentAttemptId], NoRow>(
  'payments.set-settled',
  `update payment_attempts set next_look_at = null where id = $1 and next_look_at is not null`,
)

/** Money came: so much, and for this. A person who takes another sum for the order's makes it the sum asked for. */
export const setCaptured = statement<[PaymentAttemptId, 'paid' | 'held' | 'surplus', Minor], NoRow>(
  'payments.set-captured',
  `update payment_attempts
      set status = $2, captured_minor = $3, amount_minor = case when $2 = 'paid' then $3 else amount_minor end,
          next_look_at = null, updated_at = now()
    where id = $1`,
)

export const setReference = statement<[PaymentAttemptId, string], NoRow>(
  'payments.set-reference',
  `update payment_attempts set reference = $2 where id = $1 and reference is null`,
)

export const setSentByCustomer = statementOne<[PaymentAttemptId], PaymentAttempt>(
  'payments.set-sent-by-customer',
  `update payment_attempts set sent_by_customer_at = coalesce(sent_by_customer_at, now()), updated_at = now()
    where id = $1 returning ${COLUMNS}`,
)

/** Closes what still waits for the payer of an order that needs no payment any more. */
export const closeLiveAttempts = statement<[OrderId, AttemptStatus], PaymentAttempt>(
  'payments.close-live-attempts',
  `update payment_attempts set ${CLOSED_BY_US}
    where order_id = $1 and status in ${LIVE} returning ${COLUMNS}`,
)

/** Orders that were canceled by a buyer who needed their stock, and whose payments nobody has ended yet. */
export const listCanceledWithLooseEnds = statement<[], { orderId: OrderId }>(
  'payments.list-canceled-with-loose-ends',
  `select distinct a.order_id as "orderId" from payment_attempts a join orders o on o.id = a.order_id
    where o.status = 'canceled'
      and (a.status in ${LIVE} or (a.status = 'held' and a.captured_minor > a.refunded_minor
           and not exists (select from refunds r where r.attempt_id = a.id and r.status = 'failed'))) limit 100`,
)

/**
 * Attempts that are due to be asked about, those first that a buyer waits for, and when they are due again should this look fail: so a server that dies over
 * one leaves it to the next look, and two servers never take the same.
 *
 * $2: after how many seconds, by the number of looks so far
 */
export const takeAttemptsToLookAt = statement<[readonly string[], readonly number[], number], PaymentAttempt>(
  'payments.take-attempts-to-look-at',
  `update payment_attempts set looks = looks + 1,
          next_look_at = now() + make_interval(secs => ($2::int[])[least(looks + 1, array_length($2::int[], 1))])
    where id in (
      select id from payment_attempts where next_look_at <= now() and gateway = any ($1)
       order by status not in ('authorized', 'starting'), next_look_at limit $3 for update skip locked
    ) returning ${COLUMNS}`,
)

/** No row: this event was told before. What was left to a person is decided anew when it is told again. */
export const insertEvent = statementOne<
  [string, PaymentAttemptId, string, PaymentNews, NewsOutcome],
  { event: string }
>(
  'payments.insert-event',
  `insert into payment_events (gateway, attempt_id, event, told, outcome) values ($1, $2, $3, $4, $5)
   on conflict (gateway, attempt_id, event) do update set told = excluded.told, outcome = excluded.outcome, received_at = now()
     where payment_events.outcome = 'needs-a-person' returning event`,
)

/** Attempts of the order that hold money, the order's row being locked. */
export const listCapturedAttempts = statement<[OrderId], PaymentAttempt>(
  'payments.list-captured-attempts',
  `select ${COLUMNS} from payment_attempts where order_id = $1 and status in ${MONEY_CAME} order by id`,
)
