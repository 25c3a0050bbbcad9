import type { PaymentNews } from '../payment.ts'
import type { RefundNews } from '../refund.ts'

/** What PayU's word for an order means for the attempt behind it. The event is called by PayU's own word. */
export const TOLD: ReadonlyMap<string, PaymentNews['told']> = new Map([
  // Nothing has been begun, and the attempt is as pending as it was; PayU does not notify it.
  ['NEW', 'pending'],
  ['PENDING', 'pending'],
  ['WAITING_FOR_CONFIRMATION', 'authorized'],
  ['COMPLETED', 'paid'],
  // Refused, abandoned, run out of time or canceled by us: PayU has one word for all of it.
  ['CANCELED', 'canceled'],
])

export const REFUND_TOLD: ReadonlyMap<string, RefundNews['told']> = new Map([
  ['PENDING', 'sent'],
  ['FINALIZED', 'done'],
  ['CANCELED', 'failed'],
])
