import { describe, expect, test } from 'vitest'
import type { OrderId, PaymentAttemptId } from '../kernel/ids.ts'
import { ORDER_STATUSES, type OrderStatus } from '../orders/index.ts'
import { type AttemptStatus, decideNews, type PaymentAttempt, type PaymentNews, paymentState } from './payment.ts'

const attempt: PaymentAttempt = {
  id: 'attempt' as PaymentAttemptId,
  orderId: 'order' as OrderId,
  method: 'card',
  gateway: 'test',
  status: 'pending',
  amountMinor: 12_999,
  currency: 'PLN',
  capturedMinor: 0,
  refundedMinor: 0,
  reference: null,
  byBlikCode: false,
  redirectUri: null,
  transferTitle: null,
  sentByCustomerAt: null,
}
const news: PaymentNews = {
  gateway: 'test',
  attemptId: attempt.id,
  event: 'e',
  told: 'paid',
  amountMinor: 12_999,
  currency: 'PLN',
}
const ATTEMPT_STATUSES: AttemptStatus[] = [
  'starting',
  'pending',
  'authorized',
  'paid',
  'declined',
  'canceled',
  'expired',
]

describe('money that comes', () => {
  test.each<[OrderStatus, string]>([
    ['new', 'order-paid'],
    ['to_pay', 'order-paid'],
    ['paid', 'refund-twice'],
    ['sent', 'refund-twice'],
    ['delivered', 'refund-twice'],
    ['canceled', 'refund-late'],
    ['returned', 'held'],
    ['error', 'held'],
  ])('for an order that is %s: %s', (status, outcome) => expect(decideNews(attempt, status, news)).toBe(outcome))

  test('for a closed attempt is still money', () => {
    for (const status of ['declined', 'canceled', 'expired', 'starting'] as const) {
      expect(decideNews({ ...attempt, status }, 'to_pay', news)).toBe('order-paid')
    }
  })

  test.each([
    ['less', 12_998],
    ['more', 13_000],
  ])('%s than was asked for is held for an order that waits, and goes back from any other', (_what, amountMinor) => {
    const outcomes = ORDER_STATUSES.map((status) => decideNews(attempt, status, { ...news, amountMinor }))
    const [twice, late] = ['refund-twice', 'refund-late']
    expect(outcomes).toEqual(['held', 'held', twice, twice, twice, late, 'held', 'held'])
  })

  test.each([
    ['in another currency', attempt, { currency: 'EUR' }],
    ['under the name of another payment', { ...attempt, reference: 'A' }, { reference: 'B' }],
  ])('%s is for a person to look at', (_what, known, told) => {
    for (const status of ORDER_STATUSES) expect(decideNews(known, status, { ...news, ...told })).toBe('needs-a-person')
  })
})

test('money that the bank has blocked is taken for an order that waits, and let go otherwise', () => {
  const told = { ...news, told: 'authorized' } as const
  const outcomes = ORDER_STATUSES.map((status) => decideNews(attempt, status, told))
  expect(outcomes).toEqual(['authorized', 'authorized', ...Array(6).fill('release')])
  expect(decideNews({ ...attempt, status: 'canceled' }, 'to_pay', told)).toBe('release')
  expect(decideNews({ ...attempt, status: 'authorized' }, 'to_pay', told)).toBe('known')
})

test('where money came, nothing that is told later undoes it', () => {
  for (const told of ['pending', 'authorized', 'paid', 'declined', 'canceled'] as const) {
    for (const came of ['paid', 'held', 'surplus'] as const) {
      for (const status of ORDER_STATUSES)
        expect(decideNews({ ...attempt, status: came }, status, { ...news, told })).toBe('known')
    }
  }
})

test('a refusal closes only an attempt that still waits', () => {
  const outcomes = ATTEMPT_STATUSES.map((status) =>
    decideNews({ ...attempt, status }, 'to_pay', { ...news, told: 'declined' }),
  )
  expect(outcomes).toEqual(['closed', 'closed', 'closed', 'known', 'known', 'known', 'known'])
})

test('a payment reads refunded once all its money went back', () => {
  const paid = { ...attempt, status: 'paid', capturedMinor: 12_999 } as const
  expect(paymentState(paid)).toBe('paid')
  expect(paymentState({ ...paid, refundedMinor: 5_000 })).toBe('paid')
  expect(paymentState({ ...paid, refundedMinor: 12_999 })).toBe('refunded')
  expect(paymentState({ ...attempt, status: 'starting' })).toBe('pending')
})
