import { type Body, Fields } from './fields.ts'
import { invalid, refundError } from './payu-error.ts'

export interface RefundRequest {
  readonly description: string
  /** Undefined: all that is left. */
  readonly amountMinor?: number
  readonly currencyCode?: string
  readonly extRefundId?: string
}

/** @throws PayuError */
export function readRefundRequest(body: Body): RefundRequest {
  const fields = new Fields(body).findObject('refund')
  if (!fields) throw refundError('MISSING_REFUND_SECTION', 'There is no refund in the body')
  const description = fields.getText('description', 4000)
  const amount = fields.findWhole('amount', { min: -999_999_999_999 })
  const optional = { ...fields.texts(['currencyCode', 'extRefundId'], 1024) }
  const type = fields.findText('type', 255)
  if (type !== undefined && !type.startsWith('REFUND_PAYMENT_')) throw invalid('refund.type', 'no type of refund')
  return { description, ...(amount !== undefined && { amountMinor: Number(amount) }), ...optional }
}
