import { SANDBOX_POS, type StartedSimulator, startPayuSimulator } from 'payu-simulator'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, ShopClient, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

/** The page buyers come back to. The simulator tells nothing by itself: what the page knows, it has asked. */

const { posId, clientSecret, secondKey } = SANDBOX_POS
const PAYU = { PAYU_POS_ID: posId, PAYU_CLIENT_SECRET: clientSecret, PAYU_SECOND_KEY: secondKey }
let simulator: StartedSimulator
let server: ShopServer
let anna: ShopClient
let jan: ShopClient
let tent: string

beforeAll(async () => {
  simulator = await startPayuSimulator({ manual: true })
  server = await startShopServer({ env: { ...PAYU, PAYU_URL: simulator.url, SHOP_NAME: 'Tent & Trail' } })
  anna = new ShopClient(server.baseUrl)
  jan = new ShopClient(server.baseUrl)
  await Promise.all([signUp(anna, 'anna'), signUp(jan, 'jan')])
  tent = (await stockShop(server.db, [{ sku: 'tent', price: '449.00', quantity: 1000 }])).tent as string
})
afterEach(() => simulator.faults.clear())
afterAll(async () => {
  await server.stop()
  await simulator.close()
})

async function placed(): Promise<string> {
  await anna.delete('/api/bucket')
  await anna.post('/api/bucket', { product: tent, quantity: 2 })
  return (await anna.post('/api/orders', {})).body.order_uuid
}

async function begin(): Promise<{ id: string; payuId: string }> {
  const id = await placed()
  await anna.put(`/api/orders/${id}/payment`, { method: 'payu' })
  return { id, payuId: simulator.orders().at(-1)?.orderId ?? '' }
}
const pathOf = (id: string) => `/payments/return/${id}`
const titleIn = ({ text }: Answer) => /<h1>(.*?)<\/h1>/.exec(text)?.[1]
const refreshIn = ({ text }: Answer) => /<meta http-equiv="refresh" content="(.*?)">/.exec(text)?.[1]

describe('the owner of the order', () => {
  test('is sent here by PayU, and sees it paid although no notification has come', async () => {
    const { id, payuId } = await begin()
    const back = new URL(simulator.act(payuId, 'pay') ?? '')
    expect(back.href).toBe(server.baseUrl + pathOf(id))
    const page = await anna.get(back.pathname)
    expect(page.status).toBe(200)
    expect(titleIn(page)).toBe('Paid')
    expect(page.text).toContain('<p class="sum">898.00 PLN</p>')
    expect(page.text).toContain('<small class="shop">Tent &amp; Trail</small>')
    expect((await anna.get(`/api/orders/${id}`)).body.status).toBe('paid')
  })

  test('comes back with error=501, which proves nothing: the payment goes on', async () => {
    const { id, payuId } = await begin()
    const back = new URL(simulator.act(payuId, 'fail') ?? '')
    expect(back.search).toBe('?error=501')
    const page = await anna.get(back.pathname + back.search)
    expect([titleIn(page), refreshIn(page)]).toEqual(['Just a moment', '2;url=?look=1'])
    expect((await anna.get(`/api/orders/${id}`)).body.status).toBe('to_pay')
  })

  test('is told that it looks again, ever more slowly, and at last by hand', async () => {
    const { id } = await begin()
    const looks = []
    for (const look of ['', '?look=1', '?look=11', '?look=12', '?look=999', '?look=-1', '?look=x', '?look=1&look=2']) {
      const page = await anna.get(pathOf(id) + look)
      looks.push([titleIn(page), refreshIn(page)])
    }
    const first = ['Just a moment', '2;url=?look=1']
    const last = ['Still waiting', undefined]
    expect(looks).toEqual([
      first,
      ['Just a moment', '3;url=?look=2'],
      ['Just a moment', '60;url=?look=12'],
      last,
      last,
      first,
      first,
      first,
    ])
  })

  test('sees that a payment came to nothing, and what to do', async () => {
    const { id, payuId } = await begin()
    simulator.act(payuId, 'decline')
    const page = await anna.get(pathOf(id))
    expect([titleIn(page), refreshIn(page)]).toEqual(['Not paid', undefined])
    expect(page.text).toContain('Go back to the shop')
  })

  test('sees an order nothing was begun for, and one that is canceled', async () => {
    const id = await placed()
    expect(titleIn(await anna.get(pathOf(id)))).toBe('Not paid')
    await anna.put(`/api/orders/${id}/set_canceled`)
    expect(titleIn(await anna.get(pathOf(id)))).toBe('Canceled')
  })

  test('sees a payment that waits while PayU cannot be asked', async () => {
    const { id } = await begin()
    simulator.faults.add({ kind: 'error', on: 'retrieve', when: 'before', httpStatus: 500 })
    const page = await anna.get(pathOf(id))
    expect([page.status, titleIn(page)]).toEqual([200, 'Just a moment'])
  })

  test('does not say that a transfer was sent by looking at the page', async () => {
    const id = await placed()
    await anna.put(`/api/orders/${id}/payment`, { method: 'transfer' })
    const page = await anna.get(pathOf(id))
    expect([titleIn(page), refreshIn(page)]).toEqual(['Waiting for your transfer', undefined])
    const { rows } = await server.db.query<{ sent: Date | null }>({
      text: 'select sent_by_customer_at as sent from payment_attempts where order_id = $1',
      values: [id],
    })
    expect(rows).toEqual([{ sent: null }])
  })
})

