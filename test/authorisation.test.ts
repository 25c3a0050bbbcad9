import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Headers, makeAsker, TOKENS } from './support/good-request.ts'
import { REFUSALS, refusalIn } from './support/refusal-shape.ts'
import { ShopClient, send, signIn } from './support/shop-client.ts'
import type { ServedRoute } from './support/shop-server.ts'
import {
  type Customer,
  digestOf,
  idleBody,
  makeNewcomer,
  pathOf,
  refuserOf,
  startShopWorld,
} from './support/shop-world.ts'

/** What somebody hears who asks for Anna's things, by the credential they show; bodies and all else are good. */
interface Row {
  /** No credential, garbage, one that is over. */
  readonly stranger: number
  /** Somebody else who is signed in. */
  readonly another: number
  readonly anna: number
}

const open = (status: number): Row => ({ stranger: status, another: status, anna: status })
/** Everybody has one of their own. */
const ownOnly: Row = { stranger: 403, another: 200, anna: 200 }
/** By its id: there is no telling whether somebody else's is there. */
const annasOnly: Row = { stranger: 403, another: 404, anna: 200 }
/** As in the shop; whoami and accounts have another word for strangers. */
const ownElsewhere: Row = { stranger: 401, another: 200, anna: 200 }

/** Every route there is, HEAD apart, which goes with GET. A new one needs a line here before the tests pass. */
const TABLE: Readonly<Record<string, Row>> = {
  'GET /': open(302),
  'GET /docs': open(200),
  'GET /docs/json': open(200),
  'GET /docs/yaml': open(200),
  'GET /docs/static/*': open(200),
  'GET /health/live': open(200),
  'GET /health/ready': open(200),
  'GET /openapi.json': open(200),
  // Its name is 128 random bits: whoever was told it may look.
  'GET /media/avatars/:name': open(200),
  // What PayU tells: whoever signs it may.
  'POST /payu/:posId/notify': open(400),
  // Strangers are told nothing of the order.
  'GET /payments/return/:order_uuid': open(200),
  // Where mails lead: whoever has the token is the one it was mailed to.
  'GET /verify-email': open(200),
  'POST /verify-email': open(200),
  'GET /reset-password': open(200),
  'POST /reset-password': open(200),
  'GET /forgot-password': open(200),
  'POST /forgot-password': open(200),

  'POST /api/register': open(200),
  'POST /api/login': open(200),
  'GET /api/logout': open(200),
  'POST /api/logout': open(200),
  'GET /api/products': open(200),
  'GET /api/products/:uuid': open(200),
  'GET /api/products/:uuid/picture': open(200),
  'GET /api/payment-methods': open(200),

  // Whoever has the token is the one it was mailed to.
  'POST /api/email-verification/confirm': open(200),
  'POST /api/password-reset': open(200),
  'POST /api/password-reset/confirm': open(200),
  'GET /api/email-verification': ownOnly,
  'POST /api/email-verification': ownOnly,

  'GET /api/profile': ownOnly,
  'PUT /api/profile/:customer_uuid': annasOnly,
  'PUT /api/profile/:customer_uuid/setpassword': annasOnly,
  'GET /api/bucket': ownOnly,
  'POST /api/bucket': ownOnly,
  'DELETE /api/bucket': ownOnly,
  'PUT /api/bucket/:bucket_uuid': annasOnly,
  'PATCH /api/bucket/:bucket_uuid': annasOnly,
  'POST /api/bucket/:bucket_uuid': annasOnly,
  'DELETE /api/bucket/:bucket_uuid': annasOnly,
  'GET /api/orders': ownOnly,
  'POST /api/orders': ownOnly,
  'GET /api/orders/:order_uuid': annasOnly,
  'PUT /api/orders/:order_uuid/set_canceled': annasOnly,
  'POST /api/orders/:order_uuid/set_canceled': annasOnly,
  'PUT /api/orders/:order_uuid/payment': annasOnly,
  'POST /api/orders/:order_uuid/payment': annasOnly,
  'POST /api/orders/:order_uuid/payment/confirm': annasOnly,
  'GET /api/sessions': ownOnly,
  'DELETE /api/sessions': ownOnly,
  'DELETE /api/sessions/:session_uuid': annasOnly,

  'GET /api/v1/token': open(200),
  'GET /api/v1/csrf': open(200),
  'POST /api/v1/auth/login': open(200),
  'GET /api/v1/auth/revoke': open(200),
  'GET /api/v1/whoami': ownElsewhere,
  'PATCH /api/v1/whoami': ownElsewhere,
  // Somebody else has another password.
  'POST /api/v1/whoami/change-password': { ...ownElsewhere, another: 401 },

  'POST /create_user/': open(201),
  'POST /obtain_token/': open(200),
  'GET /get_profile/': ownElsewhere,
  'PUT /update_profile/': ownElsewhere,
  'PATCH /update_profile/': ownElsewhere,
}

