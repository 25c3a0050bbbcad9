import { randomBytes } from 'node:crypto'
import { SANDBOX_POS, type StartedSimulator, startPayuSimulator } from 'payu-simulator'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openRoundRobin } from '../drill/round-robin.mjs'
import { freePort } from '../scripts/free-port.mjs'
import type { Database } from '../server/src/store/database.ts'
import { findBreaches, rowsOf } from './support/books.ts'
import { freshDatabase } from './support/database.ts'
import { makeDataDir } from './support/embedded.ts'
import { AccountsClient, WhoamiClient } from './support/other-clients.ts'
import { start } from './support/program.ts'
import { ShopClient, signUp } from './support/shop-client.ts'
import { stockShop } from './support/shop-server.ts'
import { type SmtpServer, startSmtpServer } from './support/smtp-server.ts'

// The program twice, on one database, behind a proxy that hands each request to the other one.

interface Two {
  /** The proxy, which is PUBLIC_URL. */
  readonly url: string
  readonly one: string
  readonly other: string
  readonly db: Database
  readonly payu: StartedSimulator
  readonly smtp: SmtpServer
}

async function startTwo(): Promise<Two> {
  const database = await freshDatabase()
  const payu = await startPayuSimulator({ manual: true })
  const smtp = await startSmtpServer()
  const ports = [await freePort(), await freePort()]
  const proxy = await openRoundRobin(ports)
  const dataDir = makeDataDir()
  const settings = {
    ...{ DATABASE_URL: database.url, DATA_DIR: dataDir, DEMO: 'off', LOG_LEVEL: 'warn', TRUST_PROXY: 'loopback' },
    ...{ PUBLIC_URL: proxy.url, SECRET_KEY: randomBytes(32).toString('base64url'), SMTP_URL: smtp.url },
    ...{ PAYU_URL: payu.url, PAYU_POS_ID: SANDBOX_POS.posId, PAYU_CLIENT_SECRET: SANDBOX_POS.clientSecret },
    ...{ PAYU_SECOND_KEY: SANDBOX_POS.secondKey },
  }
  await stockShop(database.db, [
    { sku: 'tent', price: '100.00', quantity: 1_000 },
    { sku: 'last', price: '10.00', quantity: 1 },
  ])

  const programs = ports.map((port) => start({ ...settings, PORT: String(port) }))
  await Promise.all(programs.map(({ ready }) => ready))
  onTestFinished(async () => {
    for (const { child, ended } of programs) {
      child.kill('SIGTERM')
      await ended
    }
    await proxy.close()
    await payu.close()
    await smtp.stop()
    await database.drop()
  })
  const [one = '', other = ''] = ports.map((port) => `http://127.0.0.1:${port}`)
  return { url: proxy.url, one, other, db: database.db, payu, smtp }
}

/** The same browser at another address: cookies do not know ports. */
function sameBrowserAt(baseUrl: string, client: ShopClient): ShopClient {
  const there = new ShopClient(baseUrl)
  for (const [name, value] of client.cookies) there.cookies.set(name, value)
  return there
}

const idOf = async ({ db }: Two, sku: string) =>
  (await rowsOf<{ id: string }>(db, 'select id from products where sku = $1', [sku]))[0]?.id

test('who signed in at one server is known to the other: sessions, CSRF tokens, tickets and JWTs, and their end', async () => {
  const two = await startTwo()
  const here = new ShopClient(two.one)
  const anna = await signUp(here, 'anna')
  const there = sameBrowserAt(two.other, here)
  expect((await there.get('/api/profile')).body.results[0].username).toBe('anna')
  const wish = { product: await idOf(two, 'tent'), quantity: 1 }
  expect((await there.post('/api/bucket', wish)).status).toBe(200)
  expect((await here.get('/api/bucket')).body.count).toBe(1)

  // Through the proxy each request goes to the other server than the one before.
  const whoami = new WhoamiClient(two.url)
  expect((await whoami.signIn('anna', anna.password)).status).toBe(200)
  expect((await whoami.get('/api/v1/whoami')).status).toBe(200)
  const accounts = new AccountsClient(two.url)
  expect((await accounts.signIn('anna', anna.password)).status).toBe(200)
  for (let turn = 0; turn < 2; turn++) expect((await accounts.request('GET', '/get_profile/')).status).toBe(200)

  expect((await there.delete('/api/sessions')).status).toBe(200)
  for (let turn = 0; turn < 2; turn++) {
    expect((await whoami.get('/api/v1/whoami')).status).toBe(401)
    expect((await accounts.request('GET', '/get_profile/')).status).toBe(401)
  }
  expect((await here.get('/api/profile')).status).toBe(200)
  expect((await there.post('/api/logout')).status).toBe(200)
  expect((await here.get('/api/profile')).status).toBe(403)

  // Wrong passwords count together: ten tries, not ten at each.
  const tries = []
  for (let i = 0; i < 11; i++) {
    const stranger = new ShopClient(two.url)
    const { status } = await stranger.post('/api/login', { username: 'anna', password: `guess-${i}` })
    tries.push(status)
  }
  expect(tries).toEqual([...Array(10).fill(404), 429])
})

