import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readNotification } from './notification.ts'

const pos = { posId: '300746', gateway: 'payu-300746' }
const ATTEMPT = '01890a5d-ac96-774b-bcce-b302099a8057'
const REFUND = '01890a5d-ac96-774b-bcce-b302099a8058'
const order = {
  orderId: 'WZHF5FFDRJ260111GUEST000P01',
  extOrderId: ATTEMPT,
  orderCreateDate: '2026-01-11T12:00:00.000+01:00',
  notifyUrl: 'https://shop.test/payu/300746/notify',
  customerIp: '203.0.113.7',
  merchantPosId: '300746',
  description: 'Order',
  currencyCode: 'PLN',
  totalAmount: '12999',
  buyer: { customerId: 'guest', email: 'a@b.pl' },
  payMethod: { type: 'PBL' },
  products: [{ name: 'Lamp', unitPrice: '12999', quantity: '1' }],
  status: 'COMPLETED',
}
const refund = {
  refundId: '912128',
  extRefundId: REFUND,
  amount: '5000',
  currencyCode: 'PLN',
  status: 'FINALIZED',
  statusDateTime: '2026-01-11T12:00:00.000+01:00',
  reason: 'refund',
  reasonDescription: 'words',
  refundDate: '2026-01-11T12:00:00.000+01:00',
}
const read = (message: unknown) => readNotification(pos, Buffer.from(JSON.stringify(message)))
const why = (message: unknown) => {
  const read_ = read(message)
  return read_.kind === 'unknown' ? read_.why : read_
}

describe('an order', () => {
  const news = {
    gateway: 'payu-300746',
    attemptId: ATTEMPT,
    amountMinor: 12_999,
    currency: 'PLN',
    reference: 'WZHF5FFDRJ260111GUEST000P01',
  }

  test.each([
    ['PENDING', 'pending'],
    ['WAITING_FOR_CONFIRMATION', 'authorized'],
    ['COMPLETED', 'paid'],
    ['CANCELED', 'canceled'],
  ])('that is %s is %s', (status, told) => {
    const message = { order: { ...order, status }, localReceiptDateTime: '2026-01-11T12:01:30.000+01:00' }
    expect(read({ ...message, properties: [{ name: 'PAYMENT_ID', value: '151471228' }] })).toEqual({
      kind: 'payment',
      news: { ...news, event: status, told },
    })
  })

  test('needs no buyer, method, date or properties', () => {
    const { orderId, extOrderId, merchantPosId, currencyCode, totalAmount, status } = order
    const bare = { orderId, extOrderId, merchantPosId, currencyCode, totalAmount, status }
    expect(read({ order: bare, properties: [] })).toEqual({
      kind: 'payment',
      news: { ...news, event: 'COMPLETED', told: 'paid' },
    })
  })

  test.each([
    ['of an id that is not ours', { extOrderId: 'A-1' }, 'extOrderId is none of ours'],
    ['without our id', { extOrderId: undefined }, 'extOrderId is none of ours'],
    ['of another POS', { merchantPosId: '145227' }, 'it is about an order of another POS'],
    ['with a status nobody knows', { status: 'REJECTED' }, 'the status is not one we know'],
    ['without a status', { status: undefined }, 'the status is not one we know'],
    ['with a fraction', { totalAmount: '129.99' }, 'totalAmount or currencyCode is missing or no amount'],
    ['with a number for text', { totalAmount: 12_999 }, 'totalAmount or currencyCode is missing or no amount'],
    ['with an amount below zero', { totalAmount: '-1' }, 'totalAmount or currencyCode is missing or no amount'],
    ['with no amount at all', { totalAmount: '0' }, 'totalAmount or currencyCode is missing or no amount'],
    ['with an exponent', { totalAmount: '1e5' }, 'totalAmount or currencyCode is missing or no amount'],
    [
      'with an amount no double holds',
      { totalAmount: '9'.repeat(16) },
      'totalAmount or currencyCode is missing or no amount',
    ],
    [
      'with a currency of half a character',
      { currencyCode: 'PL\ud800' },
      'totalAmount or currencyCode is missing or no amount',
    ],
    ['with NUL in its currency', { currencyCode: 'PL\0' }, 'totalAmount or currencyCode is missing or no amount'],
    ['without a currency', { currencyCode: '' }, 'totalAmount or currencyCode is missing or no amount'],
  ])('%s is for a person', (_what, change, reason) => expect(why({ order: { ...order, ...change } })).toBe(reason))
})

