import { createHash } from 'node:crypto'
import { SANDBOX_POS } from 'payu-simulator'
import { afterAll, expect, test } from 'vitest'
import { rowsOf } from './support/books.ts'
import { makeAsker } from './support/good-request.ts'
import { type Answer, send } from './support/shop-client.ts'
import { type Customer, startShopWorld } from './support/shop-world.ts'
import { logStatements, WATCHED } from './support/statement-log.ts'

/**
 * How often each route asks the database, `begin` and `commit` included, when it does its work: the speed contract. A route
 * that asks more often than here is slower for everybody, and fails; say here if it has to be. One that asks less often has
 * got better: say so, that it stays. What THROTTLE counts is left out.
 */
const STATEMENTS: Readonly<Record<string, number>> = {
  'GET /openapi.json': 0,
  'GET /': 0,
  'GET /docs': 0,
  'GET /docs/json': 0,
  'GET /docs/yaml': 0,
  'GET /docs/static/*': 0,
  'GET /health/live': 0,
  'GET /health/ready': 1,
  'GET /media/avatars/:name': 0,
  'POST /api/register': 7,
  'POST /api/login': 2,
  'GET /api/logout': 1,
  'POST /api/logout': 1,
  'GET /api/email-verification': 1,
  'POST /api/email-verification': 6,
  'POST /api/email-verification/confirm': 4,
  'POST /api/password-reset': 6,
  'POST /api/password-reset/confirm': 10,
  'GET /api/profile': 1,
  'PUT /api/profile/:customer_uuid': 13,
  'PUT /api/profile/:customer_uuid/setpassword': 10,
  'GET /api/sessions': 1,
  'DELETE /api/sessions': 2,
  'DELETE /api/sessions/:session_uuid': 1,
  'GET /api/products': 1,
  'GET /api/products/:uuid': 1,
  'GET /api/products/:uuid/picture': 1,
  'GET /api/bucket': 1,
  'POST /api/bucket': 1,
  'DELETE /api/bucket': 1,
  'PUT /api/bucket/:bucket_uuid': 1,
  'PATCH /api/bucket/:bucket_uuid': 1,
  'POST /api/bucket/:bucket_uuid': 1,
  'DELETE /api/bucket/:bucket_uuid': 1,
  'GET /api/orders': 1,
  'POST /api/orders': 1,
  'GET /api/orders/:order_uuid': 2,
  'PUT /api/orders/:order_uuid/set_canceled': 9,
  'POST /api/orders/:order_uuid/set_canceled': 9,
  'GET /api/payment-methods': 0,
  'PUT /api/orders/:order_uuid/payment': 14,
  'POST /api/orders/:order_uuid/payment': 14,
  'POST /api/orders/:order_uuid/payment/confirm': 11,
  'GET /api/v1/token': 0,
  'GET /api/v1/csrf': 0,
  'POST /api/v1/auth/login': 2,
  'GET /api/v1/auth/revoke': 1,
  'GET /api/v1/whoami': 1,
  'PATCH /api/v1/whoami': 5,
  'POST /api/v1/whoami/change-password': 10,
  'POST /create_user/': 7,
  'POST /obtain_token/': 2,
  'GET /get_profile/': 1,
  'PUT /update_profile/': 3,
  'PATCH /update_profile/': 3,
  'GET /verify-email': 1,
  'POST /verify-email': 4,
  'GET /reset-password': 1,
  'POST /reset-password': 10,
  'GET /forgot-password': 0,
  'POST /forgot-password': 1,
  'POST /payu/:posId/notify': 13,
  'GET /payments/return/:order_uuid': 14,
}

const log = logStatements()
// What PayU tells by itself would be known already when it is asked.
const world = await startShopWorld({ simulator: { manual: true } })
const { server } = world
const { ask } = makeAsker(world)
afterAll(() => server.stop())

const routes = server.routes
  .filter(({ method }) => method !== 'HEAD')
  .map((route) => [`${route.method} ${route.url}`, route] as const)

test('every route has said how often it asks, and none that is not there', () => {
  expect(Object.keys(STATEMENTS).sort()).toEqual(routes.map(([name]) => name).sort())
})

let made = 0

test.each(routes)('%s asks as often as it says', async (name, route) => {
  const anna = await world.newCustomer(`anna-${++made}`)
  const headers = { ...anna.credential, [WATCHED]: 'yes' }
  const answer = name === 'POST /payu/:posId/notify' ? await tellOfMoney(anna) : await ask(route, anna, headers)
  expect([200, 201, 302]).toContain(answer.status)
  const asked = log.get(name) ?? []
  expect(asked.length, asked.join(', ')).toBe(STATEMENTS[name])
})

/** PayU: her order's money has come. */
async function tellOfMoney({ ids }: Customer): Promise<Answer> {
  const { posId, secondKey } = SANDBOX_POS
  const [order] = await rowsOf(
    server.db,
    `select id as "extOrderId", reference as "orderId", amount_minor::text as "totalAmount", currency as "currencyCode"
       from payment_attempts where order_id = $1`,
    [ids.order_uuid],
  )
  const body = JSON.stringify({ order: { ...order, merchantPosId: posId, status: 'COMPLETED' } })
  const signature = createHash('md5').update(body).update(secondKey).digest('hex')
  return send(server.baseUrl, 'POST', `/payu/${posId}/notify`, body, {
    'content-type': 'application/json',
    'openpayu-signature': `signature=${signature};algorithm=MD5`,
    [WATCHED]: 'yes',
  })
}
