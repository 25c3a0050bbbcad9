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
const ATTEMPT_STATUSES: AttemptStatus[] = ['starting', 'pending', 'paid', 'declined', 'canceled', 'expired']

describe('money that comes', () => {
  test.each<[OrderStatus, string]>([
    ['new', 'order-paid'],
    ['to_pay', 'order-paid'],
    ['paid', 'refund-twice'],
    ['sent', 'refund-twice'],
    ['delivered', 'refund-twice'],
    ['canceled', 'refund-late'],
    ['returned', 'needs-a-person'],
    ['error', 'needs-a-person'],
  ])('for an order that is %s: %s', (status, outcome) => expect(decideNews(attempt, status, news)).toBe(outcome))

  test('for a closed attempt is still money', () => {
    for (const status of ['declined', 'canceled', 'expired', 'starting'] as const) {
      expect(decideNews({ ...attempt, status }, 'to_pay', news)).toBe('order-paid')
    }
  })

  test.each([
    ['less', { amountMinor: 12_998 }],
    ['more', { amountMinor: 13_000 }],
    ['in another currency', { currency: 'EUR' }],
  ])('%s than was asked for is for a person to look at', (_what, told) => {
    for (const status of ORDER_STATUSES)
      expect(decideNews(attempt, status, { ...news, ...told })).toBe('needs-a-person')
  })
})

test('what is paid stays paid, whatever is told later', () => {
  for (const told of ['paid', 'declined', 'canceled'] as const) {
    for (const status of ORDER_STATUSES)
      expect(decideNews({ ...attempt, status: 'paid' }, status, { ...news, told })).toBe('known')
  }
})

test('a refusal closes only an attempt that still waits', () => {
  const outcomes = ATTEMPT_STATUSES.map((status) =>
    decideNews({ ...attempt, status }, 'to_pay', { ...news, told: 'declined' }),
  )
  expect(outcomes).toEqual(['closed', 'closed', 'known', 'known', 'known', 'known'])
})

test('a payment reads refunded once all its money went back', () => {
  const paid = { ...attempt, status: 'paid', capturedMinor: 12_999 } as const
  expect(paymentState(paid)).toBe('paid')
  expect(paymentState({ ...paid, refundedMinor: 5_000 })).toBe('paid')
  expect(paymentState({ ...paid, refundedMinor: 12_999 })).toBe('refunded')
  expect(paymentState({ ...attempt, status: 'starting' })).toBe('pending')
})
