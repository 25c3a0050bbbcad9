import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeGateways } from '../../server/src/app.ts'
import { confirmTransfer, expireUnpaid, recordNews, sendRefunds } from '../../server/src/payments/index.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { ShopClient, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

let server: ShopServer
let anna: ShopClient
let jan: ShopClient
let tent: string

beforeAll(async () => {
  server = await startShopServer()
  anna = new ShopClient(server.baseUrl)
  jan = new ShopClient(server.baseUrl)
  await Promise.all([signUp(anna, 'anna'), signUp(jan, 'jan')])
  tent = (await stockShop(server.db, [{ sku: 'tent', name: 'Tent', price: '449.00', quantity: 1000 }])).tent as string
})
afterAll(async () => {
  expect(await findBreaches(server.db)).toEqual([])
  await server.stop()
})

async function placed(body: object = {}, quantity = 2): Promise<string> {
  await anna.delete('/api/bucket')
  await anna.post('/api/bucket', { product: tent, quantity })
  return (await anna.post('/api/orders', body)).body.order_uuid
}
const choose = (id: string, method: string) => anna.put(`/api/orders/${id}/payment`, { method })
const confirm = (id: string) => anna.post(`/api/orders/${id}/payment/confirm`)
const available = async () => (await anna.get(`/api/products/${tent}`)).body.quantity

/** The buyer's browser on the page of the test gateway. */
const decide = (redirectUri: string, decision: string) =>
  new ShopClient(server.baseUrl).request('POST', new URL(redirectUri).pathname, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    raw: `decision=${decision}`,
  })

describe.each(['card', 'payu'])('paying with %s', (method) => {
  test('the buyer pays on the page, and the confirmation asks the gateway', async () => {
    const id = await placed()
    const chosen = await choose(id, method)
    expect(chosen.body).toEqual({
      order_uuid: id,
      method,
      status: 'pending',
      redirect_uri: expect.stringMatching(`^${server.baseUrl}/test-gateway/pay/[0-9a-f-]{36}$`),
    })
    expect((await anna.get(`/api/orders/${id}`)).body).toMatchObject({
      status: 'to_pay',
      payment_status: 'pending',
      date_paid: null,
    })
    expect((await confirm(id)).body.status).toBe('pending')

    const page = await new ShopClient(server.baseUrl).get(new URL(chosen.body.redirect_uri).pathname)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.text).toContain('898.00 PLN')
    expect((await decide(chosen.body.redirect_uri, 'paid')).text).toContain('<h1>Paid</h1>')

    expect((await confirm(id)).body).toEqual({ order_uuid: id, method, status: 'paid' })
    const { body: order } = await anna.get(`/api/orders/${id}`)
    expect(order).toMatchObject({ status: 'paid', payment: method, payment_status: 'paid', sum: '898.00' })
    expect(Date.parse(order.date_paid)).toBeGreaterThanOrEqual(Date.parse(order.date_created))
  })

  test('a declined payment can be tried again, with a fresh attempt', async () => {
    const id = await placed()
    const first = await choose(id, method)
    await decide(first.body.redirect_uri, 'declined')
    expect((await confirm(id)).body).toEqual({ order_uuid: id, method, status: 'declined' })
    const second = await choose(id, method)
    expect(second.body.redirect_uri).not.toBe(first.body.redirect_uri)
    await decide(second.body.redirect_uri, 'paid')
    expect((await confirm(id)).body.status).toBe('paid')
  })
})

test('the gateway is asked, the client is never trusted: a notification that got lost is found by the confirmation', async () => {
  const id = await placed()
  const chosen = await choose(id, 'card')
  const attempt = new URL(chosen.body.redirect_uri).pathname.split('/').at(-1)
  // The gateway has the money, and its word to the shop was lost.
  await rowsOf(server.db, `update test_gateway_payments set status = 'paid' where attempt_id = $1`, [attempt])
  expect((await anna.get(`/api/orders/${id}`)).body.status).toBe('to_pay')
  expect((await confirm(id)).body.status).toBe('paid')
})

