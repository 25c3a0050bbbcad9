import { createHash } from 'node:crypto'
import { type Fault, SANDBOX_POS, type StartedSimulator, startPayuSimulator } from 'payu-simulator'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findBreaches, rowsOf } from '../support/books.ts'
import { ShopClient, send, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

/** What PayU tells, from the wire to the order: the whole server, and a simulator that tells when it is told to. */

const { posId, clientSecret, secondKey } = SANDBOX_POS
const PATH = `/payu/${posId}/notify`
let simulator: StartedSimulator
let server: ShopServer
let anna: ShopClient
let tent: string

beforeAll(async () => {
  simulator = await startPayuSimulator({ manual: true })
  server = await startShopServer({
    env: {
      PAYU_POS_ID: posId,
      PAYU_CLIENT_SECRET: clientSecret,
      PAYU_SECOND_KEY: `the-next-key,${secondKey}`,
      PAYU_URL: simulator.url,
      PAYU_BLIK_CODE: 'on',
    },
  })
  anna = new ShopClient(server.baseUrl)
  await signUp(anna, 'anna')
  tent = (await stockShop(server.db, [{ sku: 'tent', price: '449.00', quantity: 1000 }])).tent as string
})
afterEach(() => simulator.faults.clear())
afterAll(async () => {
  expect(await findBreaches(server.db)).toEqual([])
  await server.stop()
  await simulator.close()
})

interface Begun {
  readonly id: string
  readonly payuId: string
}

async function begin(body: object = { method: 'payu' }): Promise<Begun> {
  await anna.delete('/api/bucket')
  await anna.post('/api/bucket', { product: tent, quantity: 2 })
  const id = (await anna.post('/api/orders', {})).body.order_uuid
  const { status } = await anna.put(`/api/orders/${id}/payment`, body)
  expect(status).toBe(200)
  return { id, payuId: simulator.orders().at(-1)?.orderId ?? '' }
}
const statusOf = async ({ id }: Begun) => (await anna.get(`/api/orders/${id}`)).body.status
const fault = (wanted: Fault) => simulator.faults.add(wanted)

/** What PayU sent us of this order, by the status it told and our answer. */
const answersFor = ({ payuId }: Begun) =>
  simulator
    .order(payuId)
    .notifications.flatMap(({ status, attempts }) => attempts.map((attempt) => `${status} ${attempt.httpStatus}`))

describe.each([
  ['card', { method: 'card' }],
  ['payu', { method: 'payu' }],
  ['a BLIK code', { method: 'payu', blik_code: '777123' }],
] as const)('an order paid by %s', (_name, wish) => {
  const isPaidInApp = 'blik_code' in wish

  async function pay(begun: Begun): Promise<void> {
    if (!isPaidInApp) simulator.act(begun.payuId, 'pay')
    await simulator.settle()
  }

  test('is paid when PayU says so, and the shop has asked nobody', async () => {
    const begun = await begin(wish)
    await pay(begun)
    expect(await statusOf(begun)).toBe('paid')
    expect(answersFor(begun)).toEqual(['PENDING 200', 'COMPLETED 200'])
  })

  test('told twice at once, in the wrong order and with a CANCELED behind it, is paid once', async () => {
    fault({ kind: 'parallel' })
    fault({ kind: 'duplicate', copies: 2 })
    fault({ kind: 'stray-canceled', status: 'COMPLETED' })
    const begun = await begin(wish)
    await pay(begun)
    await simulator.settle()
    expect(await statusOf(begun)).toBe('paid')
    const captured = await rowsOf(server.db, 'select captured_minor from payment_attempts where order_id = $1', [
      begun.id,
    ])
    expect(captured).toEqual([{ captured_minor: 89_800 }])
  })
})

/** As PayU would. */
function tell(body: string | Buffer, more: Record<string, string> = {}, path = PATH, key = secondKey) {
  const signature = createHash('md5').update(body).update(key).digest('hex')
  const headers = {
    'openpayu-signature': `sender=checkout;signature=${signature};algorithm=MD5;content=DOCUMENT`,
    'content-type': 'application/json;charset=UTF-8',
    'user-agent': 'Jakarta Commons-HttpClient/3.1',
    ...more,
  }
  return send(server.baseUrl, 'POST', path, body.toString(), headers)
}
const messages = async () => rowsOf(server.db, 'select gateway, body, outcome from gateway_messages order by id')

describe('what is not PayU’s, and what nobody expects', () => {
  const nobodys = JSON.stringify({
    order: {
      orderId: 'X',
      extOrderId: 'A-1',
      merchantPosId: posId,
      totalAmount: '1',
      currencyCode: 'PLN',
      status: 'COMPLETED',
    },
  })

  test.each<[string, string, Record<string, string>, string, number, string?]>([
    ['of another POS', nobodys, {}, '/payu/145227/notify', 404],
    ['of a POS that is no number', nobodys, {}, '/payu/constructor/notify', 404],
    ['signed with another key', nobodys, {}, PATH, 400, 'another-key'],
    ['without a signature', nobodys, { 'openpayu-signature': '' }, PATH, 400],
    ['with a signature nobody can read', nobodys, { 'openpayu-signature': 'signature=1;algorithm=MD4' }, PATH, 400],
  ])('%s: is refused, and nothing is kept', async (_what, body, more, path, status, key = secondKey) => {
    const before = await messages()
    const answer = await tell(body, more, path, key)
    expect([answer.status, answer.text]).toEqual([status, ''])
    expect(await messages()).toEqual(before)
  })

  test.each([
    ['is of no order of ours', nobodys, {}],
    ['is no JSON', 'a=1&b=2', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['is nothing at all', '', {}],
    ['is called XML', '{"order":{}}', { 'content-type': 'text/xml' }],
    [
      'comes with a stranger’s cookie and from another site',
      '{"order":{"a":1}}',
      { cookie: 'sessionid=x', origin: 'https://evil.example' },
    ],
    ['has its signature under the other name', '{"order":{"a":2}}', { 'openpayu-signature': undefined }],
  ])('a genuine one that %s is taken and kept', async (_what, body, more) => {
    const signature = createHash('md5').update(body).update(secondKey).digest('hex')
    const named = { 'x-openpayu-signature': `signature=${signature};algorithm=MD5;` }
    const headers = Object.fromEntries(Object.entries({ ...named, ...more }).filter(([, value]) => value !== undefined))
    const isRenamed = 'openpayu-signature' in more
    const answer = isRenamed
      ? await send(server.baseUrl, 'POST', PATH, body, {
          ...(headers as Record<string, string>),
          'content-type': 'application/json',
        })
      : await tell(body, headers as Record<string, string>)
    expect([answer.status, answer.text]).toEqual([200, ''])
    const [last] = (await messages()).filter((message) => (message.body as Buffer).toString() === body)
    expect(last).toMatchObject({ gateway: `payu-${posId}`, outcome: 'unknown' })
  })

  test('the same one again is taken and kept once', async () => {
    const body = '{"order":{"again":true}}'
    expect([(await tell(body)).status, (await tell(body)).status]).toEqual([200, 200])
    expect((await messages()).filter((message) => (message.body as Buffer).toString() === body).length).toBe(1)
  })

  test('more than a message has is refused before it is looked at', async () => {
    expect((await tell(`"${'x'.repeat(256 * 1_024)}"`)).status).toBe(413)
  })

  test('the bytes count: as many as a message may have', async () => {
    expect((await tell(`"${'x'.repeat(256 * 1_024 - 2)}"`)).status).toBe(200)
  })

  test.each(['GET', 'PUT', 'DELETE'])('%s is no way to tell', async (method) => {
    const answer = await send(server.baseUrl, method, PATH, undefined)
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST'])
  })

  test('money of another sum is kept for a person, and the order is not paid', async () => {
    fault({ kind: 'wrong-amount', status: 'COMPLETED' })
    const begun = await begin()
    simulator.act(begun.payuId, 'pay')
    await simulator.settle()
    expect(answersFor(begun)).toEqual(['PENDING 200', 'COMPLETED 200'])
    expect(await statusOf(begun)).toBe('to_pay')
  })

  test('a notification whose signature is never good changes nothing; asked, PayU still says that money came', async () => {
    fault({ kind: 'bad-signature', status: 'COMPLETED', times: 1 })
    const begun = await begin()
    simulator.act(begun.payuId, 'pay')
    await simulator.settle()
    await simulator.advance(60)
    expect(answersFor(begun)).toEqual(['PENDING 200', 'COMPLETED 400', 'COMPLETED 400'])
    expect(await statusOf(begun)).toBe('to_pay')
    expect((await anna.post(`/api/orders/${begun.id}/payment/confirm`)).body.status).toBe('paid')
  })
})
