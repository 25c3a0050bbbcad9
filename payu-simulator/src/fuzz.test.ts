import fc from 'fast-check'
import Fastify, { type FastifyInstance } from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { SANDBOX_POS } from './points-of-sale.ts'
import { payuSimulator } from './simulator.ts'

// Whatever a shop or a stranger sends: an answer that PayU could give, and never a 500.

const RUNS = 400

async function start() {
  const simulator = payuSimulator({ publicUrl: 'http://payu.test', manual: true, pointsOfSale: [SANDBOX_POS] })
  const app = Fastify()
  onTestFinished(() => app.close())
  app.register(simulator.plugin)
  const { clientId, clientSecret } = SANDBOX_POS
  const signedIn = await app.inject({
    method: 'POST',
    url: '/pl/standard/user/oauth/authorize',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`,
  })
  return { simulator, app, authorization: `Bearer ${signedIn.json().access_token}` }
}

const VALID = {
  merchantPosId: '300746',
  customerIp: '203.0.113.7',
  description: 'x',
  currencyCode: 'PLN',
  totalAmount: '100',
  products: [{ name: 'x', unitPrice: '100', quantity: '1' }],
}
const FIELDS = [
  ...Object.keys(VALID),
  ...['extOrderId', 'notifyUrl', 'continueUrl', 'validityTime', 'buyer', 'payMethods', 'recurring', 'cardOnFile'],
]
const payMethod = fc.record({
  payMethod: fc.record(
    {
      type: fc.oneof(fc.constantFrom('PBL', 'CARD_TOKEN', 'BLIK_AUTHORIZATION_CODE', 'PAYMENT_WALL'), fc.jsonValue()),
      value: fc.oneof(fc.constantFrom('c', 'blik', 'm', 'TOK_4444333322221111', '777123'), fc.jsonValue()),
      authorizationCode: fc.oneof(fc.constant('777123'), fc.jsonValue()),
      authorizationType: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
})
const order = fc
  .dictionary(fc.constantFrom(...FIELDS), fc.oneof(fc.jsonValue(), payMethod), { maxKeys: 3 })
  .map((changes) => ({ ...VALID, ...changes }))

async function isSane(app: FastifyInstance, request: object): Promise<void> {
  const { statusCode, body } = await app.inject(request)
  expect(statusCode, body).toBeLessThan(500)
}

test('orders with anything in their fields', async () => {
  const { app, authorization, simulator } = await start()
  const headers = { authorization, 'content-type': 'application/json' }
  await fc.assert(
    fc.asyncProperty(order, (payload) => isSane(app, { method: 'POST', url: '/api/v2_1/orders', headers, payload })),
    { numRuns: RUNS },
  )
  expect(simulator.orders().length).toBeGreaterThan(0)
  await simulator.settle()
  await isSane(app, { url: '/_simulator' })
  for (const { orderId, payToken } of simulator.orders()) {
    await isSane(app, { url: `/api/v2_1/orders/${orderId}`, headers })
    await isSane(app, { url: `/pay/?orderId=${orderId}&token=${payToken}` })
  }
})

test('refunds, captures and forms with anything in them', async () => {
  const { app, authorization, simulator } = await start()
  const headers = { authorization, 'content-type': 'application/json' }
  const created = await app.inject({ method: 'POST', url: '/api/v2_1/orders', headers, payload: VALID })
  const { orderId } = created.json()
  const { payToken } = simulator.order(orderId)
  const base = `/api/v2_1/orders/${orderId}`
  const refund = fc.record(
    { description: fc.jsonValue(), amount: fc.jsonValue(), currencyCode: fc.jsonValue(), extRefundId: fc.jsonValue() },
    { requiredKeys: [] },
  )
  const form = fc
    .dictionary(fc.constantFrom('action', 'method', 'number', 'code', 'cvv', 'step'), fc.string())
    .map((fields) => new URLSearchParams({ orderId, token: payToken, ...fields }).toString())
  const requests = fc.oneof(
    refund.map((fields) => ({ method: 'POST', url: `${base}/refunds`, headers, payload: { refund: fields } })),
    fc.object().map((payload) => ({ method: 'POST', url: `${base}/captures`, headers, payload })),
    fc.object().map((payload) => ({ method: 'PUT', url: `${base}/status`, headers, payload })),
    form.map((payload) => ({
      method: 'POST',
      url: '/pay/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload,
    })),
    fc.object().map((payload) => ({ method: 'POST', url: '/_simulator/faults', headers, payload })),
  )
  await fc.assert(
    fc.asyncProperty(requests, (request) => isSane(app, request)),
    { numRuns: RUNS },
  )
})

test('bytes, content types and paths of all kinds', async () => {
  const { app, authorization } = await start()
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))
  const type = fc.oneof(
    fc.constantFrom(
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data',
      ';',
      'x',
    ),
    fc.stringMatching(/^[\x21-\x7e]{1,20}$/),
  )
  const path = fc.oneof(
    fc.constantFrom('orders', 'orders/', 'orders/X/refunds', 'orders/X/captures', 'paymethods?lang[]=pl', 'tokens/%00'),
    fc.webPath(),
    fc.webQueryParameters().map((query) => `paymethods?${query}`),
  )
  const root = fc.constantFrom('/api/v2_1/', '/pl/standard/user/oauth/authorize', '/pay/', '/_simulator/', '/')
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH')
  await fc.assert(
    fc.asyncProperty(method, root, path, type, bytes, (method, root, path, type, payload) =>
      isSane(app, { method, url: root + path, headers: { authorization, 'content-type': type }, payload }),
    ),
    { numRuns: RUNS },
  )
})
