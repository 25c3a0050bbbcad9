import type { OrderId, PaymentAttemptId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import type { OrderStatus, PaymentMethod } from '../orders/index.ts'

/**
 * `starting`: the gateway may not know of it yet. `pending`: waiting for the payer. The others are final, but for one
 * thing: money that comes for a closed attempt is still money, and makes it `paid`.
 */
export type AttemptStatus = 'starting' | 'pending' | 'paid' | 'declined' | 'canceled' | 'expired'

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
  readonly redirectUri: string | null
  readonly transferTitle: string | null
  readonly sentByCustomerAt: Date | null
}

/** What somebody says about the money of an attempt: a gateway's notification or answer, a bank statement, staff. */
export interface PaymentNews {
  readonly gateway: string
  readonly attemptId: PaymentAttemptId
  /** Names the event; the same one told again changes nothing. */
  readonly event: string
  readonly told: 'paid' | 'declined' | 'canceled'
  readonly amountMinor: Minor
  readonly currency: string
}

/**
 * What is made of news: `order-paid` and `closed` (the attempt came to nothing) change the order's payment;
 * `refund-late` (the order was canceled meanwhile) and `refund-twice` (another attempt had paid it) send the money back;
 * `needs-a-person`: the sum is not the one asked for, or the order is where nobody expects money; `known`: nothing new.
 */
export type NewsOutcome = 'order-paid' | 'closed' | 'refund-late' | 'refund-twice' | 'needs-a-person' | 'known'

/** The one rule about money that comes in. Monotonic: what is paid stays paid, whatever is told later. */
export function decideNews(attempt: PaymentAttempt, orderStatus: OrderStatus, news: PaymentNews): NewsOutcome {
  if (attempt.status === 'paid') return 'known'
  if (news.told !== 'paid') return attempt.status === 'starting' || attempt.status === 'pending' ? 'closed' : 'known'
  if (news.amountMinor !== attempt.amountMinor || news.currency !== attempt.currency) return 'needs-a-person'
  switch (orderStatus) {
    case 'new':
    case 'to_pay':
      return 'order-paid'
    case 'canceled':
      return 'refund-late'
    case 'paid':
    case 'sent':
    case 'delivered':
      return 'refund-twice'
    case 'returned':
    case 'error':
      return 'needs-a-person'
  }
}

/** How the customer is told of a payment: `refunded` once all that was captured has gone back, or is about to. */
export type PaymentState = Exclude<AttemptStatus, 'starting'> | 'refunded'

export function paymentState(attempt: PaymentAttempt): PaymentState {
  if (attempt.status === 'starting') return 'pending'
  if (attempt.status === 'paid' && attempt.refundedMinor === attempt.capturedMinor) return 'refunded'
  return attempt.status
}