describe('a refund', () => {
  const news = {
    gateway: 'payu-300746',
    attemptId: ATTEMPT,
    refundId: REFUND,
    reference: '912128',
    told: 'done',
    amountMinor: 5_000,
    currency: 'PLN',
    problem: undefined,
  }
  const message = { orderId: order.orderId, extOrderId: ATTEMPT, refund }

  test('has its order’s ids at the root', () => expect(read(message)).toEqual({ kind: 'refund', news }))

  test('is one even if an order lies beside it', () =>
    expect(read({ ...message, order })).toEqual({ kind: 'refund', news }))

  test('that PayU canceled has failed, with the reason', () => {
    const statusError = { code: 'BANK_DECLINED', description: 'the account is closed' }
    expect(read({ ...message, refund: { ...refund, status: 'CANCELED', statusError } })).toEqual({
      kind: 'refund',
      news: { ...news, told: 'failed', problem: 'BANK_DECLINED: the account is closed' },
    })
  })

  test('that somebody made in PayU’s panel has no id of ours', () => {
    const { extRefundId: _ours, ...panel } = refund
    expect(read({ ...message, refund: panel })).toEqual({ kind: 'refund', news: { ...news, refundId: undefined } })
    expect(read({ ...message, refund: { ...panel, extRefundId: 'r-1' } })).toEqual({
      kind: 'refund',
      news: { ...news, refundId: undefined },
    })
  })

  test.each([
    ['without an amount', { amount: 5_000 }, "the refund cannot be read: PayU's answer lacks amount"],
    ['of nothing', { amount: '0' }, "the refund cannot be read: PayU's answer lacks amount"],
    ['without an id', { refundId: undefined }, "the refund cannot be read: PayU's answer lacks refundId"],
    ['with a status nobody knows', { status: 'LOST' }, 'the status of the refund is not one we know'],
  ])('%s is for a person', (_what, change, reason) =>
    expect(why({ ...message, refund: { ...refund, ...change } })).toBe(reason),
  )
})

test.each([
  ['an empty body', ''],
  ['a form', 'sign=1&ts=2'],
  ['a list', '[]'],
  ['null', 'null'],
  ['JSON that is cut off', '{"order":{'],
])('%s is no notification', (_what, body) =>
  expect(readNotification(pos, Buffer.from(body))).toEqual({ kind: 'unknown', why: 'it is no JSON object' }),
)

test('bytes that are no UTF-8 are not guessed at', () =>
  expect(readNotification(pos, Buffer.from('{"order":"\xff"}', 'latin1'))).toEqual({
    kind: 'unknown',
    why: 'it is no JSON object',
  }))

test('whatever the body is, nothing is thrown, and no news is made of what lacks our id or an amount', () => {
  const body = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .record({ order: fc.anything(), refund: fc.anything(), extOrderId: fc.anything() }, { requiredKeys: [] })
      .map((message) => Buffer.from(JSON.stringify(message) ?? '')),
    fc
      .record(
        { extOrderId: fc.oneof(fc.uuid(), fc.string()), status: fc.string(), totalAmount: fc.anything() },
        { requiredKeys: [] },
      )
      .map((odd) => Buffer.from(JSON.stringify({ order: { ...order, ...odd } }))),
  )
  fc.assert(
    fc.property(body, (bytes) => {
      const message = readNotification(pos, bytes)
      if (message.kind !== 'payment') return
      expect(Number.isSafeInteger(message.news.amountMinor)).toBe(true)
      expect(message.news.attemptId).toMatch(/^[0-9a-f-]{36}$/)
    }),
    { numRuns: 1_000 },
  )
})