test('who chooses the card at both servers at the same moment is sent to one page, and PayU has one order', async () => {
  const two = await startTwo()
  const here = new ShopClient(two.one)
  await signUp(here, 'anna')
  const there = sameBrowserAt(two.other, here)
  for (const slowSeconds of [1, 0, 0, 0]) {
    await here.post('/api/bucket', { product: await idOf(two, 'tent'), quantity: 1 })
    const { order_uuid } = (await here.post('/api/orders', {})).body
    // PayU has the order, and whoever asked first does not know it yet.
    if (slowSeconds > 0) two.payu.faults.add({ kind: 'slow', on: 'create', seconds: slowSeconds, times: 1 })
    const both = [here, there, here, there]
    const chosen = await Promise.all(
      both.map((client) => client.put(`/api/orders/${order_uuid}/payment`, { method: 'card' })),
    )
    expect(chosen.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const ours = two.payu.orders().filter(({ request }) => request.description.endsWith(order_uuid))
    expect(ours.map(({ status }) => status)).toEqual(['NEW'])
    const pages = new Set(chosen.map(({ body }) => body.redirect_uri))
    expect([...pages]).toEqual([expect.stringContaining(ours[0]?.orderId ?? '-')])
  }
  expect(await findBreaches(two.db)).toEqual([])
})

test('an order is placed once, paid once, mailed once and refunded once, whichever server hears of it', async () => {
  const two = await startTwo()
  const { payu, smtp, db } = two
  const here = new ShopClient(two.one)
  const anna = await signUp(here, 'anna')
  const there = sameBrowserAt(two.other, here)
  await here.post('/api/bucket', { product: await idOf(two, 'tent'), quantity: 2 })
  const key = { headers: { 'idempotency-key': 'anna-1' } }
  const answers = await Promise.all(
    [here, there, here, there].map((client) => client.post('/api/orders', { payment: 'card' }, key)),
  )
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(new Set(answers.map(({ body }) => body.order_uuid)).size).toBe(1)
  const order = answers[0]?.body.order_uuid

  const chosen = await here.put(`/api/orders/${order}/payment`, { method: 'card' })
  expect(chosen.status).toBe(200)
  expect((await there.put(`/api/orders/${order}/payment`, { method: 'card' })).body).toEqual(chosen.body)
  const open = payu.orders().filter(({ status }) => status === 'NEW')
  expect(open.length).toBe(1)

  // Told twice at the same time, and asked about at both.
  payu.faults.add({ kind: 'parallel', times: 10 })
  payu.act(open[0]?.orderId ?? '', 'pay')
  const confirmed = await Promise.all([
    ...[here, there].map((client) => client.post(`/api/orders/${order}/payment/confirm`)),
    payu.settle(),
  ])
  expect(confirmed.slice(0, 2).map((answer) => answer?.status)).toEqual([200, 200])
  expect((await there.get(`/api/orders/${order}`)).body).toMatchObject({ status: 'paid', payment_status: 'paid' })

  // The last piece, wanted at both.
  const bob = new ShopClient(two.other)
  await signUp(bob, 'bob')
  const last = { product: await idOf(two, 'last'), quantity: 1 }
  for (const client of [here, bob]) expect((await client.post('/api/bucket', last)).status).toBe(200)
  const raced = await Promise.all([here, bob].map((client) => client.post('/api/orders', {})))
  expect(raced.map(({ status }) => status).sort()).toEqual([200, 409])
  expect(raced.find(({ status }) => status === 409)?.body.code).toBe(1043)

  const canceled = await Promise.all([here, there].map((client) => client.post(`/api/orders/${order}/set_canceled`)))
  expect(canceled.map(({ status }) => status).sort()).toEqual([200, 409])
  const refunds = () => payu.orders().flatMap((it) => it.refunds)
  await vi.waitFor(() => expect(refunds().length).toBe(1), { timeout: 40_000, interval: 200 })
  await payu.settle()
  const refunded = async () => (await there.get(`/api/orders/${order}`)).body.refunds
  await vi.waitFor(async () => expect(await refunded()).toMatchObject([{ amount: '200.00', status: 'done' }]), {
    timeout: 20_000,
    interval: 200,
  })
  expect(refunds().map(({ amountMinor }) => amountMinor)).toEqual([20_000])
  expect(await findBreaches(db)).toEqual([])

  // Both servers take mails away; each is taken once.
  const waiting = async () =>
    (await rowsOf<{ n: number }>(db, `select count(*)::int as n from mails where state = 'waiting'`))[0]?.n
  await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 20_000, interval: 200 })
  const [made] = await rowsOf<{ n: number }>(db, 'select count(*)::int as n from mails')
  expect(smtp.received.length).toBe(made?.n)
  expect(smtp.received.filter(({ to }) => to.includes(anna.email)).length).toBeGreaterThan(1)
})
