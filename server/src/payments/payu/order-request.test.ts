import { describe, expect, test } from 'vitest'
import type { OrderId, PaymentAttemptId } from '../../kernel/ids.ts'
import { type Charge, ChargeRefused, GatewayUnavailable } from '../gateway.ts'
import { type OrderTerms, orderRequest } from './order-request.ts'

const NOW = Date.parse('2026-01-11T12:00:00.000Z')
const charge: Charge = {
  attemptId: '01890a5d-ac96-774b-bcce-b302099a8057' as PaymentAttemptId,
  orderId: '01890a5d-ac96-774b-bcce-b302099a8000' as OrderId,
  method: 'payu',
  amountMinor: 12_999,
  currency: 'PLN',
  lines: [{ name: 'Lamp', unitPriceMinor: 4_333, quantity: 3 }],
  buyer: {
    email: 'anna@example.com',
    firstName: 'Anna',
    lastName: 'Nowak',
    phone: '+48600100200',
    address: '203.0.113.7',
  },
  payBefore: new Date(NOW + 3_600_000),
}
const terms: OrderTerms = {
  posId: '300746',
  shopName: 'Tent & Trail',
  notifyUrl: 'https://shop.test/payu/300746/notify',
  continueUrl: (orderId) => `https://shop.test/o/${orderId}`,
  language: 'pl',
  production: true,
}
const request = (change: Partial<Charge> = {}, changed: Partial<OrderTerms> = {}) =>
  orderRequest({ ...charge, ...change }, { ...terms, ...changed }, NOW)
const from = (address: string) => ({ buyer: { ...charge.buyer, address } })

test('an order as PayU wants it: every number is text, every amount in hundredths', () => {
  expect(request()).toEqual({
    merchantPosId: '300746',
    customerIp: '203.0.113.7',
    extOrderId: '01890a5d-ac96-774b-bcce-b302099a8057',
    description: 'Tent & Trail: 01890a5d-ac96-774b-bcce-b302099a8000',
    currencyCode: 'PLN',
    totalAmount: '12999',
    notifyUrl: 'https://shop.test/payu/300746/notify',
    continueUrl: 'https://shop.test/o/01890a5d-ac96-774b-bcce-b302099a8000',
    validityTime: '3600',
    buyer: { email: 'anna@example.com', language: 'pl', phone: '+48600100200', firstName: 'Anna', lastName: 'Nowak' },
    products: [{ name: 'Lamp', unitPrice: '4333', quantity: '3' }],
  })
})

test('what the buyer did not tell is left out, and what is too long is cut between characters', () => {
  const buyer = { email: 'a@b.pl', firstName: '🏕'.repeat(101), lastName: null, phone: '', address: '203.0.113.7' }
  const sent = request({ buyer, lines: [{ name: 'ż'.repeat(256), unitPriceMinor: 1, quantity: 1 }] })
  expect(sent.buyer).toEqual({ email: 'a@b.pl', language: 'pl', firstName: '🏕'.repeat(100) })
  expect(sent.products).toEqual([{ name: 'ż'.repeat(255), unitPrice: '1', quantity: '1' }])
})

describe('the method', () => {
  test.each([
    ['payu', undefined, undefined],
    ['card', undefined, { payMethod: { type: 'PBL', value: 'c' } }],
    ['payu', '777123', { payMethod: { type: 'PBL', value: 'blik', authorizationCode: '777123' } }],
  ] as const)('%s with the BLIK code %s', (method, blikCode, payMethods) =>
    expect(request({ method, blikCode }).payMethods).toEqual(payMethods),
  )
})

describe('the time to pay', () => {
  test.each([
    [3_600_999, '3600'],
    [1_000, '1'],
    [604_800_000, '604800'],
  ])('%i ms are %s seconds: it never ends behind the order’s', (ms, validityTime) =>
    expect(request({ payBefore: new Date(NOW + ms) }).validityTime).toBe(validityTime),
  )

  test.each([999, 0, -5_000])('%i ms are none: the charge is refused', (ms) =>
    expect(() => request({ payBefore: new Date(NOW + ms) })).toThrow(ChargeRefused),
  )
})

describe("the buyer's address", () => {
  test.each([
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8::7', '2001:0db8:0000:0000:0000:0000:0000:0007'],
  ])('%s goes as %s', (address, sent) => expect(request(from(address)).customerIp).toBe(sent))

  test.each(['0.0.0.0', 'unknown', '127.0.0.1', '::1'])('%s in production is a proxy nobody told us of', (address) =>
    expect(() => request(from(address))).toThrow(GatewayUnavailable),
  )

  test('this machine is fine on a laptop, nobody is not', () => {
    expect(request(from('127.0.0.1'), { production: false }).customerIp).toBe('127.0.0.1')
    expect(() => request(from('0.0.0.0'), { production: false })).toThrow(GatewayUnavailable)
  })
})
