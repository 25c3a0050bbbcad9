import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { findBreaches, rowsOf } from '../support/books.ts'
import { type Person, register, ShopClient, send, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

let server: ShopServer
let anna: ShopClient
let annaIs: Person
let ids: Record<string, string>

beforeAll(async () => {
  server = await startShopServer()
  anna = new ShopClient(server.baseUrl)
  annaIs = await signUp(anna, 'anna')
  ids = await stockShop(server.db, [
    { sku: 'dome', name: 'Dome Tent', type: 'tents', price: '449.00', quantity: 10, warehouse: 'Gdańsk' },
    { sku: 'dome', name: 'Dome Tent', type: 'tents', price: '449.00', quantity: 5, warehouse: 'Kraków' },
    { sku: 'tunnel', name: 'Tunnel TENT 50%', type: 'tents', price: '899.90', quantity: 3 },
    { sku: 'lamp', name: 'Lamp', type: 'lighting', price: '59.00', quantity: 100 },
    { sku: 'secret', name: 'Secret tent', type: 'tents', status: 'draft' },
    { sku: 'gone', name: 'Old tent', type: 'tents', status: 'withdrawn' },
  ])
})
afterAll(async () => {
  expect(await findBreaches(server.db)).toEqual([])
  await server.stop()
})

const names = async (query: string) =>
  (await anna.get(`/api/products${query}`)).body.results.map((it: { name: string }) => it.name)

describe('products', () => {
  test('are listed with what can be bought now, over all magazines, and only the published ones', async () => {
    const { body } = await new ShopClient(server.baseUrl).get('/api/products/')
    expect(body.count).toBe(3)
    expect(body.results[0]).toEqual({
      uuid: ids.dome,
      name: 'Dome Tent',
      description: '',
      price: '449.00',
      product_type: 'tents',
      status: 'regular',
      quantity: 15,
    })
  })

  test('are found by a part of the name without regard to case, and by type', async () => {
    expect(await names('?name=tent')).toEqual(['Dome Tent', 'Tunnel TENT 50%'])
    expect(await names('?name=50%25')).toEqual(['Tunnel TENT 50%'])
    expect(await names('?name=%25')).toEqual(['Tunnel TENT 50%'])
    expect(await names('?name=_')).toEqual([])
    expect(await names('?type=lighting')).toEqual(['Lamp'])
    expect(await names('?type=tents&name=dome')).toEqual(['Dome Tent'])
  })

  test('come in pages that link each other', async () => {
    const { body } = await anna.get('/api/products?page_size=2')
    expect([body.count, body.previous, body.results.length]).toEqual([3, null, 2])
    const second = await anna.get(body.next.slice(server.baseUrl.length))
    expect([second.body.count, second.body.next, second.body.results.length]).toEqual([3, null, 1])
    expect((await anna.get('/api/products?page=3&page_size=2')).body).toEqual({
      detail: 'Invalid page.',
      message: 'not found',
    })
    const [last] = second.body.results
    expect((await anna.get(`/api/products?after=${last.uuid}`)).body).toEqual({
      ...{ count: 3, next: null, previous: null, results: [] },
    })
  })

  test('are listed for a request that names the whole address, with links of our own', async () => {
    const { body } = await anna.get('http://elsewhere.example/api/products?page_size=1')
    expect(body.next).toBe(`${server.baseUrl}/api/products?page_size=1&page=2&after=${body.results[0].uuid}`)
  })

  test('that are unpublished or unknown are not found', async () => {
    for (const id of [ids.secret, ids.gone, '00000000-0000-7000-8000-000000000000', 'nonsense']) {
      const { status, body } = await anna.get(`/api/products/${id}`)
      expect([status, body]).toEqual([404, { detail: 'Not found.', message: 'not found' }])
    }
  })

  test('show their picture, which can run nothing', async () => {
    mkdirSync(join(server.config.dataDir, 'pictures'), { recursive: true })
    writeFileSync(join(server.config.dataDir, 'pictures/lamp.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
    await rowsOf(server.db, `update products set picture = 'lamp.svg' where id = $1`, [ids.lamp])
    const picture = await anna.get(`/api/products/${ids.lamp}/picture`)
    expect([picture.status, picture.headers['content-type'], picture.text]).toEqual([
      200,
      'image/svg+xml',
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
    ])
    expect(picture.headers['content-security-policy']).toContain('sandbox')
    expect(picture.headers['x-content-type-options']).toBe('nosniff')
    expect((await anna.get(`/api/products/${ids.dome}/picture`)).status).toBe(404)
    // A link is not followed: it may lead out of the directory.
    writeFileSync(join(server.config.dataDir, 'secret.svg'), 'secret')
    symlinkSync(join(server.config.dataDir, 'secret.svg'), join(server.config.dataDir, 'pictures/link.svg'))
    await rowsOf(server.db, `update products set picture = 'link.svg' where id = $1`, [ids.lamp])
    expect((await anna.get(`/api/products/${ids.lamp}/picture`)).status).toBe(404)
  })
})

describe('the bucket', () => {
  test('is filled, changed, and emptied', async () => {
    await anna.post('/api/bucket', { product: ids.dome, quantity: 1 })
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 4 })
    const [dome, lamp] = (await anna.get('/api/bucket')).body.results
    expect([dome.product, lamp.product]).toEqual([ids.dome, ids.lamp])

    for (const [method, quantity] of [
      ['PUT', 2],
      ['PATCH', 3],
      ['POST', 15],
    ] as const) {
      const { status, body } = await anna.request(method, `/api/bucket/${dome.bucket_uuid}`, { json: { quantity } })
      expect([status, body]).toEqual([200, { quantity }])
    }
    const tooMuch = await anna.put(`/api/bucket/${dome.bucket_uuid}`, { quantity: 16 })
    expect([tooMuch.status, tooMuch.body]).toEqual([
      409,
      { code: 1043, message: 'not enough products in magazines', details: `${ids.dome}: 16 asked, 15 available` },
    ])
    expect((await anna.get('/api/bucket')).body.results[0].quantity).toBe(15)

    const removed = { status: 'OK', message: 'product removed' }
    expect((await anna.put(`/api/bucket/${dome.bucket_uuid}`, { quantity: 0 })).body).toEqual(removed)
    expect((await anna.delete(`/api/bucket/${lamp.bucket_uuid}`)).body).toEqual(removed)
    expect((await anna.delete(`/api/bucket/${lamp.bucket_uuid}`)).status).toBe(404)
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 4 })
    expect((await anna.delete('/api/bucket')).body).toEqual(removed)
    expect((await anna.get('/api/bucket')).body).toEqual({ count: 0, next: null, previous: null, results: [] })
  })

  test('of somebody else is not found, and stays as it is', async () => {
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 4 })
    const [line] = (await anna.get('/api/bucket')).body.results
    const jan = new ShopClient(server.baseUrl)
    await signUp(jan, 'jan')
    expect((await jan.put(`/api/bucket/${line.bucket_uuid}`, { quantity: 1 })).status).toBe(404)
    expect((await jan.delete(`/api/bucket/${line.bucket_uuid}`)).status).toBe(404)
    expect((await anna.get('/api/bucket')).body.results).toEqual([line])
    await anna.delete('/api/bucket')
  })
})

