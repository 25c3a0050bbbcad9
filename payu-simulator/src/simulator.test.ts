import Fastify from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { signatureHeader } from './notifications/signature.ts'
import { SANDBOX_POS } from './points-of-sale.ts'
import { payuSimulator } from './simulator.ts'
import { startWithShop } from './testing/shop.ts'

describe('an order', () => {
  test('is created, paid, told to the shop, retrieved and refunded', async () => {
    const { payu, shop } = await startWithShop()
    const created = await shop.create({ extOrderId: 'Z-1042/a1' })
    expect(created.status).toBe(302)
    const { orderId, redirectUri } = created.body
    expect(created.body).toEqual({ status: { statusCode: 'SUCCESS' }, orderId, extOrderId: 'Z-1042/a1', redirectUri })
    expect(orderId).toMatch(/^[A-Z0-9]{10}\d{6}GUEST000P01$/)
    expect(created.headers.get('location')).toBe(redirectUri)
    expect(redirectUri).toMatch(new RegExp(`^${payu.url}/pay/\\?orderId=${orderId}&token=[\\w-]{32}$`))

    expect(payu.act(orderId, 'pay')).toBe(`${shop.url}/return?order=1`)
    await payu.settle()
    expect(shop.told).toEqual(['PENDING', 'COMPLETED'])
    const retrieved = (await shop.call('GET', `/orders/${orderId}`)).body
    const paymentId = retrieved.properties[0].value
    const order = {
      orderId,
      extOrderId: 'Z-1042/a1',
      orderCreateDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0[12]:00$/),
      notifyUrl: `${shop.url}/payu/notify`,
      customerIp: '203.0.113.7',
      merchantPosId: '300746',
      description: 'Zamówienie Ż-1042',
      currencyCode: 'PLN',
      totalAmount: '12999',
      payMethod: { type: 'PBL' },
      products: [{ name: 'Lamp', unitPrice: '12999', quantity: '1' }],
      status: 'COMPLETED',
    }
    expect(retrieved).toEqual({
      orders: [{ ...order, validityTime: '86400' }],
      status: { statusCode: 'SUCCESS', statusDesc: expect.any(String) },
      properties: [{ name: 'PAYMENT_ID', value: expect.stringMatching(/^\d{9}$/) }],
    })
    expect(shop.received[1]?.body).toEqual({
      order,
      localReceiptDateTime: expect.any(String),
      properties: [{ name: 'PAYMENT_ID', value: paymentId }],
    })

    const refund = { description: 'Broken', amount: '5000', extRefundId: 'r-1' }
    const refunded = await shop.call('POST', `/orders/${orderId}/refunds`, { refund })
    expect(refunded.status).toBe(200)
    expect(refunded.body.refund.status).toBe('PENDING')
    await payu.settle()
    expect(shop.received[2]?.body).toEqual({
      orderId,
      extOrderId: 'Z-1042/a1',
      refund: {
        refundId: refunded.body.refund.refundId,
        extRefundId: 'r-1',
        amount: '5000',
        currencyCode: 'PLN',
        status: 'FINALIZED',
        statusDateTime: expect.any(String),
        reason: 'refund',
        reasonDescription: 'Broken',
        refundDate: expect.any(String),
      },
    })
    expect(payu.order(orderId).status).toBe('COMPLETED')
  })

  test('is told in bytes that are signed as they are, in both headers', async () => {
    const { payu, shop } = await startWithShop()
    await shop.createPaid(payu)
    for (const { headers, raw } of shop.received) {
      const header = signatureHeader(raw, SANDBOX_POS.secondKey, 'MD5')
      expect(headers['openpayu-signature']).toBe(header)
      expect(headers['x-openpayu-signature']).toBe(header)
      expect(headers['content-type']).toBe('application/json;charset=UTF-8')
      expect(headers['user-agent']).toBe('Jakarta Commons-HttpClient/3.1')
      expect(headers.authorization).toMatch(/^Basic /)
      // A trap for whoever signs what was parsed and printed again.
      expect(JSON.stringify(JSON.parse(raw.toString()))).not.toBe(raw.toString())
    }
  })
})

describe('mounted in another application', () => {
  test.each([
    ['that tells trailing slashes apart', false],
    ['that does not', true],
  ])('%s: answers below its prefix and hands out links to where it is, asked each time', async (_what, isOne) => {
    let publicUrl = 'http://shop.test/before'
    const simulator = payuSimulator({ publicUrl: () => publicUrl, manual: true })
    const app = Fastify({ routerOptions: { ignoreTrailingSlash: isOne } })
    onTestFinished(() => app.close())
    app.get('/', async () => 'the shop')
    app.register(simulator.plugin, { prefix: '/payu-simulator' })
    const { clientId, clientSecret } = SANDBOX_POS
    const signedIn = await app.inject({
      method: 'POST',
      url: '/payu-simulator/pl/standard/user/oauth/authorize',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`,
    })
    publicUrl = 'http://shop.test/payu-simulator/'
    const created = await app.inject({
      method: 'POST',
      url: '/payu-simulator/api/v2_1/orders/',
      headers: { authorization: `Bearer ${signedIn.json().access_token}`, 'content-type': 'application/json' },
      payload: {
        merchantPosId: '300746',
        customerIp: '127.0.0.1',
        description: 'x',
        currencyCode: 'PLN',
        totalAmount: 100,
        products: [{ name: 'x', unitPrice: 100, quantity: 1 }],
      },
    })
    expect(created.headers.location).toMatch(/^http:\/\/shop\.test\/payu-simulator\/pay\/\?orderId=/)
    const page = await app.inject(String(created.headers.location).replace('http://shop.test', ''))
    expect(page.body).toContain('1.00 PLN')
    expect((await app.inject('/')).body).toBe('the shop')
  })
})
