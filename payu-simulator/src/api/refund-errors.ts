/** PayU's codes for refunds it does not take, by their literal. */
export const REFUND_ERRORS = {
  MISSING_REFUND_SECTION: { code: '8300', statusCode: 'ERROR_VALUE_MISSING' },
  TRANS_NOT_ENDED: { code: '9101', statusCode: 'OPENPAYU_BUSINESS_ERROR' },
  NO_BALANCE: { code: '9102', statusCode: 'OPENPAYU_BUSINESS_ERROR' },
  AMOUNT_TO_BIG: { code: '9103', statusCode: 'OPENPAYU_ERROR_VALUE_INVALID' },
  AMOUNT_TO_SMALL: { code: '9104', statusCode: 'OPENPAYU_ERROR_VALUE_INVALID' },
  REFUND_DISABLED: { code: '9105', statusCode: 'OPENPAYU_BUSINESS_ERROR' },
  REFUND_TO_OFTEN: { code: '9106', statusCode: 'OPENPAYU_BUSINESS_ERROR' },
  PAID: { code: '9108', statusCode: 'OPENPAYU_ERROR_VALUE_INVALID' },
  UNKNOWN_ERROR: { code: '9111', statusCode: 'OPENPAYU_ERROR_INTERNAL' },
  REFUND_IDEMPOTENCY_MISMATCH: { code: '9112', statusCode: 'OPENPAYU_BUSINESS_ERROR' },
  TRANS_BILLING_ENTRIES_NOT_COMPLETED: { code: '9113', statusCode: 'OPENPAYU_BUSINESS_ERROR' },
} as const
export type RefundError = keyof typeof REFUND_ERRORS