describe('an order', () => {
  const DELIVERY = {
    name: 'Anna',
    street: 'Długa 1',
    postal_code: '80-001',
    city: 'Gdańsk',
    country: 'PL',
    note: 'Ring twice',
  }

  test('is made of the bucket at the prices of that moment, and empties it', async () => {
    await anna.post('/api/bucket', { product: ids.dome, quantity: 12 })
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 1 })
    const bucket = (await anna.get('/api/bucket')).body.results
    const { status, body } = await anna.post('/api/orders', {
      payment: 'transfer',
      delivery: DELIVERY,
      expected_sum: '5447.00',
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      order_uuid: expect.any(String),
      status: 'new',
      date_created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      date_paid: null,
      sum: '5447.00',
      payment: 'transfer',
      customer: annaIs.uuid,
    })
    expect((await anna.get('/api/bucket')).body.count).toBe(0)

    await rowsOf(server.db, `update products set price_minor = price_minor * 2, name = 'Dearer' where id = $1`, [
      ids.dome,
    ])
    expect((await anna.get(`/api/orders/${body.order_uuid}`)).body).toEqual({
      ...body,
      refunds: [],
      products: [
        {
          order_product_uuid: bucket[0].bucket_uuid,
          product: ids.dome,
          name: 'Dome Tent',
          quantity: 12,
          value: '449.00',
        },
        { order_product_uuid: bucket[1].bucket_uuid, product: ids.lamp, name: 'Lamp', quantity: 1, value: '59.00' },
      ],
      payment_status: null,
      delivery: DELIVERY,
    })
    // Twelve of ten and five: from the fullest warehouse first.
    const reserved = await rowsOf(
      server.db,
      `select w.name, r.quantity from reservations r join warehouses w on w.id = r.warehouse_id where product_id = $1 order by w.name`,
      [ids.dome],
    )
    expect(reserved).toEqual([
      { name: 'Gdańsk', quantity: 10 },
      { name: 'Kraków', quantity: 2 },
    ])
  })

  test('keeps of its delivery only what a delivery has', async () => {
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 1 })
    const { status, body } = await anna.post('/api/orders', { delivery: { city: 'Gdańsk', planet: '\u0000' } })
    expect(status).toBe(200)
    expect((await anna.get(`/api/orders/${body.order_uuid}`)).body.delivery).toEqual({ city: 'Gdańsk' })
    const stored = await rowsOf(server.db, 'select delivery from orders where id = $1', [body.order_uuid])
    expect(stored).toEqual([{ delivery: { city: 'Gdańsk' } }])
  })

  test('is not made of prices in several currencies', async () => {
    const euros = (await stockShop(server.db, [{ sku: 'euros' }])).euros
    await rowsOf(server.db, `update products set currency = 'EUR' where id = $1`, [euros])
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 1 })
    await anna.post('/api/bucket', { product: euros, quantity: 1 })
    const { status, body } = await anna.post('/api/orders', {})
    expect([status, body.code, body.message]).toEqual([409, 1002, 'order not created'])
    expect((await anna.get('/api/bucket')).body.count).toBe(2)
    await anna.delete('/api/bucket')
    await rowsOf(server.db, `update products set status = 'withdrawn' where id = $1`, [euros])
  })

  test('is not made of an empty bucket', async () => {
    const { status, body } = await anna.post('/api/orders', {})
    expect([status, body]).toEqual([409, { code: 1083, message: 'bucket is empty', details: null }])
  })

  test('is not made at another sum than expected, and the bucket stays', async () => {
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 2 })
    const { status, body } = await anna.post('/api/orders', { expected_sum: '117.99' })
    expect([status, body]).toEqual([
      409,
      { code: 1004, message: 'order sum is not as expected', details: 'expected 117.99, is 118.00' },
    ])
    expect((await anna.get('/api/bucket')).body.count).toBe(1)
    await anna.delete('/api/bucket')
  })

  test('that cannot be filled names the products and takes nothing', async () => {
    await anna.post('/api/bucket', { product: ids.tunnel, quantity: 3 })
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 1 })
    await rowsOf(server.db, 'update stock set on_hand = 2 where product_id = $1', [ids.tunnel])
    const before = (await anna.get('/api/products')).body
    const { status, body } = await anna.post('/api/orders', {})
    expect([status, body]).toEqual([
      409,
      { code: 1043, message: 'not enough products in magazines', details: `${ids.tunnel}: 3 asked, 2 available` },
    ])
    expect((await anna.get('/api/products')).body).toEqual(before)
    expect((await anna.get('/api/bucket')).body.count).toBe(2)
    await anna.delete('/api/bucket')
  })

  test('cannot be paid by a method the shop does not take', async () => {
    const { status, body } = await anna.post('/api/orders', { payment: 'cash' })
    expect([status, body.details]).toEqual([400, { payment: ['"cash" is not a valid choice.'] }])
  })

  test('stands first in the list of orders', async () => {
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 1 })
    const { order_uuid } = (await anna.post('/api/orders', {})).body
    const { body } = await anna.get('/api/orders?page_size=1')
    expect([body.results[0].order_uuid, body.count, body.previous]).toEqual([order_uuid, 3, null])
    expect(body.next).toBe(`${server.baseUrl}/api/orders?page_size=1&page=2&after=${order_uuid}`)
    const second = await anna.get(body.next.slice(server.baseUrl.length))
    expect(second.body).toEqual((await anna.get('/api/orders?page_size=1&page=2')).body)
    expect([second.body.count, second.body.results.length]).toEqual([3, 1])
    expect((await new ShopClient(server.baseUrl).get('/api/orders')).status).toBe(403)
  })
})

