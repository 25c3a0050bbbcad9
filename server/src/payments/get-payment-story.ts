import type { OrderId } from '../kernel/ids.ts'
import { getStanding, type OrderStatus } from '../orders/index.ts'
import type { Db } from '../store/database.ts'
import { statement } from '../store/statement.ts'
import type { NewsOutcome, PaymentAttempt, PaymentNews } from './payment.ts'
import { findAttemptByTitle, listAttemptsOf } from './payments.sql.ts'
import { listRefundsOf, type RefundOfOrder } from './refunds.sql.ts'
import type { BankLine } from './transfer/bank-lines/bank-line.ts'
import { listLinesOf } from './transfer/bank-lines/bank-lines.sql.ts'
import { readTransferTitle } from './transfer/title.ts'

export interface ToldEvent extends PaymentNews {
  readonly outcome: NewsOutcome
  readonly receivedAt: Date
}

/** Everything that is known about an order's money. */
export interface PaymentStory {
  readonly orderId: OrderId
  readonly orderStatus: OrderStatus
  readonly attempts: readonly PaymentAttempt[]
  readonly events: readonly ToldEvent[]
  readonly refunds: readonly RefundOfOrder[]
  /** What bank statements showed of its transfers. */
  readonly bankLines: readonly BankLine[]
}

/** @throws orders.not-found */
export async function getPaymentStory(db: Db, orderId: OrderId): Promise<PaymentStory> {
  const { status: orderStatus } = await getStanding(db, orderId)
  return {
    orderId,
    orderStatus,
    attempts: await listAttemptsOf(db, orderId),
    events: (await listEventsOf(db, orderId)).map(({ told, ...row }) => ({ ...told, ...row })),
    refunds: await listRefundsOf(db, orderId),
    bankLines: await listLinesOf(db, orderId),
  }
}

/** The order a transfer's title belongs to, however it was typed. */
export async function findOrderByTitle(db: Db, title: string): Promise<OrderId | undefined> {
  return (await findAttemptByTitle(db, readTransferTitle(title) ?? ''))?.orderId
}

const listEventsOf = statement<[OrderId], { told: PaymentNews; outcome: NewsOutcome; receivedAt: Date }>(
  'payments.list-events-of',
  `select e.told, e.outcome, e.received_at as "receivedAt"
     from payment_events e join payment_attempts a on a.id = e.attempt_id where a.order_id = $1 order by e.received_at`,
)
