import { createHash } from 'node:crypto'
import type { OrderId, PaymentAttemptId } from '../../../kernel/ids.ts'
import type { Minor } from '../../../kernel/money.ts'
import type { OrderStatus } from '../../../orders/index.ts'
import { decideNews, type PaymentAttempt, type PaymentNews } from '../../payment.ts'
import { squeeze } from '../find-titles.ts'
import type { StatementLine } from '../statement/statement-line.ts'

/**
 * Why a bank line waits for a person.
 *
 * `no-title`, `unknown-title` (there is one, and it was never given out), `several-titles`; `too-little`, `too-much`,
 * `other-currency` than was asked for; `paid-already`: other money has paid the transfer of this title; `not-payable`: its
 * order was returned or is in error; `reversed`: the bank took a booking back.
 */
export type BankLineReason =
  | 'no-title'
  | 'unknown-title'
  | 'several-titles'
  | 'too-little'
  | 'too-much'
  | 'other-currency'
  | 'paid-already'
  | 'not-payable'
  | 'reversed'

/**
 * What a booking did: it paid the order; it came for an order that wants no money any more (`refund-late`, `refund-twice`)
 * and is to be sent back; or it is the money that staff had confirmed before the statement came.
 */
export type BookedAs = 'order-paid' | 'refund-late' | 'refund-twice' | 'confirmed-before'

/** What came to the account, by a statement. */
export interface BankLine {
  /** Null only in what a dry run shows. */
  readonly id: number | null
  readonly account: string
  readonly bookedOn: string
  readonly kind: Exclude<StatementLine['kind'], 'debit'>
  readonly amountMinor: Minor
  readonly currency: string
  readonly title: string
  readonly payerName: string
  readonly payerAccount: string
  readonly bankReference: string
  readonly endToEndId: string
  readonly outcome: 'booked' | 'needs-a-person' | 'settled'
  readonly reason: BankLineReason | null
  readonly bookedAs: BookedAs | null
  /** Whose attempt it is booked to, or names. */
  readonly attemptId: PaymentAttemptId | null
  readonly orderId: OrderId | null
  readonly note: string | null
}

/** The attempt that a title names, with what decides about money for it. */
export interface NamedTransfer extends PaymentAttempt {
  readonly orderStatus: OrderStatus
  /** Staff said that its money had come, and no bank line shows that money yet. */
  readonly awaitsItsBankLine: boolean
}

export type BankLineDecision =
  | { readonly outcome: 'booked'; readonly bookedAs: BookedAs; readonly transfer: NamedTransfer }
  | { readonly outcome: 'needs-a-person'; readonly reason: BankLineReason; readonly transfer?: NamedTransfer }

/**
 * The one rule about a bank line: booked on one known title with the exact sum, else for a person.
 *
 * @param titles that could be read in it
 * @param transfers that have one of these titles
 */
export function decideBankLine(
  line: Pick<StatementLine, 'kind' | 'amountMinor' | 'currency'>,
  titles: readonly string[],
  transfers: readonly NamedTransfer[],
): BankLineDecision {
  const [transfer, another] = transfers
  if (line.kind !== 'credit') return { outcome: 'needs-a-person', reason: 'reversed', ...(transfer && { transfer }) }
  if (!transfer) return { outcome: 'needs-a-person', reason: titles.length > 0 ? 'unknown-title' : 'no-title' }
  if (another) return { outcome: 'needs-a-person', reason: 'several-titles' }

  const decision = decideMoney(line.amountMinor, line.currency, transfer)
  return isReason(decision)
    ? { outcome: 'needs-a-person', reason: decision, transfer }
    : { outcome: 'booked', bookedAs: decision, transfer }
}

/** What this sum is to a transfer: a booking, or why it is none. */
export function decideMoney(
  amountMinor: Minor,
  currency: string,
  transfer: NamedTransfer,
): BookedAs | 'too-little' | 'too-much' | 'other-currency' | 'paid-already' | 'not-payable' {
  if (transfer.capturedMinor > 0) {
    const isThatMoney = amountMinor === transfer.capturedMinor && currency === transfer.currency
    return isThatMoney && transfer.awaitsItsBankLine ? 'confirmed-before' : 'paid-already'
  }

  const news = newsOf(transfer, [], amountMinor, currency)
  const outcome = decideNews(transfer, transfer.orderStatus, news)
  if (outcome === 'order-paid' || outcome === 'refund-late' || outcome === 'refund-twice') return outcome
  if (currency !== transfer.currency) return 'other-currency'
  if (amountMinor === transfer.amountMinor) return 'not-payable'
  return amountMinor < transfer.amountMinor ? 'too-little' : 'too-much'
}

function isReason(decision: ReturnType<typeof decideMoney>): decision is Exclude<typeof decision, BookedAs> {
  const reasons: readonly string[] = ['too-little', 'too-much', 'other-currency', 'paid-already', 'not-payable']
  return reasons.includes(decision)
}

/** That this money came: told again of the same bank lines, it is the same event. */
export function newsOf(
  { id, gateway }: PaymentAttempt,
  fingerprints: readonly Buffer[],
  amountMinor: Minor,
  currency: string,
): PaymentNews {
  const lines = fingerprints.map((fingerprint) => fingerprint.toString('hex'))
  const [only = ''] = lines
  const name = lines.length === 1 ? only : createHash('sha256').update(lines.toSorted().join()).digest('hex')
  return { gateway, attemptId: id, event: `bank-line:${name}`, told: 'paid', amountMinor, currency }
}

/**
 * What a line is known by, for each line of a file. Banks do not always give a reference, or not one of its own for each
 * booking, so all they tell counts, and of lines that are equal in all of it within a file, which one it is. Titles are
 * compared by their letters: the same booking may be broken into other lines in another file.
 */
export function fingerprintsOf(lines: readonly StatementLine[]): Buffer[] {
  const seen = new Map<string, number>()
  return lines.map((line) => {
    const told = JSON.stringify([
      ...[line.account, line.bookedOn, line.kind, line.amountMinor, line.currency],
      ...[line.bankReference, line.endToEndId, squeeze(line.title), line.payerAccount],
    ])
    const nth = (seen.get(told) ?? 0) + 1
    seen.set(told, nth)
    return createHash('sha256').update(`${told}${nth}`).digest()
  })
}
