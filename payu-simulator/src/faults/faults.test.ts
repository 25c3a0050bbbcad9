import { describe, expect, test } from 'vitest'
import { SIGNATURE_ALGORITHMS, signatureHeader } from '../notifications/signature.ts'
import { SANDBOX_POS } from '../points-of-sale.ts'
import { type Shop, startWithShop } from '../testing/shop.ts'
import type { FaultOptions } from './fault.ts'

describe('a call of the shop', () => {
  test('fails before anything was done, so many times and no more', async () => {
    const { payu, shop } = await startWithShop()
    payu.faults.add({ kind: 'error', on: 'create', when: 'before', httpStatus: 500, times: 2 })
    for (const _ of [1, 2]) {
      const failed = await shop.create({ extOrderId: 'Z-1' })
      expect(failed).toMatchObject({
        status: 500,
        body: { status: { statusCode: 'GENERAL_ERROR', severity: 'ERROR' } },
      })
    }
    expect(payu.orders()).toEqual([])
    expect((await shop.create({ extOrderId: 'Z-1' })).status).toBe(302)
    expect(payu.faults.list()).toEqual([])
  })

  test('fails after the work was done: a lost create can be found again', async () => {
    const { payu, shop } = await startWithShop()
    payu.faults.add({ kind: 'error', on: 'create', when: 'after', httpStatus: 503, times: 1 })
    const lost = await shop.create({ extOrderId: 'Z-1' })
    expect(lost).toMatchObject({ status: 503, body: { status: { statusCode: 'SERVICE_NOT_AVAILABLE' } } })
    expect(lost.headers.get('location')).toBeNull()
    const [order] = payu.orders()
    expect((await shop.create({ extOrderId: 'Z-1' })).body).toMatchObject({
      orderId: order?.orderId,
      extOrderId: 'Z-1',
    })
  })

  test.each(['before', 'after'] as const)('loses its connection %s the work', async (when) => {
    const { payu, shop } = await startWithShop()
    payu.faults.add({ kind: 'cut', on: 'create', when, times: 1 })
    await expect(shop.create()).rejects.toThrow('fetch failed')
    expect(payu.orders()).toHaveLength(when === 'after' ? 1 : 0)
    await expect.poll(() => payu.requests.at(-1), { timeout: 20_000 }).toMatchObject({ call: 'create', httpStatus: 0 })
    expect((await shop.create()).status).toBe(302)
  })

  test('is answered late, after the work was done at once', async () => {
    const { payu, shop } = await startWithShop()
    payu.faults.add({ kind: 'slow', on: 'create', seconds: 3600, times: 1 })
    const waiting = new AbortController()
    const late = fetch(`${payu.url}/api/v2_1/orders`, {
      method: 'POST',
      headers: { authorization: `Bearer ${shop.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(shop.wish()),
      signal: waiting.signal,
    })
    await expect.poll(() => payu.orders(), { timeout: 20_000 }).toHaveLength(1)
    waiting.abort()
    await expect(late).rejects.toThrow('aborted')
  })

  test.each([
    ['oauth', (shop: Shop) => shop.signIn()],
    ['retrieve', (shop: Shop) => shop.call('GET', '/orders/X')],
    ['transactions', (shop: Shop) => shop.call('GET', '/orders/X/transactions')],
    ['capture', (shop: Shop) => shop.call('POST', '/orders/X/captures')],
    ['capture', (shop: Shop) => shop.call('PUT', '/orders/X/status')],
    ['cancel', (shop: Shop) => shop.call('DELETE', '/orders/X')],
    ['refund', (shop: Shop) => shop.call('POST', '/orders/X/refund')],
    ['refunds', (shop: Shop) => shop.call('GET', '/orders/X/refunds')],
    ['paymethods', (shop: Shop) => shop.call('GET', '/paymethods')],
    ['shops', (shop: Shop) => shop.call('GET', '/shops/1')],
    ['tokens', (shop: Shop) => shop.call('DELETE', '/tokens/1')],
  ] as const)('%s can be hit alone', async (on, act) => {
    const { payu, shop } = await startWithShop()
    payu.faults.add({ kind: 'error', on, when: 'before', httpStatus: 429 })
    expect((await act(shop)).status).toBe(429)
    expect((await shop.create()).status).toBe(on === 'oauth' ? 401 : 302)
    payu.faults.clear()
    expect((await act(shop)).status).not.toBe(429)
  })
})

/** What a shop hears of an order that is paid, with the fault. */
async function toldWith(fault: FaultOptions) {
  const { payu, shop } = await startWithShop()
  payu.faults.add(fault)
  const orderId = await shop.createPaid(payu)
  return { payu, shop, orderId }
}

describe('a notification', () => {
  test('comes twice, byte for byte', async () => {
    const { shop } = await toldWith({ kind: 'duplicate', copies: 2, status: 'COMPLETED' })
    expect(shop.told).toEqual(['PENDING', 'COMPLETED', 'COMPLETED', 'COMPLETED'])
    expect(shop.received[1]?.raw).toEqual(shop.received[3]?.raw)
  })

  test('comes twice at the same time', async () => {
    const { payu, shop } = await startWithShop()
    payu.faults.add({ kind: 'parallel', status: 'COMPLETED' })
    const orderId = await shop.createPaid(payu)
    expect(shop.told).toEqual(['PENDING', 'COMPLETED', 'COMPLETED'])
    expect(payu.order(orderId).notifications[1]?.attempts).toMatchObject([{ httpStatus: 200 }, { httpStatus: 200 }])
  })

  test('is overtaken by the next one', async () => {
    const { shop } = await toldWith({ kind: 'reorder', status: 'PENDING', times: 1 })
    expect(shop.told).toEqual(['COMPLETED', 'PENDING'])
  })

  test('that nothing overtakes comes in the end', async () => {
    const { shop } = await toldWith({ kind: 'reorder', status: 'COMPLETED' })
    expect(shop.told).toEqual(['PENDING', 'COMPLETED'])
  })

  test('never comes', async () => {
    const { payu, shop, orderId } = await toldWith({ kind: 'silence' })
    await payu.advance(1_000_000)
    expect(shop.told).toEqual([])
    expect(payu.order(orderId)).toMatchObject({
      status: 'COMPLETED',
      notifications: [{ state: 'silenced' }, { state: 'silenced' }],
    })
  })

  test('comes late, long after the buyer is back', async () => {
    const { payu, shop } = await startWithShop()
    payu.faults.add({ kind: 'delay', seconds: 3600, status: 'COMPLETED' })
    const orderId = await shop.createOrder()
    expect(payu.act(orderId, 'pay')).toBe(`${shop.url}/return?order=1`)
    await payu.advance(0)
    expect(shop.told).toEqual(['PENDING'])
    expect((await shop.call('GET', `/orders/${orderId}`)).body.orders[0].status).toBe('COMPLETED')
    await payu.advance(3600)
    expect(shop.told).toEqual(['PENDING', 'COMPLETED'])
  })

  test('names a wrong amount, rightly signed', async () => {
    const { payu, shop, orderId } = await toldWith({ kind: 'wrong-amount', status: 'COMPLETED' })
    expect(shop.received[1]?.body.order.totalAmount).toBe('13000')
    const { raw = Buffer.of(), headers = {} } = shop.received[1] ?? {}
    expect(headers['openpayu-signature']).toBe(signatureHeader(raw, SANDBOX_POS.secondKey, 'MD5'))
    expect(payu.order(orderId).request.totalAmount).toBe('12999')
    await shop.call('POST', `/orders/${orderId}/refunds`, { refund: { description: 'x' } })
    payu.faults.add({ kind: 'wrong-amount', about: 'refund' })
    await payu.settle()
    expect(shop.received[2]?.body.refund.amount).toBe('13000')
  })

  test('is signed wrongly', async () => {
    const { shop } = await toldWith({ kind: 'bad-signature', status: 'COMPLETED' })
    const [good, bad] = shop.received.map(({ raw, headers }) => ({
      is: headers['openpayu-signature'],
      right: signatureHeader(raw, SANDBOX_POS.secondKey, 'MD5'),
    }))
    expect(good?.is).toBe(good?.right)
    expect(bad?.is).not.toBe(bad?.right)
    expect(bad?.is).toMatch(/^sender=checkout;signature=[0-9a-f]{32};algorithm=MD5;content=DOCUMENT$/)
  })

  test.each(Object.keys(SIGNATURE_ALGORITHMS) as (keyof typeof SIGNATURE_ALGORITHMS)[])(
    'is signed with %s',
    async (algorithm) => {
      const { shop } = await toldWith({ kind: 'algorithm', algorithm })
      const { raw = Buffer.of(), headers = {} } = shop.received[0] ?? {}
      expect(headers['openpayu-signature']).toBe(signatureHeader(raw, SANDBOX_POS.secondKey, algorithm))
      expect(headers['openpayu-signature']).toContain(`algorithm=${algorithm};`)
    },
  )

  test('of a cancellation strays in after COMPLETED, though the order is paid', async () => {
    const { payu, shop, orderId } = await toldWith({ kind: 'stray-canceled', times: 1 })
    expect(shop.told).toEqual(['PENDING', 'COMPLETED', 'CANCELED'])
    expect(payu.order(orderId).status).toBe('COMPLETED')
  })

  test('of an order is not one of a refund', async () => {
    const { payu, shop, orderId } = await toldWith({ kind: 'silence', about: 'refund' })
    await shop.call('POST', `/orders/${orderId}/refunds`, { refund: { description: 'x' } })
    await payu.settle()
    expect(shop.told).toEqual(['PENDING', 'COMPLETED'])
  })
})

describe('a switch', () => {
  test.each([
    [{ kind: 'nonsense' }],
    [{ kind: 'error', on: 'nowhere' }],
    [{ kind: 'error', httpStatus: 200 }],
    [{ kind: 'slow' }],
    [{ kind: 'slow', seconds: Number.NaN }],
    [{ kind: 'duplicate', copies: 0 }],
    [{ kind: 'algorithm', algorithm: 'ROT13' }],
    [{ kind: 'silence', status: 'NEW' }],
    [{ kind: 'silence', colour: 'red' }],
    [{ kind: 'silence', times: 0 }],
    ['silence'],
    [null],
  ])('%j is refused', async (fault) => {
    const { payu } = await startWithShop()
    expect(() => payu.faults.add(fault as FaultOptions)).toThrow(RangeError)
    expect(payu.faults.list()).toEqual([])
  })

  test('can be taken off again, by its id', async () => {
    const { payu } = await startWithShop()
    const first = payu.faults.add({ kind: 'silence' })
    const second = payu.faults.add({ kind: 'error', on: 'any', when: 'before', httpStatus: 500, times: 3 })
    expect(payu.faults.remove(first)).toBe(true)
    expect(payu.faults.remove(first)).toBe(false)
    expect(payu.faults.list()).toEqual([
      { id: second, left: 3, fault: { kind: 'error', on: 'any', when: 'before', httpStatus: 500, times: 3 } },
    ])
  })
})
