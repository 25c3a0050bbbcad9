import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expireUnpaid } from '../../server/src/payments/index.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { type PayingShop, PayPage, startPayingShop } from '../support/paying.ts'
import { stockShop } from '../support/shop-server.ts'

let shop: PayingShop
beforeAll(async () => {
  shop = await startPayingShop()
})
afterAll(async () => {
  expect(await findBreaches(shop.server.db)).toEqual([])
  await shop.stop()
})

describe('canceling', () => {
  test('an unpaid order gives its stock back at once', async () => {
    const before = await shop.available()
    const id = await shop.placed({}, 7)
    expect(await shop.available()).toBe(before - 7)
    expect((await shop.anna.put(`/api/orders/${id}/set_canceled`)).body).toEqual({ status: 'OK', message: 'updated' })
    expect(await shop.available()).toBe(before)
    const again = await shop.anna.post(`/api/orders/${id}/set_canceled`)
    expect([again.status, again.body.code]).toEqual([409, 1003])
  })

  test('a paid order sends the money back, once', async () => {
    const id = await shop.placed()
    await new PayPage((await shop.choose(id, 'card')).body.redirect_uri).pay()
    await shop.confirm(id)
    await shop.anna.post(`/api/orders/${id}/set_canceled`)
    expect(await shop.seen(id)).toMatchObject({ status: 'canceled', payment_status: 'refunded' })
    await shop.eventually(id, { refunds: [{ amount: '898.00', currency: 'PLN', status: 'done' }] })
    const refunds = await rowsOf(
      shop.server.db,
      'select r.status, r.amount_minor, r.reason from refunds r join payment_attempts a on a.id = r.attempt_id where a.order_id = $1',
      [id],
    )
    expect(refunds).toEqual([{ status: 'done', amount_minor: 89_800, reason: 'order-canceled' }])
    expect(shop.payuOrder(id).refunds.map(({ amountMinor, status }) => [amountMinor, status])).toEqual([
      [89_800, 'FINALIZED'],
    ])
  })
})

describe('an order that is not paid in time', () => {
  test('blocks nobody, whether or not the job has run', async () => {
    const last = (await stockShop(shop.server.db, [{ sku: 'last', quantity: 1 }])).last as string
    await shop.anna.delete('/api/bucket')
    await shop.anna.post('/api/bucket', { product: last, quantity: 1 })
    const { order_uuid: id } = (await shop.anna.post('/api/orders', {})).body
    expect((await shop.jan.get(`/api/products/${last}`)).body.quantity).toBe(0)
    await shop.lapse(id)
    expect((await shop.jan.get(`/api/products/${last}`)).body.quantity).toBe(1)
    expect((await shop.jan.post('/api/bucket', { product: last, quantity: 1 })).status).toBe(200)
    expect((await shop.jan.post('/api/orders', {})).status).toBe(200)
    expect(await shop.seen(id)).toMatchObject({ status: 'canceled', payment_status: null })
  })

  test('is canceled by the job, and its payment expires', async () => {
    const before = await shop.available()
    const id = await shop.placed()
    await shop.choose(id, 'card')
    await shop.lapse(id)
    await expireUnpaid(shop.server.db, shop.server.gateways)
    expect(await shop.seen(id)).toMatchObject({ status: 'canceled', payment_status: 'expired' })
    expect(await shop.available()).toBe(before)
  })

  test('is canceled with all the others, however many there are', async () => {
    const ids: string[] = []
    for (let i = 0; i < 130; i++) ids.push(await shop.placed({}, 1))
    await rowsOf(
      shop.server.db,
      `update reservations set expires_at = now() - interval '1 second' where order_id = any ($1)`,
      [ids],
    )
    const { orders } = await expireUnpaid(shop.server.db, shop.server.gateways)
    expect(orders).toBe(130)
    const left = await rowsOf(shop.server.db, `select id from orders where id = any ($1) and status <> 'canceled'`, [
      ids,
    ])
    expect(left).toEqual([])
  })

  test('is held no longer than the longest hold after it was made, however often the method changes', async () => {
    const id = await shop.placed({ payment: 'transfer' })
    await rowsOf(
      shop.server.db,
      `update orders set created_at = now() - interval '7 days' + interval '10 minutes' where id = $1`,
      [id],
    )
    await shop.choose(id, 'card')
    const [row] = await rowsOf(
      shop.server.db,
      `select round(extract(epoch from min(expires_at) - now()) / 60)::int as minutes from reservations where order_id = $1`,
      [id],
    )
    expect(row).toEqual({ minutes: 10 })
  })

  test('is held for minutes, or for days when it is to be paid by transfer', async () => {
    const minutes = async (id: string) => {
      const [row] = await rowsOf<{ minutes: number }>(
        shop.server.db,
        `select round(extract(epoch from min(expires_at) - now()) / 60)::int as minutes from reservations where order_id = $1`,
        [id],
      )
      return row?.minutes
    }
    expect(await minutes(await shop.placed())).toBe(60)
    expect(await minutes(await shop.placed({ payment: 'transfer' }))).toBe(7 * 24 * 60)
    const changing = await shop.placed({ payment: 'transfer' })
    await shop.choose(changing, 'card')
    expect(await minutes(changing)).toBe(60)
    await shop.choose(changing, 'transfer')
    expect(await minutes(changing)).toBe(7 * 24 * 60)
  })
})
