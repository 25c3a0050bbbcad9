import { REFUND_ERRORS, type RefundError } from './refund-errors.ts'

/** What PayU says of how a call went: in every answer, good or bad. All but `statusCode` may be missing. */
export interface Status {
  readonly statusCode: string
  readonly severity?: 'ERROR' | 'INFO' | 'WARNING'
  readonly code?: string
  readonly codeLiteral?: string
  readonly statusDesc?: string
}

/** PayU says no; `beside` goes beside the status. */
export class PayuError extends Error {
  readonly httpStatus: number
  readonly body: Readonly<Record<string, unknown>>

  constructor(httpStatus: number, status: Status, beside: Readonly<Record<string, unknown>> = {}) {
    super(`${status.statusCode} ${status.codeLiteral ?? status.statusDesc ?? ''}`)
    this.httpStatus = httpStatus
    this.body = { ...beside, status: { severity: 'ERROR', ...status } }
  }
}

export const syntaxError = (statusDesc: string) => new PayuError(400, { statusCode: 'ERROR_SYNTAX', statusDesc })

export const missing = (field: string) =>
  new PayuError(400, {
    statusCode: 'ERROR_VALUE_MISSING',
    code: '8300',
    statusDesc: `Missing required field: ${field}`,
  })

export const invalid = (field: string, rule: string) =>
  new PayuError(400, {
    statusCode: 'ERROR_VALUE_INVALID',
    code: '8300',
    statusDesc: `Invalid field value: ${field}: ${rule}`,
  })

export const invalidAs = (codeLiteral: string, statusDesc: string, code?: string) =>
  new PayuError(400, { statusCode: 'ERROR_VALUE_INVALID', ...(code && { code }), codeLiteral, statusDesc })

/** The order is not where this could be done. */
export const forbiddenMove = (statusDesc: string) =>
  new PayuError(400, { statusCode: 'ERROR_VALUE_INVALID', code: '108', statusDesc })

export const notFound = (statusDesc: string) =>
  new PayuError(404, { statusCode: 'DATA_NOT_FOUND', severity: 'INFO', statusDesc })

export const unauthorized = () =>
  new PayuError(401, {
    statusCode: 'UNAUTHORIZED',
    code: '401',
    codeLiteral: 'INVALID_OR_MISSING_ACCESS_TOKEN',
    statusDesc: 'Invalid or missing access token',
  })

export const otherPos = () =>
  new PayuError(403, {
    statusCode: 'ERROR_VALUE_INVALID',
    code: '8062',
    codeLiteral: 'INVALID_AUTH_FOR_THIS_ORDER',
    statusDesc: 'The access token is for another point of sale',
  })

export const orderNotUnique = (existing: { orderId: string; extOrderId: string }) =>
  new PayuError(
    400,
    {
      statusCode: 'ERROR_ORDER_NOT_UNIQUE',
      code: '110',
      codeLiteral: 'ORDER_NOT_UNIQUE',
      statusDesc: 'An order with this extOrderId exists',
    },
    existing,
  )

export function refundError(codeLiteral: RefundError, statusDesc: string): PayuError {
  return new PayuError(400, { ...REFUND_ERRORS[codeLiteral], codeLiteral, statusDesc })
}
