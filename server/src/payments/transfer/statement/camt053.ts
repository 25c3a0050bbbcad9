import type { Minor } from '../../../kernel/money.ts'
import { decodeXml } from './decode.ts'
import { BadStatement, type Statement, type StatementLine, type StatementLineKind } from './statement-line.ts'
import { readAccount, readAmount, readDate, readText } from './values.ts'
import { elementsAt, readXml, textAt, type XmlElement } from './xml.ts'

/** What banks write where the payer gave no reference. */
const NO_REFERENCE = /^(NOTPROVIDED|NONREF)$/i

/** Its two relatives that are no statements: they tell of entries that the statement tells again. */
const RELATIVES: Readonly<Record<string, string>> = {
  BkToCstmrAcctRpt: 'a report of the day (camt.052)',
  BkToCstmrDbtCdtNtfctn: 'a notification (camt.054)',
}

/**
 * Reads a bank statement in XML, ISO 20022 camt.053, of any version and namespace. An entry that a bank puts together
 * from several transfers is read as these, when they add up to it.
 *
 * @throws BadStatement
 */
export function readCamt053(bytes: Buffer): Statement {
  const lines: StatementLine[] = []
  let notBooked = 0
  let statements = 0
  const wanted = new Set(['Ntry', 'Stmt', ...Object.keys(RELATIVES)])

  readXml(decodeXml(bytes), wanted, (element, around) => {
    const relative = RELATIVES[element.name]
    if (relative) {
      throw new BadStatement(
        `this is ${relative}: download the statement, camt.053, for these days`,
        element.lineNumber,
      )
    }
    const isInStatement = around.some(({ name }) => name === 'BkToCstmrStmt')
    if (!isInStatement) return
    if (element.name === 'Stmt') {
      statements += 1
    } else if (isBooked(element)) {
      // One by one: an entry may hold more transactions than a call takes arguments.
      for (const line of linesOf(element, accountOf(around))) lines.push(line)
    } else {
      notBooked += 1
    }
  })

  if (statements === 0) {
    throw new BadStatement('this XML holds no bank statement (BkToCstmrStmt): choose CAMT.053 when downloading it')
  }
  return { format: 'camt.053', lines, notBooked, warnings: [] }
}

/** The status is text up to version .02's successors, a code inside it from .04 on. */
function isBooked(entry: XmlElement): boolean {
  return (textAt(entry, 'Sts/Cd', 'Sts/Prtry', 'Sts') || 'BOOK') === 'BOOK'
}

function accountOf(around: readonly XmlElement[]): string {
  const statement = around.find(({ name }) => name === 'Stmt')
  const account = readAccount(textAt(statement, 'Acct/Id/IBAN', 'Acct/Id/Othr/Id'))
  if (!account) throw new BadStatement('the statement does not say of which account it is', statement?.lineNumber)
  return account
}

interface Booking {
  readonly account: string
  readonly bookedOn: string
  readonly isCredit: boolean
  readonly isReversal: boolean
  readonly amount: Money
}

interface Money {
  readonly amountMinor: Minor
  readonly currency: string
}

function linesOf(entry: XmlElement, account: string): StatementLine[] {
  const booking: Booking = {
    account,
    bookedOn: dateOf(entry),
    isCredit: isCredit(entry, entry),
    isReversal: /^(true|1)$/.test(textAt(entry, 'RvslInd')),
    amount: moneyOf(elementsAt(entry, 'Amt')[0], entry),
  }
  const details = elementsAt(entry, 'NtryDtls/TxDtls')
  if (details.length === 0) return [lineOf(booking, entry, undefined, booking.isCredit, booking.amount)]
  const [only] = details
  if (details.length === 1) return [lineOf(booking, entry, only, booking.isCredit, booking.amount)]
  return linesOfBatch(booking, entry, details)
}

