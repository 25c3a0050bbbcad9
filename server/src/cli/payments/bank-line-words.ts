import type { OrderId } from '../../kernel/ids.ts'
import { withoutControls } from '../../mail/index.ts'
import { type BankLine, type BankLineReason, type BookedAs, type Suggestion, suggestFor } from '../../payments/index.ts'
import type { Db } from '../../store/database.ts'
import { money } from './words.ts'

/** `3 transfers, 387.00 PLN`, each currency by itself; `none`. */
export function sumsOf(lines: readonly BankLine[]): string {
  if (lines.length === 0) return 'none'
  const sums = new Map<string, number>()
  for (const { currency, amountMinor, kind } of lines) {
    sums.set(currency, (sums.get(currency) ?? 0) + (kind === 'credit-reversed' ? -amountMinor : amountMinor))
  }
  const inWords = [...sums].map(([currency, minor]) => money(minor, currency)).join(' and ')
  const count = lines.length === 1 ? '1 transfer' : `${lines.length} transfers`
  return `${count}, ${inWords}`
}

/** Number, day, sum, payer. In a dry run there is no number yet. */
export function lineHeading(line: BankLine): string {
  const { id, bookedOn, payerName, kind } = line
  const sign = kind === 'credit-reversed' ? '-' : ''
  const cells = [
    ...(id === null ? [] : [String(id)]),
    bookedOn,
    `${sign}${money(line.amountMinor, line.currency)}`,
    payerName,
  ]
  return cells.map((cell) => withoutControls(cell)).join('  ')
}

/** For one that stands under its order: number, sum, payer. */
export function lineInWords({ id, amountMinor, currency, payerName, payerAccount }: BankLine): string {
  const payer = [payerName, payerAccount].filter(Boolean).join(', ')
  return `${id} of ${money(amountMinor, currency)}${payer && ` from ${withoutControls(payer)}`}`
}

/** Each line with why it waits, what may help and what settles it. */
export async function linesForAPerson(db: Db, lines: readonly BankLine[]): Promise<string[]> {
  const said: string[] = []
  for (const line of lines) {
    const suggestion = await suggestFor(db, line)
    said.push(
      `  ${lineHeading(line)}`,
      `      title: ${withoutControls(line.title) || 'none'}`,
      ...(line.payerAccount ? [`      from: ${withoutControls(line.payerAccount)}`] : []),
      `      ${REASONS[line.reason ?? 'no-title'](line)}`,
      ...suggestionLines(suggestion),
      ...(line.id === null ? [] : [`      ${settledBy(line, line.id, suggestion)}`]),
    )
  }
  return said
}

const REASONS: Readonly<Record<BankLineReason, (line: BankLine) => string>> = {
  'no-title': () => 'It bears no title of ours.',
  'unknown-title': () => 'It bears a title that was never given out.',
  'several-titles': () => 'It bears the titles of several transfers.',
  'too-little': ({ orderId }) => `It is less than order ${orderId} asks for.`,
  'too-much': ({ orderId }) => `It is more than order ${orderId} asks for.`,
  'other-currency': ({ orderId }) => `Order ${orderId} asks for another currency.`,
  'paid-already': ({ orderId }) => `Money for order ${orderId} had come before: this came besides.`,
  'not-payable': ({ orderId }) => `Order ${orderId} was returned or is in error: it takes no money.`,
  reversed: ({ orderId }) =>
    orderId ? `The bank took a booking back. It names order ${orderId}: look at it.` : 'The bank took a booking back.',
}

function suggestionLines(suggestion: Suggestion | undefined): string[] {
  switch (suggestion?.kind) {
    case undefined:
      return []
    case 'titles':
    case 'sum': {
      const why = suggestion.kind === 'titles' ? 'Perhaps' : 'Awaited with this sum:'
      return suggestion.transfers.map(
        (transfer) =>
          `      ${why} ${transfer.transferTitle}, order ${transfer.orderId}, ${money(transfer.amountMinor, transfer.currency)}.`,
      )
    }
    case 'together':
      return [
        `      Together, lines ${suggestion.lines.join(' and ')} are the ${money(suggestion.transfer.amountMinor, suggestion.transfer.currency)} of the order.`,
      ]
  }
}

function settledBy(line: BankLine, id: number, suggestion: Suggestion | undefined): string {
  const settle = 'tradepost payments settle'
  if (suggestion?.kind === 'together') {
    return `→ ${settle} ${suggestion.lines.join(' ')} --order ${suggestion.transfer.orderId}`
  }
  if (line.reason === 'several-titles' && suggestion?.kind === 'titles') {
    const each = suggestion.transfers.map(({ transferTitle }) => `tradepost payments confirm ${transferTitle}`)
    return `→ ${each.join('; ')}; ${settle} ${id} --note "for all of them"`
  }
  const [meant, another] = suggestion?.transfers ?? []
  const fits = meant && !another && meant.amountMinor === line.amountMinor && meant.currency === line.currency
  return fits ? `→ if so: ${settle} ${id} --order ${meant.orderId}` : `→ ${settle} ${id} --note "what you did with it"`
}

/** What a line that waits no more has become. */
export function becameOf(line: BankLine): string {
  const { outcome, bookedAs, orderId, note } = line
  if (outcome === 'needs-a-person') return 'waits for a person'
  if (outcome === 'settled') return `settled: ${note}`
  return bookedAs && orderId ? BOOKED[bookedAs](orderId) : ''
}

export const BOOKED: Readonly<Record<BookedAs, (orderId: OrderId) => string>> = {
  'order-paid': (id) => `Order ${id} is paid.`,
  'confirmed-before': (id) => `Order ${id}: the transfer that staff had confirmed.`,
  'refund-late': (id) => `Order ${id} was canceled before: a refund was written down, send it back.`,
  'refund-twice': (id) => `Order ${id} had been paid otherwise: a refund was written down, send it back.`,
}
