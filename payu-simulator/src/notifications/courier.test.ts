import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startWithShop } from '../testing/shop.ts'
import { RETRY_SECONDS } from './ladder.ts'

const MINUTE = 60
const HOUR = 3600

describe('the retry ladder', () => {
  test("is PayU's", () => {
    expect(RETRY_SECONDS.slice(0, 5)).toEqual([1, 2, 5, 10, 30].map((minutes) => minutes * MINUTE))
    expect(RETRY_SECONDS.slice(5, 14)).toEqual([1, 2, 3, 6, 9, 12, 15, 18, 21].map((hours) => hours * HOUR))
    expect(RETRY_SECONDS.slice(14)).toEqual([24, 36, 48, 60, 72].map((hours) => hours * HOUR))
  })

  test.each([1, 60])('is climbed to its end while the shop does not say 200, at time scale %i', async (timeScale) => {
    const { payu, shop } = await startWithShop({ timeScale })
    shop.answer = () => 500
    const orderId = await shop.createOrder({ validityTime: '999999999999' })
    await shop.call('DELETE', `/orders/${orderId}`)
    await payu.settle()
    const notification = () => payu.order(orderId).notifications[0]
    for (const [index, seconds] of RETRY_SECONDS.entries()) {
      expect(shop.received).toHaveLength(index + 1)
      const { state, nextAt = 0, attempts = [] } = notification() ?? {}
      expect(state).toBe('waiting')
      expect(nextAt - (attempts.at(-1)?.at ?? 0)).toBe((seconds * 1000) / timeScale)
      await payu.advance(seconds / timeScale)
    }
    expect(shop.received).toHaveLength(20)
    expect(notification()?.state).toBe('given-up')
    await payu.advance(1_000_000)
    expect(shop.received).toHaveLength(20)
    expect(new Set(shop.received.map(({ raw }) => raw.toString())).size).toBe(1)
  })

  test.each([201, 204, 302, 400, 404, 500])('%i does not stop it', async (status) => {
    const { payu, shop } = await startWithShop()
    shop.answer = () => status
    const orderId = await shop.createOrder()
    await shop.call('DELETE', `/orders/${orderId}`)
    await payu.settle()
    expect(payu.order(orderId).notifications[0]).toMatchObject({ state: 'waiting', attempts: [{ httpStatus: status }] })
    shop.answer = () => 200
    await payu.deliverNow()
    expect(payu.order(orderId).notifications[0]).toMatchObject({
      state: 'accepted',
      attempts: [{ httpStatus: status }, { httpStatus: 200 }],
    })
    await payu.deliverNow()
    expect(shop.received).toHaveLength(2)
  })

  test('a late retry tells the old story', async () => {
    const { payu, shop } = await startWithShop()
    shop.answer = ({ body }) => (body.order.status === 'PENDING' ? 503 : 200)
    await shop.createPaid(payu)
    shop.answer = () => 200
    await payu.advance(MINUTE)
    expect(shop.told).toEqual(['PENDING', 'COMPLETED', 'PENDING'])
  })
})

/** A server of the test's own, in place of the shop. */
async function serve(answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

describe('a shop that does not behave', () => {
  test('is not followed elsewhere', async () => {
    const { payu, shop } = await startWithShop()
    const notifyUrl = await serve((_request, response) => response.writeHead(307, { location: shop.url }).end())
    const orderId = await shop.createPaid(payu, { notifyUrl })
    expect(shop.received).toEqual([])
    expect(payu.order(orderId).notifications[0]?.attempts[0]?.httpStatus).toBe(307)
  })

  test('is not listened to for ever', async () => {
    const { payu, shop } = await startWithShop()
    const notifyUrl = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(10_000)), 1)
      response.on('close', () => clearInterval(timer))
    })
    const orderId = await shop.createPaid(payu, { notifyUrl })
    const [attempt] = payu.order(orderId).notifications[0]?.attempts ?? []
    expect(attempt).toMatchObject({ httpStatus: 200, answer: 'x'.repeat(300) })
  })

  test('may hang up, or not be there', async () => {
    const { payu, shop } = await startWithShop()
    const notifyUrl = await serve((request) => request.socket.destroy())
    const hungUp = await shop.createPaid(payu, { notifyUrl })
    expect(payu.order(hungUp).notifications[0]).toMatchObject({
      state: 'waiting',
      attempts: [{ failure: expect.any(String) }],
    })
    const absent = await shop.createPaid(payu, { notifyUrl: 'http://127.0.0.1:1/' })
    expect(payu.order(absent).notifications[0]?.attempts[0]?.failure).toMatch(/ECONNREFUSED/)
  })
})

test('settling ends what the shop begins meanwhile, too', async () => {
  const { payu, shop } = await startWithShop()
  const orderId = await shop.createOrder({ extOrderId: 'Z-1' })
  shop.answer = async ({ body }) => {
    if (body.order?.status === 'COMPLETED') {
      await shop.call('POST', `/orders/${orderId}/refunds`, { refund: { description: 'late money' } })
    }
    return 200
  }
  payu.act(orderId, 'pay')
  await payu.settle()
  expect(shop.told).toEqual(['PENDING', 'COMPLETED', 'refund FINALIZED'])
})

test('more orders than are told at a time are all told, each in its order', async () => {
  const { payu, shop } = await startWithShop({ manual: false })
  const orderIds = await Promise.all(Array.from({ length: 120 }, () => shop.createOrder()))
  for (const orderId of orderIds) payu.act(orderId, 'pay')
  await expect.poll(() => shop.received.length, { timeout: 25_000 }).toBe(240)
  for (const orderId of orderIds) {
    const told = shop.received.filter(({ body }) => body.order.orderId === orderId)
    expect(told.map(({ body }) => body.order.status)).toEqual(['PENDING', 'COMPLETED'])
  }
})

test('without manual, it all happens by itself', async () => {
  const { payu, shop } = await startWithShop({ manual: false, decisionSeconds: 0, refundSeconds: 0 })
  const means = { payMethods: { payMethod: { type: 'PBL', value: 'blik', authorizationCode: '777123' } } }
  const told = (word: string) => expect.poll(() => shop.told, { timeout: 20_000 }).toContain(word)
  const orderId = await shop.createOrder(means)
  await told('COMPLETED')
  await shop.call('POST', `/orders/${orderId}/refunds`, { refund: { description: 'x' } })
  await told('refund FINALIZED')
  expect(shop.told).toEqual(['PENDING', 'COMPLETED', 'refund FINALIZED'])
  expect(payu.order(orderId).notifications.map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted'])
})