const world = await startShopWorld()
const { server } = world
const { ask, mailedToken } = makeAsker(world)
/** Nobody may change what is hers, so that all may try. */
const ewa = await world.newCustomer('ewa')
const ola = await makeNewcomer(server, 'ola')
afterAll(() => server.stop())

const routes = server.routes
  .filter(({ method }) => method !== 'HEAD')
  .map((route) => [`${route.method} ${route.url}`, route] as const)
const isForCustomers = (row: Row | undefined) => row?.stranger === 403 || row?.stranger === 401
const customersOnly = routes.filter(([name]) => isForCustomers(TABLE[name]))
const unsafe = customersOnly.filter(([, { method }]) => method !== 'GET')

let made = 0
/** Somebody fresh, whose things nobody has touched yet. */
function newAnna(): Promise<Customer> {
  return world.newCustomer(`anna-${++made}`)
}

test('the table has a row for every route, and none for a route that is not there', () => {
  expect(routes.map(([name]) => name).sort()).toEqual(Object.keys(TABLE).sort())
})

test('what a route says of itself is what the table says: whether it is for customers alone', () => {
  expect(routes.filter(([, { signedIn }]) => signedIn).map(([name]) => name)).toEqual(
    customersOnly.map(([name]) => name),
  )
})

test('HEAD is refused wherever GET is', async () => {
  const heads = server.routes.filter(({ method }) => method === 'HEAD')
  const statuses = []
  for (const route of heads) {
    const tokenKind = TOKENS[route.url]
    const query = tokenKind ? `?token=${await mailedToken(tokenKind)}` : ''
    const answer = await send(server.baseUrl, 'HEAD', pathOf(route, ewa.ids) + query, undefined)
    statuses.push([`GET ${route.url}`, answer.status])
  }
  expect(statuses).toEqual(heads.map(({ url }) => [`GET ${url}`, TABLE[`GET ${url}`]?.stranger]))
})

