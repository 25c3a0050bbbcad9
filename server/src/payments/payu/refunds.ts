import { GatewayUnavailable, type RefundAnswer } from '../gateway.ts'
import type { PaymentAttempt } from '../payment.ts'
import type { Refund, RefundNews } from '../refund.ts'
import type { PayuClient } from './client.ts'
import { ourId } from './notification.ts'
import { PayuRefused } from './refused.ts'
import type { PayuRefund } from './shapes.ts'
import { REFUND_TOLD } from './statuses.ts'

/** What the operator's log is told of. */
export interface PayuLog {
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** Refusals that pass: the payment is not settled yet, the balance is too low today, too many at once, an accident. */
const LATER_CODES = new Set(['9101', '9102', '9106', '9111', '9113'])
const LATER = /^(TRANS_NOT_ENDED|NO_BALANCE|REFUND_TO_OFTEN|UNKNOWN_ERROR|TRANS_BILLING_ENTRIES_NOT_COMPLETED)$/
/** Refusals behind which our own refund may be, asked for before. */
const THERE_CODES = new Set(['9108', '9112'])
const THERE = /^(PAID|REFUND_IDEMPOTENCY_MISMATCH|REFUND_OUTER_ID_NOT_UNIQUE)$/

/**
 * Asks PayU to send money back; it knows the refund by our id, so asking twice is asking once.
 *
 * @throws GatewayUnavailable also for what PayU refuses only for now
 */
export async function sendRefund(
  client: PayuClient,
  log: PayuLog,
  refund: Refund,
  attempt: PaymentAttempt,
): Promise<RefundAnswer> {
  const { reference: payuOrderId } = attempt
  if (payuOrderId === null) {
    return { told: 'failed', problem: "PayU's number of this payment is not known: refund it in PayU's panel" }
  }
  try {
    const request = {
      extRefundId: refund.id,
      description: `Refund for ${attempt.orderId}`,
      amount: String(refund.amountMinor),
      currencyCode: refund.currency,
    }
    return answerOf(await client.refundOrder(payuOrderId, request))
  } catch (error) {
    if (!(error instanceof PayuRefused)) throw error
    if (isOneOf(error, LATER_CODES, LATER)) throw new GatewayUnavailable(error.message, { cause: error })
    if (!isOneOf(error, THERE_CODES, THERE)) return { told: 'failed', problem: error.message }
    return findEarlier(client, log, refund, payuOrderId, error)
  }
}

/** PayU says that it was refunded, or that our id is another refund's: whether it is this one, its list tells. */
async function findEarlier(
  client: PayuClient,
  log: PayuLog,
  refund: Refund,
  payuOrderId: string,
  refused: PayuRefused,
): Promise<RefundAnswer> {
  const earlier = (await client.listRefunds(payuOrderId)).find((each) => ourId(each.extRefundId) === refund.id)
  if (!earlier) return { told: 'failed', problem: refused.message }
  if (earlier.amountMinor === refund.amountMinor && earlier.currency === refund.currency) return answerOf(earlier)
  // We never use an id for two sums; if it happens, no repetition mends it.
  log.error({ refundId: refund.id, payuOrderId, err: refused }, 'PayU knows a refund of ours with another sum: a bug')
  const there = `${earlier.amountMinor} ${earlier.currency} in minor units`
  return { told: 'failed', problem: `PayU has sent back another sum under this id, ${there}: ${refused.message}` }
}

function isOneOf({ code, literal }: PayuRefused, codes: ReadonlySet<string>, literals: RegExp): boolean {
  return (code !== undefined && codes.has(code)) || (literal !== undefined && literals.test(literal))
}

/** @throws GatewayUnavailable for a status nobody knows */
function toldBy({ status }: PayuRefund): RefundNews['told'] {
  const told = REFUND_TOLD.get(status)
  if (!told) throw new GatewayUnavailable(`PayU gives a refund the status ${status.slice(0, 40)}, which nobody knows`)
  return told
}

function answerOf(refund: PayuRefund): RefundAnswer {
  const told = toldBy(refund)
  if (told === 'failed') return { told, problem: refund.problem ?? 'PayU canceled it and does not say why' }
  return { told, reference: refund.refundId }
}

/** How a refund stands; undefined when PayU does not know it. */
export async function askRefund(
  client: PayuClient,
  gateway: string,
  refund: Refund,
  attempt: PaymentAttempt,
): Promise<RefundNews | undefined> {
  if (attempt.reference === null) return undefined
  const found =
    refund.reference === null
      ? (await client.listRefunds(attempt.reference)).find((each) => ourId(each.extRefundId) === refund.id)
      : await client.findRefund(attempt.reference, refund.reference)
  return (
    found && {
      gateway,
      attemptId: attempt.id,
      refundId: refund.id,
      reference: found.refundId,
      told: toldBy(found),
      amountMinor: found.amountMinor,
      currency: found.currency,
      problem: found.problem,
    }
  )
}
