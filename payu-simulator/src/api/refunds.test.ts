import { describe, expect, test } from 'vitest'
import { SANDBOX_POS } from '../points-of-sale.ts'
import { startWithShop } from '../testing/shop.ts'
import { REFUND_ERRORS } from './refund-errors.ts'

const OFTEN = 1 // second that has to pass between two refunds without an id of the shop's

/** A shop with an order of 129.99 that is paid. */
async function paid(options: Parameters<typeof startWithShop>[0] = {}) {
  const { payu, shop } = await startWithShop(options)
  const orderId = await shop.createPaid(payu)
  shop.received.length = 0
  const refund = (fields: Record<string, unknown>, path = 'refunds') =>
    shop.call('POST', `/orders/${orderId}/${path}`, { refund: { description: 'Broken', ...fields } })
  return { payu, shop, orderId, refund }
}

describe('a refund', () => {
  test('is PENDING first, FINALIZED later, and can be read', async () => {
    const { payu, shop, orderId, refund } = await paid()
    const { status, body } = await refund({ amount: '5000', currencyCode: 'PLN', extRefundId: 'r-1' })
    expect(status).toBe(200)
    const { refundId } = body.refund
    const pending = {
      refundId,
      extRefundId: 'r-1',
      amount: '5000',
      currencyCode: 'PLN',
      description: 'Broken',
      creationDateTime: expect.any(String),
      status: 'PENDING',
      statusDateTime: expect.any(String),
    }
    expect(body).toEqual({
      orderId,
      refund: pending,
      status: { statusCode: 'SUCCESS', statusDesc: 'Refund queued for processing' },
    })
    expect((await shop.call('GET', `/orders/${orderId}/refunds/${refundId}`)).body).toEqual(pending)
    await payu.settle()
    const finalized = { ...pending, status: 'FINALIZED' }
    expect((await shop.call('GET', `/orders/${orderId}/refunds`)).body).toEqual({ refunds: [finalized] })
    expect(shop.told).toEqual(['refund FINALIZED'])
    expect(payu.order(orderId).status).toBe('COMPLETED')
  })

  test('has the singular path, too', async () => {
    const { shop, orderId, refund } = await paid()
    const { refundId } = (await refund({ amount: '1' }, 'refund')).body.refund
    expect((await shop.call('GET', `/orders/${orderId}/refund/${refundId}`)).body.amount).toBe('1')
    expect((await shop.call('GET', `/orders/${orderId}/refund`)).body.refunds).toHaveLength(1)
  })

  test('takes its time, on the clock', async () => {
    const { payu, orderId, refund } = await paid({ refundSeconds: 100, timeScale: 10 })
    await refund({ amount: '1' })
    await payu.advance(9)
    expect(payu.order(orderId).refunds[0]?.status).toBe('PENDING')
    await payu.advance(1)
    expect(payu.order(orderId).refunds[0]?.status).toBe('FINALIZED')
  })

  test('without an amount is of all that is left', async () => {
    const { payu, refund } = await paid()
    await refund({ amount: '2999' })
    await payu.advance(OFTEN)
    expect((await refund({})).body.refund.amount).toBe('10000')
  })

  test('asked for again with its id is the same one, whatever has become of it', async () => {
    const { payu, orderId, refund } = await paid()
    const first = await refund({ amount: '5000', extRefundId: 'r-1' })
    await payu.settle()
    const again = await refund({ amount: '5000', extRefundId: 'r-1' })
    expect(again.status).toBe(200)
    expect(again.body.refund).toMatchObject({ refundId: first.body.refund.refundId, status: 'FINALIZED' })
    for (const other of [{ amount: '4999' }, {}, { amount: '5000', description: 'Late' }]) {
      const refused = await refund({ extRefundId: 'r-1', ...other })
      expect(refused.body.status).toMatchObject({ code: '9112', codeLiteral: 'REFUND_IDEMPOTENCY_MISMATCH' })
    }
    expect(payu.order(orderId).refunds).toHaveLength(1)
  })

  test('that failed frees its amount, and says why', async () => {
    const { payu, shop, orderId, refund } = await paid()
    payu.faults.add({ kind: 'fail-refund', failure: 'PROVIDER_LIMIT_ERROR', times: 1 })
    await refund({})
    await payu.settle()
    expect(shop.received[0]?.body.refund).toMatchObject({
      status: 'CANCELED',
      statusError: { code: 'PROVIDER_LIMIT_ERROR', description: expect.any(String) },
    })
    expect((await shop.call('GET', `/orders/${orderId}/refunds`)).body.refunds[0]).toMatchObject({
      status: 'CANCELED',
      statusError: { code: 'PROVIDER_LIMIT_ERROR' },
    })
    await payu.advance(OFTEN)
    expect((await refund({})).body.refund.amount).toBe('12999')
  })

  test('list is an object, or false when there is none; or an array, as PayU documents it', async () => {
    const recorded = await paid()
    expect((await recorded.shop.call('GET', `/orders/${recorded.orderId}/refunds`)).body).toEqual({ refunds: false })
    const documented = await paid({ pointsOfSale: [{ ...SANDBOX_POS, refundList: 'documented' }] })
    expect((await documented.shop.call('GET', `/orders/${documented.orderId}/refunds`)).body).toEqual([])
    await documented.refund({ amount: '7' })
    const [only] = (await documented.shop.call('GET', `/orders/${documented.orderId}/refunds`)).body
    expect(only.amount).toBe('7')
  })

  test('nobody knows is 404', async () => {
    const { shop, orderId } = await paid()
    const unknown = await shop.call('GET', `/orders/${orderId}/refunds/1`)
    expect(unknown).toMatchObject({ status: 404, body: { status: { statusCode: 'DATA_NOT_FOUND', severity: 'INFO' } } })
  })
})

