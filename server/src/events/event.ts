import type { CustomerId, OrderId, PaymentAttemptId, RefundId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import type { OrderDetails, PaymentMethod } from '../orders/index.ts'

/**
 * What can happen to an order, to a try at paying it, and to money that goes back: what it is about, and the status that
 * has from then on. The database writes them (migrations/…_order_events.sql), so this list follows the statuses there.
 */
export const EVENT_KINDS = [
  'order.placed',
  'order.to_pay',
  'order.paid',
  'order.sent',
  'order.delivered',
  'order.canceled',
  'order.returned',
  'order.error',
  'payment.pending',
  'payment.authorized',
  'payment.paid',
  'payment.held',
  'payment.surplus',
  'payment.declined',
  'payment.canceled',
  'payment.expired',
  'refund.requested',
  'refund.sent',
  'refund.done',
  'refund.failed',
] as const
export type EventKind = (typeof EVENT_KINDS)[number]

/** Which event: the how-manieth of its order, from 1. */
export interface EventPlace {
  readonly orderId: OrderId
  readonly position: number
}

/** That something has happened, and what of {@link EVENT_KINDS}. */
export interface EventNotice extends EventPlace {
  readonly kind: EventKind
}

/** Something that has happened to an order, with all that is told of it. */
export interface OrderEvent extends EventNotice {
  readonly happenedAt: Date
  /** As it was then. */
  readonly order: OrderDetails
  /** As the customer is now. */
  readonly customer: EventCustomer
  /** What a `payment.` event is about, as it was then. */
  readonly payment: EventPayment | null
  /** What a `refund.` event is about, as it was then. */
  readonly refund: EventRefund | null
}

export interface EventCustomer {
  readonly id: CustomerId
  readonly username: string
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly phone: string
  /** Whether somebody has shown to read mail there. */
  readonly isEmailVerified: boolean
}

export interface EventPayment {
  readonly id: PaymentAttemptId
  readonly method: PaymentMethod
  readonly status: string
  readonly amountMinor: Minor
  readonly capturedMinor: Minor
  readonly currency: string
  readonly transferTitle: string | null
}

export interface EventRefund {
  readonly id: RefundId
  readonly paymentId: PaymentAttemptId
  readonly method: PaymentMethod
  readonly status: string
  readonly amountMinor: Minor
  readonly currency: string
  readonly reason: string
  /** Meanwhile. */
  readonly statusNow: string
}