describe('an Idempotency-Key', () => {
  const orderWith = (key: string, json: object = {}) =>
    anna.post('/api/orders', json, { headers: { 'idempotency-key': key } })

  test('gets the first answer again, and makes nothing twice', async () => {
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 1 })
    const first = await orderWith('one')
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 1 })
    const again = await orderWith('one')
    expect([again.status, again.body]).toEqual([200, first.body])
    expect((await anna.get('/api/bucket')).body.count).toBe(1)
  })

  test('of a refused request gets the refusal again', async () => {
    await anna.delete('/api/bucket')
    const first = await orderWith('two')
    expect(first.body.code).toBe(1083)
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 1 })
    expect((await orderWith('two')).body).toEqual(first.body)
  })

  test('with another body is refused, and is nobody else’s', async () => {
    await orderWith('three')
    const reused = await orderWith('three', { payment: 'card' })
    expect([reused.status, reused.body.code]).toEqual([422, 1005])
    const ola = new ShopClient(server.baseUrl)
    await signUp(ola, 'ola')
    expect(
      (await ola.post('/api/orders', { payment: 'card' }, { headers: { 'idempotency-key': 'three' } })).body.code,
    ).toBe(1083)
  })

  test('works on the payment too', async () => {
    await anna.post('/api/bucket', { product: ids.lamp, quantity: 1 })
    const { order_uuid } = (await anna.post('/api/orders', {})).body
    const pay = (method: string) =>
      anna.put(`/api/orders/${order_uuid}/payment`, { method }, { headers: { 'idempotency-key': 'pay' } })
    const first = await pay('card')
    await anna.put(`/api/orders/${order_uuid}/payment`, { method: 'payu' })
    expect((await pay('card')).body).toEqual(first.body)
    expect((await pay('transfer')).body.code).toBe(1005)
  })
})

