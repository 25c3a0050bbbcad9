/** Why a refund that was accepted did not work out in the end. */
export const REFUND_FAILURES = [
  'BANK_DECLINED',
  'PROVIDER_DECLINED',
  'PROVIDER_LIMIT_ERROR',
  'PROVIDER_SECURITY_ERROR',
  'PROVIDER_TECHNICAL_ERROR',
  'BANK_UNAVAILABLE_ERROR',
  'REFUND_TOO_LATE',
  'TECHNICAL_ERROR',
  'REFUND_TOO_FAST',
  'REFUND_IMPOSSIBLE',
  'UNKNOWN',
] as const
export type RefundFailure = (typeof REFUND_FAILURES)[number]

export interface Refund {
  readonly refundId: string
  readonly extRefundId?: string
  readonly amountMinor: number
  /** What was asked for, undefined for "all": the same id again must ask for the same. */
  readonly askedMinor?: number
  readonly currencyCode: string
  readonly description: string
  readonly createdAt: number
  status: 'PENDING' | 'FINALIZED' | 'CANCELED'
  statusAt: number
  /** When it is decided, while PENDING. */
  readonly decidedAt: number
  readonly failure?: RefundFailure
}

/** What the buyer has back, or soon will have: a refund that failed does not count. */
export const refundedMinor = (refunds: readonly Refund[]): number =>
  refunds.filter(({ status }) => status !== 'CANCELED').reduce((sum, { amountMinor }) => sum + amountMinor, 0)
