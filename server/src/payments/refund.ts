import type { PaymentAttemptId, RefundId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'

/**
 * `requested`: written down, the gateway may not know of it yet. `sent`: the gateway has taken it, the money is under way.
 * `failed`: it will not be sent; its sum counts as not refunded, and a person looks at it.
 */
export type RefundStatus = 'requested' | 'sent' | 'done' | 'failed'

/** Why money goes back. The first three happen by themselves; `at-gateway`: somebody made it in the gateway's own panel. */
export type RefundReason = 'order-canceled' | 'late-money' | 'paid-twice' | 'by-staff' | 'at-gateway'

export interface Refund {
  readonly id: RefundId
  readonly attemptId: PaymentAttemptId
  readonly amountMinor: Minor
  readonly currency: string
  readonly status: RefundStatus
  readonly reason: RefundReason
  /** The gateway's own name for it. */
  readonly reference: string | null
  /** Why it failed, in words for staff. */
  readonly problem: string | null
  readonly note: string
  /** The refund made in the place of this one, which had failed. */
  readonly retriedAs: RefundId | null
  readonly createdAt: Date
}

/** What a gateway says of a refund: in a notification, or asked. */
export interface RefundNews {
  readonly gateway: string
  /** The attempt it belongs to; undefined: none of ours. */
  readonly attemptId: PaymentAttemptId | undefined
  /** Ours; undefined: it was made in the gateway's own panel. */
  readonly refundId: RefundId | undefined
  /** The gateway's own name for it. */
  readonly reference: string
  readonly told: 'sent' | 'done' | 'failed'
  readonly amountMinor: Minor
  readonly currency: string
  /** Why it failed, in words for staff. */
  readonly problem?: string | undefined
}

/** What is made of news of a refund: it moved, nothing is new, or a person has to look. */
export type RefundOutcome = 'refund-sent' | 'refund-done' | 'refund-failed' | 'needs-a-person' | 'known'

/**
 * The one rule about how a refund moves on. Money that has left has left: `done` is believed even after `failed`, and
 * nothing is believed after `done`.
 */
export function decideRefundNews(refund: Refund, news: RefundNews): RefundOutcome {
  if (news.amountMinor !== refund.amountMinor || news.currency !== refund.currency) return 'needs-a-person'
  const isNewer = RANK[news.told] > RANK[refund.status]
  return isNewer ? OUTCOMES[news.told] : 'known'
}

const RANK: Readonly<Record<RefundStatus, number>> = { requested: 0, sent: 1, failed: 2, done: 3 }
const OUTCOMES = { sent: 'refund-sent', failed: 'refund-failed', done: 'refund-done' } as const
