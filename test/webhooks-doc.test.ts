import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeEvent, describeWebhooks, KINDS_IN_WORDS } from '../server/src/contracts/webhooks/index.ts'
import { EVENT_KINDS, type OrderEvent } from '../server/src/events/index.ts'
import type {
  CustomerId,
  OrderId,
  OrderLineId,
  PaymentAttemptId,
  ProductId,
  RefundId,
} from '../server/src/kernel/ids.ts'

interface Operation {
  requestBody: { content: { 'application/json': { schema: { properties: { data: { required: string[] } } } } } }
}

const page = readFileSync(new URL('../docs/webhooks.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/^```json\n(.+?)^```$/gms)].map(([, json = '']) => JSON.parse(json))

const customerId = '01a1fb18-1c1f-70da-8862-38a01e95dbe6' as CustomerId
const PAID: OrderEvent = {
  orderId: '01a1fb18-1cde-7342-be8c-4c9606f7aff4' as OrderId,
  position: 5,
  kind: 'order.paid',
  happenedAt: new Date('2026-11-20T12:05:00Z'),
  order: {
    id: '01a1fb18-1cde-7342-be8c-4c9606f7aff4' as OrderId,
    customerId,
    status: 'paid',
    paymentMethod: 'transfer',
    sumMinor: 89_800,
    currency: 'PLN',
    createdAt: new Date('2026-11-20T12:00:00Z'),
    paidAt: new Date('2026-11-20T12:05:00Z'),
    delivery: { name: 'Anakin Skywalker', city: 'Mos Espa' },
    lines: [
      {
        id: '01a1fb18-1c9a-7c0e-9d3a-0f5b2f7f4e11' as OrderLineId,
        productId: '01a1fb18-1985-70d8-b26e-92f2eca62434' as ProductId,
        name: 'Two-Person Dome Tent',
        quantity: 2,
        unitPriceMinor: 44_900,
      },
    ],
  },
  customer: {
    id: customerId,
    username: 'anakin',
    email: 'a.skywalker@deathstar.im',
    firstName: 'Anakin',
    lastName: 'Skywalker',
    phone: '',
    isEmailVerified: true,
  },
  payment: null,
  refund: null,
}
const paymentId = '01a1fb18-1d30-7b1c-8f4e-6a1d2c3b4a59' as PaymentAttemptId
const MONEY = { method: 'transfer', amountMinor: 89_800, currency: 'PLN' } as const

test('docs/webhooks.md has one row for every type, in the words of the reference', () => {
  const rows = [...page.matchAll(/^\| `((?:order|payment|refund)\.[a-z_]+)` +\| (.+?) +\|$/gm)]
  expect(rows.map(([, kind, when]) => [kind, when])).toEqual(Object.entries(KINDS_IN_WORDS))
  expect(Object.keys(KINDS_IN_WORDS)).toEqual([...EVENT_KINDS])
})

test('the messages in docs/webhooks.md are what is sent', () => {
  const payment = { ...MONEY, id: paymentId, status: 'pending', capturedMinor: 0, transferTitle: 'TPWSA3M9PCQ' }
  const refund = {
    ...{ ...MONEY, id: '01a1fb18-2b77-7d55-9a4f-3c2b1a09f8e7' as RefundId, paymentId, status: 'done' },
    ...{ reason: 'order-canceled', statusNow: 'done' },
  }
  const { data: ofPayment } = describeEvent({ ...PAID, kind: 'payment.pending', payment })
  const { data: ofRefund } = describeEvent({ ...PAID, kind: 'refund.done', refund })
  expect(examples).toEqual([describeEvent(PAID), { payment: ofPayment.payment }, { refund: ofRefund.refund }])
})

test('the reference has a message for every type, with what is in it', () => {
  const webhooks = describeWebhooks()
  expect(Object.keys(webhooks)).toEqual([...EVENT_KINDS])
  const dataOf = (kind: string) => {
    const { post } = webhooks[kind] as { post: Operation }
    return post.requestBody.content['application/json'].schema.properties.data.required
  }
  expect(dataOf('order.paid')).toEqual(['position', 'order', 'customer'])
  expect(dataOf('payment.paid')).toEqual(['position', 'order', 'customer', 'payment'])
  expect(dataOf('refund.done')).toEqual(['position', 'order', 'customer', 'refund'])
})