/** What was booked is the entry; its details stand for it only when they come to the same money. */
function linesOfBatch(booking: Booking, entry: XmlElement, details: readonly XmlElement[]): StatementLine[] {
  const parts = details.map((detail) => {
    const amount = elementsAt(detail, 'Amt')[0] ?? elementsAt(detail, 'AmtDtls/TxAmt/Amt')[0]
    const money = amount ? moneyOf(amount, detail) : undefined
    return { detail, money, isCredit: isCredit(detail, entry, booking.isCredit) }
  })
  const { amountMinor, currency } = booking.amount
  let sumMinor = 0
  for (const { money, isCredit } of parts) {
    const sameWay = isCredit === booking.isCredit ? 1 : -1
    sumMinor += money?.currency === currency ? sameWay * money.amountMinor : Number.NaN
  }
  if (sumMinor !== amountMinor) {
    const titles = details.map(titleOf).filter(Boolean).join(' ')
    return [{ ...lineOf(booking, entry, undefined, booking.isCredit, booking.amount), title: titles || titleOf(entry) }]
  }
  return parts.map(({ detail, money, isCredit }) => lineOf(booking, entry, detail, isCredit, money as Money))
}

function lineOf(
  { account, bookedOn, isReversal }: Booking,
  entry: XmlElement,
  detail: XmlElement | undefined,
  isCredit: boolean,
  { amountMinor, currency }: Money,
): StatementLine {
  const parties = elementsAt(detail, 'RltdPties')[0]
  const endToEndId = textAt(detail, 'Refs/EndToEndId')
  return {
    account,
    bookedOn,
    kind: kindOf(isCredit, isReversal),
    amountMinor,
    currency,
    title: (detail && titleOf(detail)) || titleOf(entry),
    payerName: readText(textAt(parties, 'Dbtr/Nm', 'Dbtr/Pty/Nm', 'UltmtDbtr/Nm', 'UltmtDbtr/Pty/Nm')),
    payerAccount: readText(readAccount(textAt(parties, 'DbtrAcct/Id/IBAN', 'DbtrAcct/Id/Othr/Id'))),
    // Not NtryRef, which in many banks' files is a number within this one file.
    bankReference: readText(
      textAt(detail, 'Refs/AcctSvcrRef') || textAt(entry, 'AcctSvcrRef') || textAt(detail, 'Refs/TxId'),
    ),
    endToEndId: NO_REFERENCE.test(endToEndId) ? '' : readText(endToEndId),
    lineNumber: (detail ?? entry).lineNumber,
  }
}

/** What the payer wrote, freely or as a structured reference; else what the bank says about it. */
function titleOf(element: XmlElement): string {
  const written = ['RmtInf/Ustrd', 'RmtInf/Strd/CdtrRefInf/Ref', 'RmtInf/Strd/AddtlRmtInf']
    .flatMap((path) => elementsAt(element, path))
    .map(({ text }) => readText(text))
  return written.filter(Boolean).join(' ') || readText(textAt(element, 'AddtlTxInf', 'AddtlNtryInf'))
}

/** A reversed entry points the other way than what it takes back: a debit that is a reversal takes back a credit. */
function kindOf(isCredit: boolean, isReversal: boolean): StatementLineKind {
  if (isReversal) return isCredit ? 'debit-reversed' : 'credit-reversed'
  return isCredit ? 'credit' : 'debit'
}

function isCredit(element: XmlElement, entry: XmlElement, otherwise?: boolean): boolean {
  const indicator = textAt(element, 'CdtDbtInd')
  if (indicator === 'CRDT') return true
  if (indicator === 'DBIT') return false
  if (indicator === '' && otherwise !== undefined) return otherwise
  throw new BadStatement('an entry says neither CRDT nor DBIT: download the file from the bank again', entry.lineNumber)
}

function moneyOf(amount: XmlElement | undefined, { lineNumber }: XmlElement): Money {
  const amountMinor = readAmount(amount?.text.trim() ?? '')
  const currency = amount?.attributes.Ccy ?? ''
  if (amountMinor === undefined || !/^[A-Z]{3}$/.test(currency)) {
    const written = readText(`${amount?.text ?? ''} ${currency}`).slice(0, 40)
    throw new BadStatement(
      `an entry has no amount we can read ("${written}"): ask the bank for the file again`,
      lineNumber,
    )
  }
  return { amountMinor, currency }
}

function dateOf(entry: XmlElement): string {
  const written = textAt(entry, 'BookgDt/Dt', 'BookgDt/DtTm', 'ValDt/Dt', 'ValDt/DtTm')
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(written) ?? []
  const date = readDate(Number(year), Number(month), Number(day))
  if (date === undefined) {
    throw new BadStatement(`an entry has no booking date we can read ("${written.slice(0, 40)}")`, entry.lineNumber)
  }
  return date
}
