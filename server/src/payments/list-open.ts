import type { GatewayMessageId, OrderId, PaymentAttemptId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import type { Db } from '../store/database.ts'
import { statement } from '../store/statement.ts'
import { listOpenRefunds, type RefundOfOrder } from './refunds.sql.ts'
import { countOpenLines, listPayersOf, type Payer } from './transfer/bank-lines/bank-lines.sql.ts'

/** Money that came for an order and was not the sum asked for. */
export interface HeldMoney {
  readonly orderId: OrderId
  readonly attemptId: PaymentAttemptId
  readonly method: string
  readonly capturedMinor: Minor
  readonly amountMinor: Minor
  readonly currency: string
  readonly since: Date
}

/** What was told of a payment and could not be believed: another currency, or another payment under its name. */
export interface DoubtfulNews {
  readonly orderId: OrderId
  readonly gateway: string
  readonly event: string
  readonly amountMinor: Minor
  readonly currency: string
  readonly since: Date
}

/** A gateway's message that fits no payment or refund of ours. */
export interface UnknownMessage {
  readonly id: GatewayMessageId
  readonly gateway: string
  readonly problem: string | null
  readonly since: Date
}

/** An attempt whose gateway has not said its last word for days. */
export interface SilentAttempt {
  readonly orderId: OrderId
  readonly attemptId: PaymentAttemptId
  readonly gateway: string
  readonly amountMinor: Minor
  readonly currency: string
  readonly since: Date
}

/** Of a transfer: who sent the money, as far as a bank statement told. */
export interface RefundByHand extends RefundOfOrder {
  readonly payers: readonly Payer[]
}

/** All about money that waits for a person. */
export interface OpenMatters {
  /** How many bank lines could not be booked: see `listBankLines`. */
  readonly bankLines: number
  readonly held: readonly HeldMoney[]
  readonly refundsByHand: readonly RefundByHand[]
  readonly refundsFailed: readonly RefundOfOrder[]
  readonly news: readonly DoubtfulNews[]
  readonly messages: readonly UnknownMessage[]
  readonly silent: readonly SilentAttempt[]
}

const SHOWN = 200

/** What a person has to look at, the oldest first, at most {@link SHOWN} of each kind. */
export async function listOpenMatters(db: Db): Promise<OpenMatters> {
  const refunds = await listOpenRefunds(db, SHOWN)
  const byHand = refunds.filter((it) => it.method === 'transfer' && it.status === 'requested')
  const payers = await listPayersOf(
    db,
    byHand.map((it) => it.attemptId),
  )
  return {
    bankLines: (await countOpenLines(db))?.count ?? 0,
    held: await listHeld(db, SHOWN),
    refundsByHand: byHand.map((it) => ({
      ...it,
      payers: payers.filter(({ attemptId }) => attemptId === it.attemptId),
    })),
    refundsFailed: refunds.filter((it) => it.status === 'failed'),
    news: await listDoubtfulNews(db, SHOWN),
    messages: await listUnknownMessages(db, SHOWN),
    silent: await listSilent(db, SHOWN),
  }
}

const listHeld = statement<[number], HeldMoney>(
  'payments.list-held',
  `select order_id as "orderId", id as "attemptId", method, captured_minor as "capturedMinor", amount_minor as "amountMinor",
          currency, updated_at as since
     from payment_attempts where status = 'held' and refunded_minor < captured_minor order by updated_at limit $1`,
)

const listDoubtfulNews = statement<[number], DoubtfulNews>(
  'payments.list-doubtful-news',
  `select a.order_id as "orderId", e.gateway, e.event, (e.told ->> 'amountMinor')::bigint as "amountMinor",
          e.told ->> 'currency' as currency, e.received_at as since
     from payment_events e join payment_attempts a on a.id = e.attempt_id
    where e.outcome = 'needs-a-person' order by e.received_at limit $1`,
)

const listUnknownMessages = statement<[number], UnknownMessage>(
  'payments.list-unknown-messages',
  `select id, gateway, problem, received_at as since from gateway_messages
    where outcome in ('unknown', 'needs-a-person') order by received_at limit $1`,
)

/** Asked about for about three days: the ladder's looks take so long. */
const listSilent = statement<[number], SilentAttempt>(
  'payments.list-silent',
  `select order_id as "orderId", id as "attemptId", gateway, amount_minor as "amountMinor", currency, updated_at as since
     from payment_attempts where next_look_at is not null and looks > 18 order by updated_at limit $1`,
)
