import { toDecimal } from '../../../kernel/money.ts'
import { decodeUnlabeled } from './decode.ts'
import { readDetails } from './mt940-details.ts'
import { BadStatement, type Statement, type StatementLine, type StatementLineKind } from './statement-line.ts'
import { readAccount, readAmount, readDate, readText } from './values.ts'

/** A field from its tag to the next one, line breaks kept. */
interface Field {
  readonly tag: string
  readonly lineNumber: number
  readonly value: string
}

/** Where one of these stands at the beginning of a line a field begins; anything else goes on with the field before. */
const TAG = /^:(20|21|25P?|28C?|60[FM]|61|86|62[FM]|64|65|13D|34F|90[CD]|NS):(.*)/
/** SWIFT's blocks around a message. */
const WRAPPING = /^(\{[1-5]:|-\})/
/** The ASCII 1 to 3 that some banks set before a statement, and a byte order mark. */
const MARKS = /^[\p{Cc}\uFEFF]+/u
const NO_REFERENCE = /^(NONREF|NIEDOTYCZY|NOTPROVIDED)?$/i

/**
 * Reads a bank statement in SWIFT's MT940 in the ways that banks write it. A file may hold many statements.
 *
 * @throws BadStatement also when a statement has no closing balance: then the file was cut short
 */
export function readMt940(bytes: Buffer): Statement {
  const lines: StatementLine[] = []
  const warnings: string[] = []
  let current: OpenStatement | undefined
  let last: { line: StatementLine; extra: string[]; details: string[] } | undefined

  const finishLine = () => {
    if (last) lines.push({ ...last.line, ...readDetails(last.details.length > 0 ? last.details : last.extra) })
    last = undefined
  }
  for (const field of fieldsOf(decodeUnlabeled(bytes))) {
    if (field.tag !== '86') finishLine()
    switch (field.tag) {
      case '20':
        if (current && !current.isClosed) throw cutShort(current)
        current = { lineNumber: field.lineNumber, account: '', currency: '', balanceMinor: 0, isClosed: false }
        break
      case '25':
      case '25P':
        if (current) current.account = readText(readAccount(firstLine(field)))
        break
      case '60F':
      case '60M': {
        if (!current) throw new BadStatement('a balance (:60F:) stands before any statement (:20:)', field.lineNumber)
        const { currency, balanceMinor } = readBalance(field)
        Object.assign(current, { currency, balanceMinor })
        break
      }
      case '61': {
        if (!current?.account || !current.currency || current.isClosed) {
          throw new BadStatement(
            'a booking (:61:) stands outside a statement: account (:25:) and opening balance (:60F:) must come before it, the closing balance (:62F:) behind. Download the file again',
            field.lineNumber,
          )
        }
        const line = readBooking(field, current)
        current.balanceMinor += SIGN[line.kind] * line.amountMinor
        // A second line tells more; it counts when no :86: comes.
        last = { line, extra: field.value.split('\n').slice(1), details: [] }
        break
      }
      case '86':
        last?.details.push(field.value)
        break
      case '62F':
      case '62M': {
        if (!current) throw new BadStatement('a closing balance (:62F:) stands before any statement', field.lineNumber)
        const { balanceMinor } = readBalance(field)
        if (balanceMinor !== current.balanceMinor) warnings.push(missing(current, balanceMinor))
        current.isClosed = true
        break
      }
    }
  }
  finishLine()
  if (!current) throw new BadStatement('this is no MT940: no statement (:20:) begins in it')
  if (!current.isClosed) throw cutShort(current)
  return { format: 'mt940', lines, notBooked: 0, warnings }
}

interface OpenStatement {
  readonly lineNumber: number
  account: string
  currency: string
  /** The opening balance and all bookings so far. */
  balanceMinor: number
  isClosed: boolean
}

const SIGN: Readonly<Record<StatementLineKind, 1 | -1>> = {
  credit: 1,
  'debit-reversed': 1,
  debit: -1,
  'credit-reversed': -1,
}

function cutShort({ lineNumber }: OpenStatement): BadStatement {
  return new BadStatement(
    'the statement that begins here has no closing balance (:62F:), so the file is cut short: download it again',
    lineNumber,
  )
}

function missing({ lineNumber, balanceMinor, currency }: OpenStatement, closingMinor: number): string {
  const difference = toDecimal(closingMinor - balanceMinor)
  return `The statement at line ${lineNumber} does not add up: ${difference} ${currency} between its bookings and its closing balance. A booking may be missing from the file.`
}