describe('paying by transfer', () => {
  test('the answer says what to write on it, and staff confirm it', async () => {
    const id = await placed({ payment: 'transfer' })
    const { body } = await choose(id, 'transfer')
    expect(body).toEqual({
      order_uuid: id,
      method: 'transfer',
      status: 'pending',
      transfer: {
        iban: 'PL61109010140000071219812874',
        recipient: 'Tradepost Demo',
        title: expect.stringMatching(/^TP[0-9A-Z]{9}$/),
        amount: '898.00',
        currency: 'PLN',
        qr_format: 'zbp',
        qr_image: expect.stringMatching(/^data:image\/svg\+xml;base64,/),
      },
    })
    const said = await confirm(id)
    expect(said.body.status).toBe('pending')
    const [attempt] = await rowsOf(
      server.db,
      'select sent_by_customer_at as at from payment_attempts where order_id = $1',
      [id],
    )
    expect(attempt?.at).toBeInstanceOf(Date)

    const told = await confirmTransfer(server.db, { of: body.transfer.title.toLowerCase() })
    expect(told.outcome).toBe('order-paid')
    expect((await anna.get(`/api/orders/${id}`)).body).toMatchObject({
      status: 'paid',
      payment: 'transfer',
      payment_status: 'paid',
    })
    expect((await confirmTransfer(server.db, { of: id })).outcome).toBe('known')
  })

  test('another sum, or an unknown title, is refused and nothing is paid', async () => {
    const id = await placed()
    const { title } = (await choose(id, 'transfer')).body.transfer
    await expect(confirmTransfer(server.db, { of: title, amountMinor: 89_799 })).rejects.toMatchObject({
      refusal: { code: 'payments.amount-differs', expectedMinor: 89_800, toldMinor: 89_799, currency: 'PLN' },
    })
    await expect(confirmTransfer(server.db, { of: 'TP00000001F' })).rejects.toMatchObject({
      refusal: { code: 'payments.transfer-not-found' },
    })
    expect((await anna.get(`/api/orders/${id}`)).body.status).toBe('to_pay')
  })

  test('a transfer that comes although the customer changed to card pays the order all the same', async () => {
    const id = await placed()
    const { title } = (await choose(id, 'transfer')).body.transfer
    await choose(id, 'card')
    expect((await confirmTransfer(server.db, { of: title })).outcome).toBe('order-paid')
    expect((await anna.get(`/api/orders/${id}`)).body).toMatchObject({ status: 'paid', payment_status: 'paid' })
  })
})

test('an order paid by transfer and then by card as well stays paid, and the second money goes back', async () => {
  const id = await placed()
  const { title } = (await choose(id, 'transfer')).body.transfer
  const card = (await choose(id, 'card')).body.redirect_uri
  await confirmTransfer(server.db, { of: title })
  // The buyer had the card page open all the time.
  const attempt = new URL(card).pathname.split('/').at(-1) as never
  const news = {
    gateway: 'test',
    attemptId: attempt,
    event: 'paid',
    told: 'paid',
    amountMinor: 89_800,
    currency: 'PLN',
  } as const
  expect(await recordNews(server.db, news)).toBe('refund-twice')
  expect((await anna.get(`/api/orders/${id}`)).body).toMatchObject({ status: 'paid', payment_status: 'paid' })
  expect((await confirm(id)).body).toMatchObject({ method: 'transfer', status: 'paid' })
})

test('staff may name a transfer by its order, although the customer has changed to card since', async () => {
  const id = await placed()
  await choose(id, 'transfer')
  await choose(id, 'card')
  expect((await confirmTransfer(server.db, { of: id })).outcome).toBe('order-paid')
})

