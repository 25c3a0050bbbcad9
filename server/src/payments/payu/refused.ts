import { GatewayUnavailable } from '../gateway.ts'
import { type PayuAnswer, quote } from './http.ts'
import { isWire, textIn, type Wire, wireIn } from './wire.ts'

/** Our settings are wrong, or PayU's of our POS: asking again at once would change nothing. */
export class PayuMisconfigured extends GatewayUnavailable {}

/** PayU understood, and said no. The message is for staff and holds nothing secret. */
export class PayuRefused extends Error {
  override readonly name = 'PayuRefused'
  readonly httpStatus: number
  /** Such as `ERROR_ORDER_NOT_UNIQUE`. */
  readonly statusCode: string
  /** The number, as text: `9102`. */
  readonly code: string | undefined
  /** Such as `NO_BALANCE`. */
  readonly literal: string | undefined
  readonly correlationId: string | undefined
  /** `ERROR_ORDER_NOT_UNIQUE` tells the order that is there in it. */
  readonly body: Wire

  constructor(httpStatus: number, statusCode: string, body: Wire, correlationId: string | undefined) {
    const status = wireIn(body, 'status')
    const code = textIn(status, 'code')
    const literal = textIn(status, 'codeLiteral')
    const parts = [statusCode, code, literal, describe(textIn(status, 'statusDesc'))].filter(Boolean)
    super(`PayU answered ${httpStatus}: ${parts.join(', ')}${quote(correlationId)}`)
    this.httpStatus = httpStatus
    this.statusCode = statusCode
    this.code = code
    this.literal = literal
    this.correlationId = correlationId
    this.body = body
  }

  /** Whether one of its words has this in it: older answers have the literal in the description. */
  mentions(pattern: RegExp): boolean {
    const description = textIn(wireIn(this.body, 'status'), 'statusDesc')
    return [this.statusCode, this.literal, description].some((word) => word !== undefined && pattern.test(word))
  }
}

/** Nothing of it is ours, so it is kept short; six digits may be a BLIK code that PayU repeats. */
function describe(text: string | undefined): string | undefined {
  return text?.replace(/\b\d{6}\b/g, '······').slice(0, 200)
}

/**
 * The body of an answer that says yes. The HTTP status is not enough: a refund without balance was seen as a 200, and an
 * outage as a 200 page, a 500 `BUSINESS_ERROR` or an integer where the status should be.
 *
 * @throws PayuRefused when PayU says no, GatewayUnavailable when it cannot tell or is not itself
 */
export function acceptedBody(answer: PayuAnswer): PayuAnswer['body'] {
  const { status, body, correlationId } = answer
  const statusCode = isWire(body) ? textIn(wireIn(body, 'status'), 'statusCode') : undefined
  const said = statusCode ? `${status} ${statusCode}` : String(status)
  const isLater = status >= 500 || status === 408 || status === 429
  // Of 401 and 403 our settings are the cause, not what was asked.
  const isOurs = status === 401 || status === 403
  if (isLater) throw new GatewayUnavailable(`PayU answered ${said}: try again later${quote(correlationId)}`)
  if (isOurs) {
    throw new PayuMisconfigured(
      `PayU answered ${said}: PAYU_POS_ID, PAYU_CLIENT_ID and PAYU_CLIENT_SECRET do not belong together, or this POS may not do it${quote(correlationId)}`,
    )
  }
  const isYes = statusCode === 'SUCCESS' || statusCode?.startsWith('WARNING_CONTINUE_')
  if (isWire(body) && statusCode && !isYes) throw new PayuRefused(status, statusCode, body, correlationId)
  const isAnswer = (status >= 200 && status < 300) || status === 302
  if (!isAnswer || (isWire(body) && 'status' in body && !isSound(body))) {
    throw new GatewayUnavailable(`PayU answered ${said}, which is not its protocol${quote(correlationId)}`)
  }
  return body
}

/** `status` is the envelope, or the word for how a single refund stands; never a number. */
function isSound({ status }: Wire): boolean {
  return isWire(status) || typeof status === 'string'
}