describe('anybody else', () => {
  test('sees one and the same page, whatever the order, and PayU is not asked', async () => {
    const { id, payuId } = await begin()
    simulator.act(payuId, 'pay')
    const asked = simulator.requests.length
    const stranger = new ShopClient(server.baseUrl)
    const forged = new ShopClient(server.baseUrl)
    const pages = [
      await stranger.get(pathOf(id)),
      await stranger.get(pathOf('01890a5d-ac96-774b-bcce-b302099a8057')),
      await stranger.get(pathOf('no-uuid')),
      await jan.get(pathOf(id)),
      await forged.request('GET', pathOf(id), { headers: { cookie: 'sessionid=x' } }),
      await forged.request('GET', pathOf(id), { headers: { cookie: 'sessionid=a.b.c' } }),
    ]
    expect([...new Set(pages.map(({ status }) => status))]).toEqual([200])
    expect(new Set(pages.map(({ text }) => text)).size).toBe(1)
    expect(titleIn(pages[0] as Answer)).toBe('Back from paying')
    expect(simulator.requests.length).toBe(asked)
    await anna.post(`/api/orders/${id}/payment/confirm`)
  })
})

test('the page runs no scripts, is in nobody’s frame and in no cache, and sends nobody its address', async () => {
  const { headers, text } = await anna.get(pathOf(await placed()))
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'none'; frame-ancestors 'none'; base-uri 'none'$/,
  )
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['referrer-policy']).toBe('no-referrer')
  expect(text).not.toMatch(/<script|javascript:/i)
})

test('a shop with a page of its own has buyers sent there', async () => {
  const own = await startShopServer({
    env: { ...PAYU, PAYU_URL: simulator.url, RETURN_URL: 'https://shop.example/{order}?from=payu#{order}' },
  })
  const ola = new ShopClient(own.baseUrl)
  await signUp(ola, 'ola')
  const { tent: product } = await stockShop(own.db, [{ sku: 'tent', price: '449.00', quantity: 1000 }])
  await ola.post('/api/bucket', { product, quantity: 1 })
  const id = (await ola.post('/api/orders', {})).body.order_uuid
  await ola.put(`/api/orders/${id}/payment`, { method: 'card' })
  const payuId = simulator.orders().at(-1)?.orderId ?? ''
  expect(simulator.act(payuId, 'abandon')).toBe(`https://shop.example/${id}?from=payu&error=501#${id}`)
  await own.stop()
})