test('guessing a password is stopped with 429, and says when to come back', async () => {
  const throttling = await startShopServer({ env: { THROTTLE: 'on' } })
  const mallory = new ShopClient(throttling.baseUrl)
  const anna = await register(mallory, 'anna')
  const guess = (password: string) => mallory.post('/api/login', { username: 'anna', password })
  // The clock stands still, however long the guesses take.
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  for (let i = 0; i < 10; i++) expect((await guess(`guess ${i}`)).status).toBe(404)
  const stopped = await guess(anna.password)
  const text = 'Request was throttled. Expected available in 900 seconds.'
  expect([stopped.status, stopped.headers['retry-after'], stopped.body]).toEqual([
    429,
    '900',
    { detail: text, message: text },
  ])
  await throttling.stop()
})

describe('signing in', () => {
  test('from another site is refused, by whatever the browser says', async () => {
    const body = JSON.stringify({ username: 'anna', password: annaIs.password })
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const got = await send(server.baseUrl, 'POST', '/api/login', body, {
        'content-type': 'application/json',
        ...headers,
      })
      expect([got.status, got.body.detail]).toEqual([403, 'CSRF Failed: Origin checking failed.'])
      expect(got.headers['set-cookie']).toBeUndefined()
    }
  })

  test('gives a new session every time, and a planted one is worth nothing', async () => {
    const browser = new ShopClient(server.baseUrl)
    browser.cookies.set('sessionid', 'planted-by-mallory')
    await browser.post('/api/login', { username: 'anna', password: annaIs.password })
    const first = browser.cookies.get('sessionid')
    expect(first).not.toBe('planted-by-mallory')
    await browser.post('/api/login', { username: 'anna@example.com', password: annaIs.password })
    expect(browser.cookies.get('sessionid')).not.toBe(first)
    expect((await new ShopClient(server.baseUrl).get('/api/profile', { headers: { sessionid: first } })).status).toBe(
      403,
    )
  })

  test('ends with logout, whatever else the request carried, and another site cannot make it', async () => {
    const browser = new ShopClient(server.baseUrl)
    await browser.post('/api/login', { username: 'anna', password: annaIs.password })
    const session = browser.cookies.get('sessionid')
    const profile = async () =>
      (await new ShopClient(server.baseUrl).get('/api/profile', { headers: { sessionid: session } })).status
    expect((await browser.get('/api/logout', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
    expect(await profile()).toBe(200)
    expect((await browser.post('/api/logout', undefined, { headers: { sessionid: 'garbage' } })).status).toBe(200)
    expect(await profile()).toBe(403)
  })

  test('sets cookies that scripts and other sites cannot use', async () => {
    const got = await new ShopClient(server.baseUrl).post('/api/login', { username: 'anna', password: annaIs.password })
    const [session, csrf] = got.headers['set-cookie'] ?? []
    expect(session).toMatch(/^sessionid=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(csrf).toMatch(/^csrftoken=[\w-]{43}; Max-Age=7776000; Path=\/; SameSite=Lax$/)
  })

  test('an unsafe request needs the CSRF token of its own session', async () => {
    const jan = new ShopClient(server.baseUrl)
    await jan.post('/api/login', { username: 'jan', password: 'jan-likes-tents' })
    const add = (headers: Record<string, string | undefined>) =>
      anna.post('/api/bucket', { product: ids.lamp, quantity: 1 }, { headers })
    expect((await add({ 'x-csrftoken': undefined })).body.detail).toBe('CSRF Failed: CSRF token missing.')
    expect((await add({ 'x-csrftoken': 'forged' })).body.detail).toBe('CSRF Failed: CSRF token incorrect.')
    expect((await add({ 'x-csrftoken': jan.cookies.get('csrftoken') })).body.detail).toBe(
      'CSRF Failed: CSRF token incorrect.',
    )
  })
})
