import type { OrderId, PaymentAttemptId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import type { OrderStatus, PaymentMethod } from '../orders/index.ts'
import type { RefundStatus } from './refund.ts'

/**
 * `starting`: the gateway may not know of it yet. `pending`: waiting for the payer. `authorized`: the payer's bank has
 * blocked the money. These are live; `declined`, `canceled` and `expired` came to nothing. Money ends in one of three:
 * `paid` pays the order, `held` is not the sum asked for and waits for a person, `surplus` is wanted by nobody and goes
 * back. Money that comes for a closed attempt is still money.
 */
export type AttemptStatus =
  | 'starting'
  | 'pending'
  | 'authorized'
  | 'paid'
  | 'held'
  | 'surplus'
  | 'declined'
  | 'canceled'
  | 'expired'

/** One try at paying an order. Its id is what the gateway knows it by; an order may see several, one of them live. */
export interface PaymentAttempt {
  readonly id: PaymentAttemptId
  readonly orderId: OrderId
  readonly method: PaymentMethod
  readonly gateway: string
  readonly status: AttemptStatus
  readonly amountMinor: Minor
  readonly currency: string
  readonly capturedMinor: Minor
  readonly refundedMinor: Minor
  /** The gateway's own name for it. */
  readonly reference: string | null
  /** A BLIK code was typed in the shop: there is no page to send the buyer to. */
  readonly byBlikCode: boolean
  readonly redirectUri: string | null
  readonly transferTitle: string | null
  readonly sentByCustomerAt: Date | null
}

/** How an order's payment stands, with what went back of its money. */
export interface Payment extends PaymentAttempt {
  readonly refunds: readonly {
    readonly amountMinor: Minor
    readonly currency: string
    readonly status: RefundStatus
    readonly createdAt: string
  }[]
}

/** What somebody says about the money of an attempt: a gateway's notification or answer, a bank statement, staff. */
export interface PaymentNews {
  readonly gateway: string
  readonly attemptId: PaymentAttemptId
  /** Names the event; the same one told again changes nothing. */
  readonly event: string
  /** `pending`: the payer has begun. `authorized`: blocked, to be captured or canceled. */
  readonly told: 'pending' | 'authorized' | 'paid' | 'declined' | 'canceled'
  readonly amountMinor: Minor
  readonly currency: string
  /** The gateway's own name for it, if it is told. */
  readonly reference?: string | undefined
}

/**
 * What is made of news: `order-paid`, `authorized` and `closed` (the attempt came to nothing) change the order's payment;
 * `refund-late` (the order was canceled meanwhile) and `refund-twice` (another attempt had paid it) send the money back;
 * `release`: the bank has blocked money that nobody wants, it is let go; `held`: not the sum asked for;
 * `needs-a-person`: another currency or another payment under the same name, or the order is where nobody expects money;
 * `known`: nothing new.
 */
export type NewsOutcome =
  | 'order-paid'
  | 'authorized'
  | 'closed'
  | 'refund-late'
  | 'refund-twice'
  | 'release'
  | 'held'
  | 'needs-a-person'
  | 'known'

/** What has come and is not on its way back. */
export const restOf = ({ capturedMinor, refundedMinor }: PaymentAttempt): Minor => capturedMinor - refundedMinor

const LIVE: ReadonlySet<AttemptStatus> = new Set(['starting', 'pending', 'authorized'])
const MONEY_CAME: ReadonlySet<AttemptStatus> = new Set(['paid', 'held', 'surplus'])

export const isLive = ({ status }: PaymentAttempt) => LIVE.has(status)

/** The one rule about money that comes in. Monotonic: where money came, nothing that is told later undoes it. */
export function decideNews(attempt: PaymentAttempt, orderStatus: OrderStatus, news: PaymentNews): NewsOutcome {
  const isAnother = attempt.reference !== null && news.reference !== undefined && attempt.reference !== news.reference
  if (isAnother || news.currency !== attempt.currency) return 'needs-a-person'
  if (MONEY_CAME.has(attempt.status)) return 'known'
  switch (news.told) {
    case 'pending':
      return 'known'
    case 'declined':
    case 'canceled':
      return isLive(attempt) ? 'closed' : 'known'
    case 'authorized':
      if (attempt.status === 'authorized') return 'known'
      return isLive(attempt) && isUnpaid(orderStatus) ? 'authorized' : 'release'
    case 'paid':
      return decideMoney(orderStatus, news.amountMinor === attempt.amountMinor)
  }
}

function decideMoney(orderStatus: OrderStatus, isSumAskedFor: boolean): NewsOutcome {
  switch (orderStatus) {
    case 'new':
    case 'to_pay':
      return isSumAskedFor ? 'order-paid' : 'held'
    case 'canceled':
      return 'refund-late'
    case 'paid':
    case 'sent':
    case 'delivered':
      return 'refund-twice'
    case 'returned':
    case 'error':
      return 'held'
  }
}

export const isUnpaid = (status: OrderStatus) => status === 'new' || status === 'to_pay'

/** How the customer is told of a payment: `refunded` once all that was captured has gone back, or is about to. */
export type PaymentState = 'pending' | 'paid' | 'declined' | 'canceled' | 'expired' | 'refunded'

export function paymentState({ status, capturedMinor, refundedMinor }: PaymentAttempt): PaymentState {
  switch (status) {
    case 'starting':
    case 'pending':
    case 'authorized':
      return 'pending'
    case 'paid':
    case 'held':
    case 'surplus':
      if (refundedMinor === capturedMinor) return 'refunded'
      return status === 'paid' ? 'paid' : status === 'held' ? 'pending' : 'refunded'
    default:
      return status
  }
}
