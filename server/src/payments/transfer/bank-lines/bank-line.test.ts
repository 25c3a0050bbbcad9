import { describe, expect, test } from 'vitest'
import type { OrderId, PaymentAttemptId } from '../../../kernel/ids.ts'
import type { OrderStatus } from '../../../orders/index.ts'
import type { StatementLine } from '../statement/statement-line.ts'
import { decideBankLine, fingerprintsOf, type NamedTransfer, newsOf } from './bank-line.ts'

const transfer: NamedTransfer = {
  id: 'attempt' as PaymentAttemptId,
  orderId: 'order' as OrderId,
  method: 'transfer',
  gateway: 'transfer',
  status: 'pending',
  amountMinor: 12_900,
  currency: 'PLN',
  capturedMinor: 0,
  refundedMinor: 0,
  reference: null,
  byBlikCode: false,
  redirectUri: null,
  transferTitle: 'TP00000001F',
  sentByCustomerAt: null,
  orderStatus: 'to_pay',
  awaitsItsBankLine: false,
}
const paid = { ...transfer, status: 'paid', orderStatus: 'paid', capturedMinor: 12_900 } as const
const line = { kind: 'credit', amountMinor: 12_900, currency: 'PLN' } as const
const TITLES = ['TP00000001F']

const shortly = (decision: ReturnType<typeof decideBankLine>) =>
  decision.outcome === 'booked' ? decision.bookedAs : decision.reason

describe('a bank line', () => {
  test.each<[OrderStatus, string]>([
    ['new', 'order-paid'],
    ['to_pay', 'order-paid'],
    ['canceled', 'refund-late'],
    ['paid', 'refund-twice'],
    ['sent', 'refund-twice'],
    ['delivered', 'refund-twice'],
    ['returned', 'not-payable'],
    ['error', 'not-payable'],
  ])('with one title and the sum, of an order that is %s: %s', (orderStatus, outcome) => {
    expect(shortly(decideBankLine(line, TITLES, [{ ...transfer, orderStatus }]))).toBe(outcome)
  })

  test.each<
    [
      string,
      Partial<typeof line> | { kind: 'credit-reversed' } | object,
      readonly string[],
      readonly NamedTransfer[],
      string,
    ]
  >([
    ['without a title', {}, [], [], 'no-title'],
    ['with a title nobody gave out', {}, TITLES, [], 'unknown-title'],
    ['with two titles', {}, TITLES, [transfer, transfer], 'several-titles'],
    ['with less', { amountMinor: 12_899 }, TITLES, [transfer], 'too-little'],
    ['with more', { amountMinor: 12_901 }, TITLES, [transfer], 'too-much'],
    ['in another currency', { currency: 'EUR' }, TITLES, [transfer], 'other-currency'],
    ['for what another one has paid', {}, TITLES, [paid], 'paid-already'],
    ['for what staff had confirmed', {}, TITLES, [{ ...paid, awaitsItsBankLine: true }], 'confirmed-before'],
    [
      'with less than staff had confirmed',
      { amountMinor: 1 },
      TITLES,
      [{ ...paid, awaitsItsBankLine: true }],
      'paid-already',
    ],
    ['that takes money back', { kind: 'credit-reversed' }, TITLES, [paid], 'reversed'],
    ['that brings back what had gone', { kind: 'debit-reversed' }, [], [], 'reversed'],
  ])('%s', (_what, told, titles, transfers, outcome) => {
    expect(shortly(decideBankLine({ ...line, ...told }, titles, transfers))).toBe(outcome)
  })

  test('with another sum than a canceled order asked for goes back like any late money', () => {
    const decision = decideBankLine({ ...line, amountMinor: 5 }, TITLES, [{ ...transfer, orderStatus: 'canceled' }])
    expect(shortly(decision)).toBe('refund-late')
  })
})

describe('the fingerprint', () => {
  const whole: StatementLine = {
    ...line,
    account: 'PL61109010140000071219812874',
    bookedOn: '2026-11-20',
    title: 'Zamówienie TP0000 0001F',
    payerName: 'Anna',
    payerAccount: '',
    bankReference: '',
    endToEndId: '',
    lineNumber: 5,
  }
  const one = (told: Partial<StatementLine>) => fingerprintsOf([{ ...whole, ...told }])[0]?.toString('hex')

  test('is the same wherever the line stands in the file, and however its title is broken', () => {
    expect(one({ lineNumber: 99, title: 'ZAMOWIENIE TP00000001F' })).toBe(one({}))
  })

  test.each<Partial<StatementLine>>([
    { account: 'PL27114020040000300201355387' },
    { bookedOn: '2026-11-21' },
    { amountMinor: 12_901 },
    { currency: 'EUR' },
    { kind: 'debit-reversed' },
    { title: 'Zamówienie' },
    { payerAccount: 'PL27114020040000300201355387' },
    { bankReference: '1' },
    { endToEndId: '1' },
  ])('is another with another %j', (told) => expect(one(told)).not.toBe(one({})))

  test('tells equal lines of a file apart, and is the same for each of them in the next file', () => {
    const [first, second, other] = fingerprintsOf([whole, whole, { ...whole, amountMinor: 1 }])
    expect(first).not.toEqual(second)
    expect(fingerprintsOf([{ ...whole, amountMinor: 1 }, whole, whole])).toEqual([other, first, second])
  })
})

test('lines that are booked together are one event, in whatever order they are named', () => {
  const a = Buffer.alloc(32, 1)
  const b = Buffer.alloc(32, 2)
  const eventOf = (...lines: Buffer[]) => newsOf(transfer, lines, 1, 'PLN').event
  expect(eventOf(a)).toBe(`bank-line:${'01'.repeat(32)}`)
  expect(eventOf(a, b)).toBe(eventOf(b, a))
  expect(eventOf(a, b)).not.toBe(eventOf(a))
})