describe('choosing', () => {
  test('the same method again goes on with the attempt that is under way', async () => {
    const id = await placed()
    expect((await choose(id, 'card')).body).toEqual((await choose(id, 'card')).body)
  })

  test('the same transfer many times at once tells everybody the same title', async () => {
    const id = await placed()
    const answers = await Promise.all(Array.from({ length: 8 }, () => choose(id, 'transfer')))
    const titles = new Set(answers.map(({ body }) => body.transfer.title))
    expect(titles.size).toBe(1)
    const stored = await rowsOf(server.db, 'select transfer_title as title from payment_attempts where order_id = $1', [
      id,
    ])
    expect(stored).toEqual([{ title: [...titles][0] }])
  })

  test('the method again after another buyer took the stock is refused like any canceled order', async () => {
    const last = (await stockShop(server.db, [{ sku: 'one-left', quantity: 1 }]))['one-left']
    await anna.delete('/api/bucket')
    await anna.post('/api/bucket', { product: last, quantity: 1 })
    const { order_uuid: id } = (await anna.post('/api/orders', {})).body
    await choose(id, 'card')
    await rowsOf(server.db, `update reservations set expires_at = now() - interval '1 second' where order_id = $1`, [
      id,
    ])
    await jan.post('/api/bucket', { product: last, quantity: 1 })
    expect((await jan.post('/api/orders', {})).status).toBe(200)
    const refused = await choose(id, 'card')
    expect([refused.status, refused.body.code]).toEqual([409, 1003])
  })

  test('an unknown method, or one that is not offered, is a validation error', async () => {
    const id = await placed()
    expect((await choose(id, 'cash')).body.details).toEqual({ method: ['"cash" is not a valid choice.'] })
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
      const refused = await client.post('/api/orders', { payment: 'card' })
      expect([refused.status, refused.body.details]).toEqual([400, { payment: ['"card" is not a valid choice.'] }])
    } finally {
      await poor.stop()
    }
  })

  test('a paid order, a canceled one, and one that was not paid in time take no payment', async () => {
    const paid = await placed()
    await decide((await choose(paid, 'card')).body.redirect_uri, 'paid')
    const canceled = await placed()
    await anna.post(`/api/orders/${canceled}/set_canceled`)
    const lapsed = await placed()
    await rowsOf(server.db, `update reservations set expires_at = now() - interval '1 second' where order_id = $1`, [
      lapsed,
    ])
    for (const id of [paid, canceled, lapsed]) {
      const refused = await choose(id, 'card')
      expect([refused.status, refused.body.code, refused.body.message]).toEqual([
        409,
        1003,
        'wrong order status for that step',
      ])
    }
  })

  test('nobody pays, sees or cancels the order of somebody else', async () => {
    const id = await placed()
    const answers = await Promise.all([
      jan.get(`/api/orders/${id}`),
      jan.put(`/api/orders/${id}/payment`, { method: 'card' }),
      jan.post(`/api/orders/${id}/payment/confirm`),
      jan.post(`/api/orders/${id}/set_canceled`),
    ])
    for (const { status, body } of answers) {
      expect([status, body]).toEqual([404, { code: 1001, message: 'order not found', details: null }])
    }
    expect((await anna.get(`/api/orders/${id}`)).body.status).toBe('new')
  })

  test('confirming before a method was chosen is refused', async () => {
    const refused = await confirm(await placed())
    expect([refused.status, refused.body.code]).toEqual([409, 1006])
  })
})

describe('canceling', () => {
  test('an unpaid order gives its stock back at once', async () => {
    const before = await available()
    const id = await placed({}, 7)
    expect(await available()).toBe(before - 7)
    expect((await anna.put(`/api/orders/${id}/set_canceled`)).body).toEqual({ status: 'OK', message: 'updated' })
    expect(await available()).toBe(before)
    const again = await anna.post(`/api/orders/${id}/set_canceled`)
    expect([again.status, again.body.code]).toEqual([409, 1003])
  })

  test('a paid order sends the money back, once', async () => {
    const id = await placed()
    await decide((await choose(id, 'card')).body.redirect_uri, 'paid')
    await anna.post(`/api/orders/${id}/set_canceled`)
    expect((await anna.get(`/api/orders/${id}`)).body).toMatchObject({ status: 'canceled', payment_status: 'refunded' })
    const send = () =>
      sendRefunds(server.db, makeGateways(server.config, server.db), (_id, error) => expect.fail(String(error)))
    expect((await send()).refunds).toBeGreaterThan(0)
    expect(await send()).toEqual({ refunds: 0 })
    const refunds = await rowsOf(
      server.db,
      `select r.status, r.amount_minor, r.reason, g.refunded_minor from refunds r join payment_attempts a on a.id = r.attempt_id
         join test_gateway_payments g on g.attempt_id = a.id where a.order_id = $1`,
      [id],
    )
    expect(refunds).toEqual([
      { status: 'done', amount_minor: 89_800, reason: 'order-canceled', refunded_minor: 89_800 },
    ])
  })
})