describe('whoever is no customer', () => {
  let over: Readonly<Record<string, Customer>>
  beforeAll(async () => {
    over = {
      'logged out': await logOut(),
      expired: await expire(),
      'password changed elsewhere': await changePassword(),
    }
  })

  async function expectStranger(route: ServedRoute, whose: Customer, credentials: Readonly<Record<string, Headers>>) {
    const before = await digestOf(server)
    for (const [name, credential] of Object.entries(credentials)) {
      const answer = await ask(route, whose, credential)
      const { notSignedIn, badJwt } = REFUSALS[refuserOf(route)]
      expect([name, refusalIn(answer)]).toEqual([name, name === 'JWT' ? badJwt : notSignedIn])
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    expect(await digestOf(server)).toEqual(before)
  }

  test.each(customersOnly)('shows nothing: %s', async (_, route) => {
    await expectStranger(route, ewa, {
      nothing: {},
      'CSRF tokens alone': { ...ewa.credential, cookie: undefined },
    })
  })

  test.each(customersOnly)('shows garbage, in whatever way: %s', async (_, route) => {
    const token = 'x'.repeat(43)
    await expectStranger(route, ewa, waysToShow(token, ewa.credential['x-csrftoken'] ?? ''))
  })

  test.each(customersOnly)('shows a session that is over, in whatever way: %s', async (_, route) => {
    expect(Object.keys(over)).toEqual(['logged out', 'expired', 'password changed elsewhere'])
    for (const former of Object.values(over)) {
      await expectStranger(route, former, waysToShow(tokenOf(former), former.credential['x-csrftoken'] ?? ''))
    }
  })
})

test.each(customersOnly)('somebody else who is signed in gets nothing of Ewa’s: %s', async (name, route) => {
  const berta = await newAnna()
  const before = await digestOfThings(ewa)
  const answer = await ask(route, ewa, berta.credential)
  expect(answer.status).toBe(TABLE[name]?.another)
  const { order_uuid, bucket_uuid, session_uuid } = ewa.ids
  for (const secret of [ewa.person.uuid, ewa.person.email, order_uuid, bucket_uuid, session_uuid]) {
    expect(answer.text).not.toContain(secret)
  }
  expect(await digestOfThings(ewa)).toEqual(before)
})

test.each(routes)('Anna herself is served: %s', async (name, route) => {
  const anna = route.method === 'GET' && !/\/(logout|revoke)$/.test(route.url) ? ewa : await newAnna()
  expect((await ask(route, anna, anna.credential)).status).toBe(TABLE[name]?.anna)
})

const openToAll = routes.filter(([name]) => !isForCustomers(TABLE[name]))
test.each(openToAll)('anybody is served, with garbage for a credential too: %s', async (name, route) => {
  const expected = TABLE[name]?.stranger
  for (const credential of [{}, ...Object.values(waysToShow('x'.repeat(43), 'x'))]) {
    expect([credential, (await ask(route, ewa, credential)).status]).toEqual([credential, expected])
  }
})

test.each(unsafe)('a cookie or a SESSIONID header without a good CSRF token changes nothing: %s', async (_, route) => {
  const { cookie, 'x-csrftoken': shopToken, 'x-csrf-token': ticket } = ewa.credential
  const { csrfMissing, csrfIncorrect } = REFUSALS[refuserOf(route)]
  const isWhoami = refuserOf(route) === 'whoami'
  const [own, olas] = isWhoami ? [ticket, ola.credential['x-csrf-token']] : [shopToken, ola.credential['x-csrftoken']]
  // Whoami asks for it whatever the credential is.
  const shown: Headers[] = [{ cookie }, { sessionid: tokenOf(ewa) }]
  if (isWhoami) shown.push({ authorization: `Bearer ${tokenOf(ewa)}` }, { 'x-access-token': tokenOf(ewa) })
  const before = await digestOf(server)
  for (const credential of shown) {
    const foreign = isWhoami ? { 'x-csrftoken': shopToken } : { 'x-csrf-token': ticket }
    for (const none of [{ 'x-csrf-token': undefined }, foreign, { 'x-csrf-token': '', 'x-csrftoken': '' }]) {
      expect(refusalIn(await ask(route, ewa, { 'x-csrf-token': undefined, ...credential, ...none }))).toEqual(
        csrfMissing,
      )
    }
    for (const given of ['x', olas, 'x'.repeat(43), `${own}x`, isWhoami ? shopToken : ticket]) {
      for (const header of isWhoami ? ['x-csrf-token'] : ['x-csrftoken', 'csrftoken']) {
        expect(refusalIn(await ask(route, ewa, { ...credential, [header]: given }))).toEqual(csrfIncorrect)
      }
    }
  }
  expect(await digestOf(server)).toEqual(before)
})

test.each(unsafe)('a session is as good in whatever way it is shown, and its CSRF token too: %s', async (_, route) => {
  // Ola has nothing yet, and asks for what is Ewa's: she may come in, and is told that it is not there.
  const csrf = ola.credential['x-csrftoken'] ?? ''
  const plainly = await ask(route, ewa, ola.credential, idleBody(route, ewa))
  expect([200, 401, 404, 409]).toContain(plainly.status)
  expect(plainly.body).not.toEqual(REFUSALS[refuserOf(route)].notSignedIn.body)
  // A header that says it carries a JWT is taken at its word.
  const { JWT: _jwt, ...ways } = waysToShow(tokenOf(ola), csrf)
  for (const [way, shown] of Object.entries({
    ...ways,
    CSRFTOKEN: { cookie: ola.credential.cookie, csrftoken: csrf },
  })) {
    const answer = await ask(route, ewa, shown, idleBody(route, ewa))
    expect([way, answer.status, answer.text]).toEqual([way, plainly.status, plainly.text])
  }
})

const WITHOUT_SESSION = ['/api/register', '/api/login', '/api/password-reset', '/create_user/', '/obtain_token/']
test.each([...WITHOUT_SESSION, '/api/v1/auth/login'])(
  '%s refuses what another site made a browser send',
  async (url) => {
    const route = server.routes.find((each) => each.url === url) as ServedRoute
    const before = await digestOf(server)
    const foreign = [
      'https://evil.example',
      'null',
      '',
      'http://127.0.0.1:1',
      `${server.baseUrl}.evil.example`,
      'garbage',
    ]
    const sites = [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]
    for (const headers of [...foreign.map((origin) => ({ origin })), ...sites]) {
      const answer = await ask(route, ewa, headers)
      expect([headers, refusalIn(answer)]).toEqual([headers, REFUSALS[refuserOf(route)].crossSite])
    }
    expect(await digestOf(server)).toEqual(before)
    const own = await ask(route, ewa, { origin: server.baseUrl, 'sec-fetch-site': 'same-origin' })
    expect(own.status).toBe(TABLE[`POST ${url}`]?.anna)
  },
)

function tokenOf({ credential }: Pick<Customer, 'credential'>): string {
  return /sessionid=([^;]+)/.exec(credential.cookie ?? '')?.[1] ?? ''
}

/** The ways a contract may carry a token. */
function waysToShow(token: string, csrf: string): Record<string, Headers> {
  return {
    cookie: { cookie: `sessionid=${token}; csrftoken=${csrf}`, 'x-csrftoken': csrf },
    SESSIONID: { sessionid: token, 'x-csrftoken': csrf },
    'X-Access-Token': { 'x-access-token': token },
    Bearer: { authorization: `Bearer ${token}` },
    JWT: { authorization: `JWT ${token}` },
  }
}

async function logOut(): Promise<Customer> {
  const customer = await newAnna()
  await customer.client.get('/api/logout')
  return customer
}

async function expire(): Promise<Customer> {
  const customer = await newAnna()
  const text = `update sessions set live_until = now() - interval '1 second' where customer_id = $1`
  await server.db.query({ text, values: [customer.person.uuid] })
  return customer
}

async function changePassword(): Promise<Customer> {
  const customer = await newAnna()
  const { uuid, username, password } = customer.person
  const elsewhere = new ShopClient(server.baseUrl)
  await signIn(elsewhere, customer.person)
  const change = { username, old_password: password, password: 'onlydarkside' }
  expect((await elsewhere.put(`/api/profile/${uuid}/setpassword`, change)).status).toBe(200)
  return customer
}

/** All of hers, and nothing of anybody else's. */
async function digestOfThings({ person }: Customer): Promise<unknown> {
  const { rows } = await server.db.query({
    text: `select (select to_jsonb(c) from customers c where c.id = $1) as customer,
                  (select jsonb_agg(s.token_hash order by s.id) from sessions s where s.customer_id = $1) as sessions,
                  (select jsonb_agg(b order by b.id) from bucket_lines b where b.customer_id = $1) as bucket,
                  (select jsonb_agg(o order by o.id) from orders o where o.customer_id = $1) as orders,
                  (select jsonb_agg(a order by a.id) from payment_attempts a join orders o on o.id = a.order_id
                    where o.customer_id = $1) as payments,
                  (select jsonb_agg(r order by r.order_id) from reservations r join orders o on o.id = r.order_id
                    where o.customer_id = $1) as reserved`,
    values: [person.uuid],
  })
  return rows[0]
}
