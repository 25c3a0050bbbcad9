import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBreaches, rowsOf } from '../support/books.ts'
import { type PayingShop, PayPage, startPayingShop } from '../support/paying.ts'
import { ShopClient, signUp } from '../support/shop-client.ts'
import { startShopServer, stockShop } from '../support/shop-server.ts'

let shop: PayingShop
beforeAll(async () => {
  shop = await startPayingShop()
})
afterAll(async () => {
  expect(await findBreaches(shop.server.db)).toEqual([])
  await shop.stop()
})

describe('choosing', () => {
  test('the same method again goes on with the attempt that is under way', async () => {
    const id = await shop.placed()
    expect((await shop.choose(id, 'card')).body).toEqual((await shop.choose(id, 'card')).body)
  })

  test('the same transfer many times at once tells everybody the same title', async () => {
    const id = await shop.placed()
    const answers = await Promise.all(Array.from({ length: 8 }, () => shop.choose(id, 'transfer')))
    const titles = new Set(answers.map(({ body }) => body.transfer.title))
    expect(titles.size).toBe(1)
    const stored = await rowsOf(
      shop.server.db,
      'select transfer_title as title from payment_attempts where order_id = $1',
      [id],
    )
    expect(stored).toEqual([{ title: [...titles][0] }])
  })

  test('the method again after another buyer took the stock is refused like any canceled order', async () => {
    const last = (await stockShop(shop.server.db, [{ sku: 'one-left', quantity: 1 }]))['one-left']
    await shop.anna.delete('/api/bucket')
    await shop.anna.post('/api/bucket', { product: last, quantity: 1 })
    const { order_uuid: id } = (await shop.anna.post('/api/orders', {})).body
    await shop.choose(id, 'card')
    await shop.lapse(id)
    await shop.jan.post('/api/bucket', { product: last, quantity: 1 })
    expect((await shop.jan.post('/api/orders', {})).status).toBe(200)
    const refused = await shop.choose(id, 'card')
    expect([refused.status, refused.body.code]).toEqual([409, 1003])
  })

  test('an unknown method, or one that is not offered, is a validation error', async () => {
    const id = await shop.placed()
    expect((await shop.choose(id, 'cash')).body.details).toEqual({ method: ['"cash" is not a valid choice.'] })
    // Production without a gateway: nothing is offered, and nothing can be chosen.
    const env = {
      NODE_ENV: 'production',
      MAIL_TO_FOLDER: 'on',
      PUBLIC_URL: 'https://shop.example',
      PASSWORD_POLICY: 'documented',
      THROTTLE: 'on',
    }
    const poor = await startShopServer({ env })
    try {
      const client = new ShopClient(`http://127.0.0.1:${(poor.app.server.address() as AddressInfo).port}`)
      await signUp(client, 'anna')
      expect((await client.get('/api/payment-methods')).body.results).toEqual([])
      expect((await client.get('/payu-simulator/_simulator')).status).toBe(404)
      const refused = await client.post('/api/orders', { payment: 'card' })
      expect([refused.status, refused.body.details]).toEqual([400, { payment: ['"card" is not a valid choice.'] }])
    } finally {
      await poor.stop()
    }
  })

  test('a paid order, a canceled one, and one that was not paid in time take no payment', async () => {
    const paid = await shop.placed()
    await new PayPage((await shop.choose(paid, 'card')).body.redirect_uri).pay()
    await shop.confirm(paid)
    const canceled = await shop.placed()
    await shop.anna.post(`/api/orders/${canceled}/set_canceled`)
    const lapsed = await shop.placed()
    await shop.lapse(lapsed)
    for (const id of [paid, canceled, lapsed]) {
      const refused = await shop.choose(id, 'card')
      expect([refused.status, refused.body.code, refused.body.message]).toEqual([
        409,
        1003,
        'wrong order status for that step',
      ])
    }
  })

  test('nobody pays, sees or cancels the order of somebody else', async () => {
    const id = await shop.placed()
    const answers = await Promise.all([
      shop.jan.get(`/api/orders/${id}`),
      shop.jan.put(`/api/orders/${id}/payment`, { method: 'card' }),
      shop.jan.post(`/api/orders/${id}/payment/confirm`),
      shop.jan.post(`/api/orders/${id}/set_canceled`),
    ])
    for (const { status, body } of answers) {
      expect([status, body]).toEqual([404, { code: 1001, message: 'order not found', details: null }])
    }
    expect((await shop.anna.get(`/api/orders/${id}`)).body.status).toBe('new')
  })

  test('confirming before a method was chosen is refused', async () => {
    const refused = await shop.confirm(await shop.placed())
    expect([refused.status, refused.body.code]).toEqual([409, 1006])
  })
})