describe('news about money', () => {
  const newsOf = async (id: string) => {
    const [attempt] = await rowsOf<{ id: string }>(server.db, 'select id from payment_attempts where order_id = $1', [
      id,
    ])
    return {
      gateway: 'test',
      attemptId: attempt?.id as never,
      event: 'paid',
      told: 'paid',
      amountMinor: 89_800,
      currency: 'PLN',
    } as const
  }

  test('told twenty times at once pays once', async () => {
    const id = await placed()
    await choose(id, 'card')
    const news = await newsOf(id)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => recordNews(server.db, news)))
    expect(outcomes.filter((it) => it === 'order-paid')).toHaveLength(1)
    expect(outcomes.filter((it) => it === 'known')).toHaveLength(19)
  })

  test('a late refusal does not undo a payment', async () => {
    const id = await placed()
    await choose(id, 'card')
    const news = await newsOf(id)
    await recordNews(server.db, news)
    expect(await recordNews(server.db, { ...news, event: 'canceled', told: 'canceled' })).toBe('known')
    expect((await anna.get(`/api/orders/${id}`)).body.payment_status).toBe('paid')
  })

  test('money for a canceled order goes back', async () => {
    const id = await placed()
    await choose(id, 'card')
    await anna.post(`/api/orders/${id}/set_canceled`)
    expect(await recordNews(server.db, await newsOf(id))).toBe('refund-late')
    expect((await anna.get(`/api/orders/${id}`)).body).toMatchObject({ status: 'canceled', payment_status: 'refunded' })
  })

  test('another sum leaves the order as it is, for a person to look at', async () => {
    const id = await placed()
    await choose(id, 'card')
    expect(await recordNews(server.db, { ...(await newsOf(id)), amountMinor: 1 })).toBe('held')
    expect((await anna.get(`/api/orders/${id}`)).body).toMatchObject({ status: 'to_pay', payment_status: 'pending' })
    const events = await rowsOf(
      server.db,
      `select outcome from payment_events e join payment_attempts a on a.id = e.attempt_id where a.order_id = $1`,
      [id],
    )
    expect(events).toEqual([{ outcome: 'held' }])
  })

  test('left to a person is decided anew when it is told again', async () => {
    const id = await placed()
    await choose(id, 'card')
    await rowsOf(server.db, `update payment_attempts set currency = 'EUR' where order_id = $1`, [id])
    const news = await newsOf(id)
    expect(await recordNews(server.db, news)).toBe('needs-a-person')
    await rowsOf(server.db, `update payment_attempts set currency = 'PLN' where order_id = $1`, [id])
    expect(await recordNews(server.db, news)).toBe('order-paid')
    expect(await recordNews(server.db, news)).toBe('known')
  })

  test('cannot lead to refunds above what was captured, even written by two at once', async () => {
    const id = await placed()
    await choose(id, 'card')
    const news = await newsOf(id)
    await recordNews(server.db, news)
    const refund = () =>
      rowsOf(
        server.db,
        `insert into refunds (id, attempt_id, amount_minor, reason) values (gen_random_uuid(), $1, 89800, 'paid-twice')`,
        [news.attemptId],
      )
    const written = await Promise.allSettled([refund(), refund(), refund()])
    expect(written.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await rowsOf(server.db, 'delete from refunds where attempt_id = $1', [news.attemptId])
    const [attempt] = await rowsOf(server.db, 'select refunded_minor from payment_attempts where id = $1', [
      news.attemptId,
    ])
    expect(attempt).toEqual({ refunded_minor: 0 })
  })

  test('of an attempt that nobody knows is no news', async () => {
    const id = await placed()
    await choose(id, 'card')
    const news = await newsOf(id)
    expect(await recordNews(server.db, { ...news, gateway: 'another' })).toBeUndefined()
    expect(
      await recordNews(server.db, { ...news, attemptId: '00000000-0000-7000-8000-000000000000' as never }),
    ).toBeUndefined()
  })
})

