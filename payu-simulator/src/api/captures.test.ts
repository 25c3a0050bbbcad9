import { describe, expect, test } from 'vitest'
import { SANDBOX_POS } from '../points-of-sale.ts'
import { type Answered, startWithShop } from '../testing/shop.ts'

const UPDATED = { status: { statusCode: 'SUCCESS', statusDesc: 'Status was updated' } }
const preAuthorized = {
  payMethods: {
    payMethod: { type: 'CARD_TOKEN', value: 'TOKC_4444333322221111', authorizationType: 'PRE_AUTHORIZATION' },
  },
}

/** An order that waits for the shop, and a word for the answer to a call on it. */
async function waiting({ partialCapture = true, changes = preAuthorized as Record<string, unknown> } = {}) {
  const { payu, shop } = await startWithShop({ pointsOfSale: [{ ...SANDBOX_POS, autoReceive: false, partialCapture }] })
  const orderId = await shop.createOrder(changes)
  await payu.settle()
  if (payu.order(orderId).status === 'NEW') payu.act(orderId, 'pay')
  expect(payu.order(orderId).status).toBe('WAITING_FOR_CONFIRMATION')
  return { payu, shop, orderId, capture: (body?: unknown) => shop.call('POST', `/orders/${orderId}/captures`, body) }
}

const reason = ({ status, body }: Answered) => [status, body.status.statusCode, body.status.code]

describe('a capture', () => {
  test('without a body takes all', async () => {
    const { payu, shop, orderId, capture } = await waiting()
    expect(await capture()).toMatchObject({ status: 200, body: UPDATED })
    expect(payu.order(orderId)).toMatchObject({ status: 'COMPLETED', capturedMinor: 12999 })
    await payu.settle()
    expect(shop.told).toEqual(['PENDING', 'WAITING_FOR_CONFIRMATION', 'COMPLETED'])
  })

  test('of a pre-authorised card may take a part, and only that can be refunded', async () => {
    const { payu, shop, orderId, capture } = await waiting()
    expect(await capture({ amount: '5000', currencyCode: 'PLN' })).toMatchObject({ status: 200, body: UPDATED })
    expect(payu.order(orderId)).toMatchObject({ status: 'COMPLETED', capturedMinor: 5000 })
    const refund = { description: 'x', amount: '5001' }
    const tooMuch = await shop.call('POST', `/orders/${orderId}/refunds`, { refund })
    expect(tooMuch.body.status.codeLiteral).toBe('AMOUNT_TO_BIG')
  })

  test('in part is refused to other payments, and where the option is off', async () => {
    const bank = await waiting({ changes: {} })
    expect(reason(await bank.capture({ amount: '5000' }))).toEqual([400, 'ERROR_VALUE_INVALID', '8300'])
    const off = await waiting({ partialCapture: false })
    expect(reason(await off.capture({ amount: '5000' }))).toEqual([400, 'ERROR_VALUE_INVALID', '8300'])
    expect(off.payu.order(off.orderId)).toMatchObject({ status: 'WAITING_FOR_CONFIRMATION', capturedMinor: 0 })
    expect((await off.capture({ amount: '12999' })).status).toBe(200)
  })

  test.each([
    ['more than the order', { amount: '13000' }, 'ERROR_VALUE_INVALID'],
    ['nothing', { amount: '0' }, 'ERROR_VALUE_INVALID'],
    ['another currency', { amount: '5000', currencyCode: 'EUR' }, 'ERROR_VALUE_INVALID'],
    ['a form under a JSON content type', 'amount=5000&currencyCode=PLN', 'ERROR_SYNTAX'],
  ])('of %s is refused', async (_case, body, statusCode) => {
    const { payu, orderId, capture } = await waiting()
    const refused = await capture(body)
    expect([refused.status, refused.body.status.statusCode]).toEqual([400, statusCode])
    expect(payu.order(orderId)).toMatchObject({ status: 'WAITING_FOR_CONFIRMATION', capturedMinor: 0 })
  })

  test('twice is refused', async () => {
    const { capture } = await waiting()
    await capture()
    expect(reason(await capture())).toEqual([400, 'ERROR_VALUE_INVALID', '108'])
  })
})

describe('the older way, PUT status', () => {
  test('takes all', async () => {
    const { payu, shop, orderId } = await waiting()
    const done = await shop.call('PUT', `/orders/${orderId}/status`, { orderId, orderStatus: 'COMPLETED' })
    expect(done).toMatchObject({ status: 200, body: UPDATED })
    expect(payu.order(orderId)).toMatchObject({ status: 'COMPLETED', capturedMinor: 12999 })
  })

  test.each([
    [{}, 'ERROR_VALUE_MISSING'],
    [{ orderStatus: 'CANCELED' }, 'ERROR_VALUE_INVALID'],
    [{ orderId: 'OTHER', orderStatus: 'COMPLETED' }, 'ERROR_VALUE_INVALID'],
  ])('refuses %j', async (body, statusCode) => {
    const { payu, shop, orderId } = await waiting()
    const refused = await shop.call('PUT', `/orders/${orderId}/status`, body)
    expect([refused.status, refused.body.status.statusCode]).toEqual([400, statusCode])
    expect(payu.order(orderId).status).toBe('WAITING_FOR_CONFIRMATION')
  })
})

test('a pre-authorised card waits although the POS captures by itself', async () => {
  const { payu, shop } = await startWithShop()
  const orderId = await shop.createOrder(preAuthorized)
  await payu.settle()
  expect(payu.order(orderId).status).toBe('WAITING_FOR_CONFIRMATION')
})

test('canceling gives back the ids', async () => {
  const { shop } = await startWithShop()
  const orderId = await shop.createOrder({ extOrderId: 'Z-1' })
  const canceled = await shop.call('DELETE', `/orders/${orderId}`)
  expect(canceled.body).toEqual({
    orderId,
    extOrderId: 'Z-1',
    status: { statusCode: 'SUCCESS', statusDesc: expect.any(String) },
  })
})