function* fieldsOf(text: string): Generator<Field> {
  let field: { tag: string; lineNumber: number; values: string[] } | undefined
  let lineNumber = 0
  const finished = () => field && { tag: field.tag, lineNumber: field.lineNumber, value: field.values.join('\n') }
  for (const raw of linesOf(text)) {
    lineNumber += 1
    const line = raw.replace(MARKS, '')
    // `{4:` may stand on the line of the first field.
    const [, tag, value = ''] = TAG.exec(line) ?? /^\{.*\{4::(20):(.*)/.exec(line) ?? []
    if (tag !== undefined || WRAPPING.test(line)) {
      const done = finished()
      if (done) yield done
      field = tag === undefined ? undefined : { tag, lineNumber, values: [value] }
    } else if (field) {
      field.values.push(line)
    } else if (!/^\s*-?\s*$/.test(line)) {
      throw new BadStatement(`this line belongs to no field: "${readText(line).slice(0, 40)}"`, lineNumber)
    }
  }
  const done = finished()
  if (done) yield done
}

/** Where the rest of the line is all there is; the end of the message may come behind it. */
function firstLine({ value }: Field): string {
  return value.split('\n', 1)[0] ?? ''
}

/** One after the other: all of them at once would be as big as the file again. */
function* linesOf(text: string): Generator<string> {
  let from = 0
  while (from < text.length) {
    let to = text.indexOf('\n', from)
    if (to < 0) to = text.length
    yield text.slice(from, text[to - 1] === '\r' ? to - 1 : to)
    from = to + 1
  }
}

const BALANCE = /^([CD])(\d{6})([A-Z]{3})(\d[\d.,]*)\s*$/

function readBalance(field: Field): { currency: string; balanceMinor: number } {
  const { tag, lineNumber } = field
  const [, mark, , currency = '', amount = ''] = BALANCE.exec(firstLine(field)) ?? []
  const amountMinor = readAmount(amount)
  if (amountMinor === undefined) {
    throw new BadStatement(
      `the balance cannot be read: ":${tag}:${readText(firstLine(field)).slice(0, 40)}"; it should be like ":${tag}:C261120PLN1000,00"`,
      lineNumber,
    )
  }
  return { currency, balanceMinor: mark === 'C' ? amountMinor : -amountMinor }
}

/** Value date, booking date, mark, third letter of the currency, amount, kind of booking, references. */
const BOOKING = /^(\d{6})(\d{4})?\s?(R?[CD])([A-Z])?(\d[\d.]*,\d*)\s?([A-Z][A-Z0-9]{3})?(.*)/

const KINDS: Readonly<Record<string, StatementLineKind>> = {
  C: 'credit',
  D: 'debit',
  RC: 'credit-reversed',
  RD: 'debit-reversed',
}

function readBooking(field: Field, { account, currency }: OpenStatement): StatementLine {
  const { lineNumber } = field
  const first = firstLine(field)
  const [, valueDate = '', entryDate, mark = '', , amount = '', , references = ''] = BOOKING.exec(first) ?? []
  const kind = KINDS[mark]
  const amountMinor = readAmount(amount)
  const bookedOn = readDates(valueDate, entryDate)
  if (kind === undefined || amountMinor === undefined || bookedOn === undefined) {
    throw new BadStatement(
      `the booking cannot be read: ":61:${readText(first).slice(0, 60)}"; it should be like ":61:2611201120C129,00NTRFNONREF//123"`,
      lineNumber,
    )
  }
  // Without `//` the one reference is the bank's, or that there is none.
  const at = references.indexOf('//')
  const [customers, banks] = at < 0 ? ['', references] : [references.slice(0, at), references.slice(at + 2)]
  return {
    account,
    bookedOn,
    kind,
    amountMinor,
    currency,
    title: '',
    payerName: '',
    payerAccount: '',
    bankReference: readReference(banks),
    endToEndId: readReference(customers),
    lineNumber,
  }
}

function readReference(written: string): string {
  const reference = readText(written)
  return NO_REFERENCE.test(reference) ? '' : reference
}

/** `YYMMDD`, and the booking's `MMDD` in the year that is nearest to it. */
function readDates(valueDate: string, entryDate: string | undefined): string | undefined {
  const [year = 0, month = 0, day = 0] = numbersOf(valueDate)
  const valued = readDate(2000 + year, month, day)
  if (valued === undefined || entryDate === undefined) return valued
  const [entryMonth = 0, entryDay = 0] = numbersOf(entryDate)
  const years = month - entryMonth > 6 ? 1 : entryMonth - month > 6 ? -1 : 0
  return readDate(2000 + year + years, entryMonth, entryDay)
}

/** Of each two digits. */
function numbersOf(digits: string): number[] {
  return (digits.match(/\d\d/g) ?? []).map(Number)
}