describe('an order that is not paid in time', () => {
  const lapse = (id: string) =>
    rowsOf(server.db, `update reservations set expires_at = now() - interval '1 second' where order_id = $1`, [id])

  test('blocks nobody, whether or not the job has run', async () => {
    const last = (await stockShop(server.db, [{ sku: 'last', quantity: 1 }])).last as string
    await anna.delete('/api/bucket')
    await anna.post('/api/bucket', { product: last, quantity: 1 })
    const { order_uuid: id } = (await anna.post('/api/orders', {})).body
    expect((await jan.get(`/api/products/${last}`)).body.quantity).toBe(0)
    await lapse(id)
    expect((await jan.get(`/api/products/${last}`)).body.quantity).toBe(1)
    expect((await jan.post('/api/bucket', { product: last, quantity: 1 })).status).toBe(200)
    expect((await jan.post('/api/orders', {})).status).toBe(200)
    expect((await anna.get(`/api/orders/${id}`)).body).toMatchObject({ status: 'canceled', payment_status: null })
  })

  test('is canceled by the job, and its payment expires', async () => {
    const before = await available()
    const id = await placed()
    await choose(id, 'card')
    await lapse(id)
    await expireUnpaid(server.db, makeGateways(server.config, server.db))
    expect((await anna.get(`/api/orders/${id}`)).body).toMatchObject({ status: 'canceled', payment_status: 'expired' })
    expect(await available()).toBe(before)
  })

  test('is canceled with all the others, however many there are', async () => {
    const ids: string[] = []
    for (let i = 0; i < 130; i++) ids.push(await placed({}, 1))
    await rowsOf(
      server.db,
      `update reservations set expires_at = now() - interval '1 second' where order_id = any ($1)`,
      [ids],
    )
    const { orders } = await expireUnpaid(server.db, makeGateways(server.config, server.db))
    expect(orders).toBe(130)
    const left = await rowsOf(server.db, `select id from orders where id = any ($1) and status <> 'canceled'`, [ids])
    expect(left).toEqual([])
  })

  test('is held no longer than the longest hold after it was made, however often the method changes', async () => {
    const id = await placed({ payment: 'transfer' })
    await rowsOf(
      server.db,
      `update orders set created_at = now() - interval '7 days' + interval '10 minutes' where id = $1`,
      [id],
    )
    await choose(id, 'card')
    const [row] = await rowsOf(
      server.db,
      `select round(extract(epoch from min(expires_at) - now()) / 60)::int as minutes from reservations where order_id = $1`,
      [id],
    )
    expect(row).toEqual({ minutes: 10 })
  })

  test('is held for minutes, or for days when it is to be paid by transfer', async () => {
    const minutes = async (id: string) => {
      const [row] = await rowsOf<{ minutes: number }>(
        server.db,
        `select round(extract(epoch from min(expires_at) - now()) / 60)::int as minutes from reservations where order_id = $1`,
        [id],
      )
      return row?.minutes
    }
    expect(await minutes(await placed())).toBe(60)
    expect(await minutes(await placed({ payment: 'transfer' }))).toBe(7 * 24 * 60)
    const changing = await placed({ payment: 'transfer' })
    await choose(changing, 'card')
    expect(await minutes(changing)).toBe(60)
    await choose(changing, 'transfer')
    expect(await minutes(changing)).toBe(7 * 24 * 60)
  })
})
