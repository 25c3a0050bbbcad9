import { InvalidArgumentError } from 'commander'
import { isUuid, type OrderId, type RefundId } from '../../kernel/ids.ts'
import { fromDecimal, type Minor, toDecimal } from '../../kernel/money.ts'
import { OperatorError } from '../../kernel/operator-error.ts'
import { Refused } from '../../kernel/refused.ts'
import type { OrderRefusal, OrderStaffRefusal } from '../../orders/index.ts'
import type { StaffRefusal } from '../../payments/index.ts'

type Told =
  | StaffRefusal
  | OrderStaffRefusal
  | Extract<OrderRefusal, { code: 'orders.not-found' | 'orders.wrong-status' }>

export const money = (minor: Minor, currency: string) => `${toDecimal(minor)} ${currency}`

/** Throws what staff are told of a refusal, with what to do; anything else as it is. */
export function explain(error: unknown): never {
  throw error instanceof Refused ? new OperatorError(explanationOf(error.refusal as Told)) : error
}

function explanationOf(refusal: Told): string {
  switch (refusal.code) {
    case 'orders.not-found':
      return 'There is no such order. Its uuid is in the customer’s confirmation and in the order list.'
    case 'orders.wrong-status':
      return `The order is ${refusal.status}: that cannot be done with it any more.`
    case 'orders.not-so-many':
      return `The order holds ${refusal.held} of that product, not ${refusal.asked}: nothing was returned or refunded.`
    case 'payments.transfer-not-found':
      return isUuid(refusal.title)
        ? `No transfer was chosen for order ${refusal.title}, or there is no such order: look for a mistyped character.`
        : `There is no transfer with the title ${refusal.title}: look for a mistyped character.`
    case 'payments.amount-differs': {
      const { expectedMinor, toldMinor, currency, toldCurrency } = refusal
      const told = toldCurrency && toldCurrency !== currency ? money(toldMinor, toldCurrency) : toDecimal(toldMinor)
      return `${money(expectedMinor, currency)} was asked for, ${told} came. Nothing was confirmed: settle the difference with the customer first.`
    }
    case 'payments.nothing-to-refund':
      return `The order is ${refusal.orderStatus} and holds no money that has not gone back already.`
    case 'payments.refund-above-captured': {
      const { restMinor, askedMinor, currency } = refusal
      return `${money(restMinor, currency)} is left of what came: ${toDecimal(askedMinor)} cannot go back. Nothing was refunded.`
    }
    case 'payments.refund-differs':
      return 'Another refund was made under this id: take a new one.'
    case 'payments.refund-not-found':
      return 'There is no such refund: `tradepost payments open` lists those that wait for somebody.'
    case 'payments.refund-not-by-hand':
      return `${refusal.gateway} sends this refund by itself: nobody has to.`
    case 'payments.refund-not-failed':
      return 'This refund has not failed, or was sent again before.'
    case 'payments.nothing-held':
      return 'No money of this order waits for a decision.'
    case 'payments.bank-line-not-found':
      return `There is no bank line ${refusal.line}: \`tradepost payments bank-lines --open\` lists them. Nothing was settled.`
    case 'payments.bank-line-not-open':
      return `Bank line ${refusal.line} was booked or settled before. Nothing was settled.`
    case 'payments.bank-line-is-a-reversal':
      return `Bank line ${refusal.line} is the bank taking a booking back: no order can have it. Look after it, then settle it with --note.`
    case 'payments.bank-lines-differ':
      return 'These bank lines are of several currencies: they make no sum together.'
    case 'payments.paid-already':
      return `Money for order ${refusal.orderId} had come before. Send this back at the bank, then settle it with --note.`
    case 'payments.order-not-payable':
      return `Order ${refusal.orderId} is in no state to be paid. Send the money back at the bank, then settle it with --note.`
  }
}

export function readAmount(text: string): Minor {
  const minor = fromDecimal(text.replace(',', '.'))
  if (!minor) throw new InvalidArgumentError('Write it like 129.00.')
  return minor
}

/** As long as the database keeps it. */
const NOTE_LENGTH_MAX = 500

export function readNote(text: string): string {
  if (text.length > NOTE_LENGTH_MAX) throw new InvalidArgumentError(`At most ${NOTE_LENGTH_MAX} characters.`)
  return text
}

/** What gateways, staff and customers wrote may hold what a terminal would obey. */
export function print(lines: readonly string[]): void {
  console.log(lines.map((line) => line.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')).join('\n'))
}

export const readOrderId = (text: string) => readUuid(text) as OrderId
export const readRefundId = (text: string) => readUuid(text) as RefundId

function readUuid(text: string): string {
  if (!isUuid(text)) throw new InvalidArgumentError('Write it like 8b2de2bf-b04a-4674-bf92-f0e4c727720b.')
  return text.toLowerCase()
}