describe('a refund is refused', () => {
  const refusal = (codeLiteral: keyof typeof REFUND_ERRORS) => ({
    status: 400,
    body: {
      status: { ...REFUND_ERRORS[codeLiteral], severity: 'ERROR', codeLiteral, statusDesc: expect.any(String) },
    },
  })

  test('without its section or description', async () => {
    const { shop, orderId, refund } = await paid()
    expect(await shop.call('POST', `/orders/${orderId}/refunds`, {})).toMatchObject(refusal('MISSING_REFUND_SECTION'))
    const bare = await refund({ description: undefined })
    expect(bare.body.status).toMatchObject({ statusCode: 'ERROR_VALUE_MISSING', code: '8300' })
    expect((await shop.call('POST', `/orders/${orderId}/refunds`, 'refund=1')).body.status.statusCode).toBe(
      'ERROR_SYNTAX',
    )
  })

  test('before the order is completed', async () => {
    const { shop } = await startWithShop()
    const orderId = await shop.createOrder()
    const refused = await shop.call('POST', `/orders/${orderId}/refunds`, { refund: { description: 'x' } })
    expect(refused).toMatchObject(refusal('TRANS_NOT_ENDED'))
  })

  test('for too much, too little, and when all is refunded', async () => {
    const { payu, orderId, refund } = await paid()
    expect(await refund({ amount: '13000' })).toMatchObject(refusal('AMOUNT_TO_BIG'))
    expect(await refund({ amount: '0' })).toMatchObject(refusal('AMOUNT_TO_SMALL'))
    expect(await refund({ amount: '-1' })).toMatchObject(refusal('AMOUNT_TO_SMALL'))
    expect((await refund({ amount: '1', currencyCode: 'EUR' })).body.status.statusCode).toBe('ERROR_VALUE_INVALID')
    expect(payu.order(orderId).refunds).toEqual([])
    await refund({ amount: '12999', extRefundId: 'a' })
    expect(await refund({ amount: '1', extRefundId: 'b' })).toMatchObject(refusal('PAID'))
  })

  test('twice within a second, unless each has its id', async () => {
    const { payu, refund } = await paid()
    await refund({ amount: '1' })
    expect(await refund({ amount: '1' })).toMatchObject(refusal('REFUND_TO_OFTEN'))
    expect((await refund({ amount: '1', extRefundId: 'a' })).status).toBe(200)
    await payu.advance(OFTEN)
    expect((await refund({ amount: '1' })).status).toBe(200)
  })

  test('where refunds are off, and where there is no money', async () => {
    const off = await paid({ pointsOfSale: [{ ...SANDBOX_POS, refundsEnabled: false }] })
    expect(await off.refund({})).toMatchObject(refusal('REFUND_DISABLED'))
    const poor = await paid({ pointsOfSale: [{ ...SANDBOX_POS, openingBalanceMinor: -5000 }] })
    expect(await poor.refund({ amount: '8000' })).toMatchObject(refusal('NO_BALANCE'))
    expect((await poor.refund({ amount: '7999' })).status).toBe(200)
  })

  test.each(Object.keys(REFUND_ERRORS) as (keyof typeof REFUND_ERRORS)[])('with %s on demand', async (literal) => {
    const { payu, orderId, refund } = await paid()
    payu.faults.add({ kind: 'refuse-refund', literal, times: 1 })
    expect(await refund({})).toMatchObject(refusal(literal))
    expect(payu.order(orderId).refunds).toEqual([])
    expect((await refund({})).status).toBe(200)
  })
})

test("the codes are PayU's", () => {
  const codes = Object.entries(REFUND_ERRORS).map(([literal, { code }]) => `${code} ${literal}`)
  expect(codes).toEqual([
    '8300 MISSING_REFUND_SECTION',
    '9101 TRANS_NOT_ENDED',
    '9102 NO_BALANCE',
    '9103 AMOUNT_TO_BIG',
    '9104 AMOUNT_TO_SMALL',
    '9105 REFUND_DISABLED',
    '9106 REFUND_TO_OFTEN',
    '9108 PAID',
    '9111 UNKNOWN_ERROR',
    '9112 REFUND_IDEMPOTENCY_MISMATCH',
    '9113 TRANS_BILLING_ENTRIES_NOT_COMPLETED',
  ])
})
