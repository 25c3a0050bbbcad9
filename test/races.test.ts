import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expireUnpaid } from '../server/src/payments/index.ts'
import { findBreaches, rowsOf } from './support/books.ts'
import { GOOD_CARD, PayPage } from './support/paying.ts'
import { type Answer, ShopClient, signUp } from './support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from './support/shop-server.ts'

// Real requests over real connections to a real database, all at once. Every test ends with the books.

let server: ShopServer
let shoppers: ShopClient[]
let run = 0

beforeAll(async () => {
  server = await startShopServer({ poolSize: 16 })
  shoppers = Array.from({ length: 24 }, () => new ShopClient(server.baseUrl))
  await Promise.all(shoppers.map((shopper, i) => signUp(shopper, `shopper${i}`)))
})
afterAll(() => server.stop())
beforeEach(async () => {
  run++
  await Promise.all(shoppers.map((shopper) => shopper.delete('/api/bucket')))
})

const add = (shopper: ShopClient, product: string | undefined, quantity = 1) =>
  shopper.post('/api/bucket', { product, quantity })
const order = (shopper: ShopClient, body: object = {}) => shopper.post('/api/orders', body)
const outcome = ({ status, body }: Answer) => (status === 200 ? 'ok' : `${status}/${body.code}`)

function countOutcomes(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[outcome(answer)] = (counts[outcome(answer)] ?? 0) + 1
  return counts
}

async function stock(warehouses: Record<string, number>): Promise<string> {
  const sku = `p${run}-${Math.random()}`
  const ids = await stockShop(
    server.db,
    Object.entries(warehouses).map(([warehouse, quantity]) => ({ sku, warehouse, quantity })),
  )
  return ids[sku] as string
}

async function expectBooksBalance(): Promise<void> {
  expect(await findBreaches(server.db)).toEqual([])
}

describe('the last piece', () => {
  test('of two customers racing for it exactly one gets it, twenty times over', async () => {
    const [anna, jan] = shoppers as [ShopClient, ShopClient]
    for (let round = 0; round < 20; round++) {
      const product = await stock({ main: 1 })
      await Promise.all([add(anna, product), add(jan, product)])
      const answers = await Promise.all([order(anna), order(jan)])
      expect(answers.map(outcome).sort()).toEqual(['409/1043', 'ok'])
      await Promise.all([anna.delete('/api/bucket'), jan.delete('/api/bucket')])
    }
    await expectBooksBalance()
  })

  test('ten pieces in three warehouses and 24 buyers: ten orders, fourteen are told 1043', async () => {
    const product = await stock({ north: 5, middle: 2, south: 3 })
    await Promise.all(shoppers.map((shopper) => add(shopper, product)))
    const answers = await Promise.all(shoppers.map((shopper) => order(shopper)))
    expect(countOutcomes(answers)).toEqual({ ok: 10, '409/1043': 14 })
    expect((await shoppers[0]?.get(`/api/products/${product}`))?.body.quantity).toBe(0)
    await expectBooksBalance()
  })

  test('orders that need pieces from several warehouses take what is there, and never more', async () => {
    const product = await stock({ north: 4, middle: 4, south: 4 })
    await Promise.all(shoppers.map((shopper) => add(shopper, product, 5)))
    const answers = await Promise.all(shoppers.map((shopper) => order(shopper)))
    expect(countOutcomes(answers)).toEqual({ ok: 2, '409/1043': 22 })
    await expectBooksBalance()
  })
})

test('buckets with the same products in opposite order do not deadlock', async () => {
  const products = [await stock({ a: 1000, b: 1000 }), await stock({ b: 1000, a: 1000 }), await stock({ a: 1000 })]
  for (let round = 0; round < 5; round++) {
    await Promise.all(
      shoppers.map(async (shopper, i) => {
        for (const product of i % 2 ? products : products.toReversed()) await add(shopper, product, 2)
      }),
    )
    expect(countOutcomes(await Promise.all(shoppers.map((shopper) => order(shopper))))).toEqual({ ok: 24 })
  }
  await expectBooksBalance()
})

test('two tabs of one customer make one order of one bucket', async () => {
  const product = await stock({ main: 100 })
  await Promise.all(shoppers.map((shopper) => add(shopper, product)))
  const answers = await Promise.all(shoppers.flatMap((shopper) => [order(shopper), order(shopper)]))
  expect(countOutcomes(answers)).toEqual({ ok: 24, '409/1083': 24 })
  await expectBooksBalance()
})

test('a line that is added, changed or removed while the order is made is in the order or in the bucket, never in both or half', async () => {
  const [first, second] = [await stock({ main: 100_000 }), await stock({ main: 100_000 })]
  for (let round = 0; round < 6; round++) {
    await Promise.all(
      shoppers.map(async (shopper) => {
        await add(shopper, first)
        const [line] = (await shopper.get('/api/bucket')).body.results
        const [ordered, changed, added] = await Promise.all([
          order(shopper),
          shopper.put(`/api/bucket/${line.bucket_uuid}`, { quantity: 3 }),
          add(shopper, second, 2),
        ])
        expect([ordered.status, added.status]).toEqual([200, 200])
        expect([200, 404]).toContain(changed.status)
        const { body: made } = await shopper.get(`/api/orders/${ordered.body.order_uuid}`)
        const left = (await shopper.get('/api/bucket')).body.results
        const products = [...made.products, ...left].map((it: { product: string }) => it.product)
        expect(products.toSorted()).toEqual([first, second].toSorted())
        await shopper.delete('/api/bucket')
      }),
    )
  }
  await expectBooksBalance()
})

test.each<[string, change: string, expected: string, held: string[]]>([
  ['stock that has become less', `update stock set on_hand = 1 where warehouse_id = $left`, 'ok', ['right 3']],
  ['stock that has become too little', `update stock set on_hand = 1`, '409/1043', []],
  ['stock that has become more', `update stock set on_hand = 50 where warehouse_id = $right`, 'ok', ['right 3']],
  ['a line that has become longer', `update bucket_lines set quantity = 7`, 'ok', ['left 5', 'right 2']],
  ['a line that was taken out', `delete from bucket_lines`, '409/1083', []],
])('%s while an order waits for it counts as it is afterwards', async (_, change, expected, held) => {
  const [anna] = shoppers as [ShopClient]
  const product = await stock({ left: 5, right: 5 })
  await add(anna, product, 3)
  const text = `${change.replace(/\$(left|right)/, `(select id from warehouses where name = '$1')`)}
                ${change.includes('where') ? 'and' : 'where'} product_id = '${product}'`
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  const { ordering } = await server.db.transaction(async (tx) => {
    await tx.query({ text })
    const ordering = order(anna)
    await expect.poll(async () => (await rowsOf(server.db, waiting)).length).toBe(1)
    return { ordering }
  })
  expect(outcome(await ordering)).toBe(expected)
  const reserved = await rowsOf<{ held: string }>(
    server.db,
    `select w.name || ' ' || r.quantity as held from reservations r join warehouses w on w.id = r.warehouse_id
      where r.product_id = $1 order by 1`,
    [product],
  )
  expect(reserved.map((row) => row.held)).toEqual(held)
  await expectBooksBalance()
})

test('prices that change while orders are made: each order costs what its lines say', async () => {
  const products = [await stock({ main: 100_000 }), await stock({ main: 100_000 })]
  for (let round = 0; round < 6; round++) {
    await Promise.all(shoppers.map((shopper) => Promise.all(products.map((product) => add(shopper, product)))))
    const reprice = (price: number) =>
      rowsOf(server.db, 'update products set price_minor = $1 where id = any ($2)', [price, products])
    const repricing = [1000, 2000, 3000, 4000, 5000].map(reprice)
    expect(countOutcomes(await Promise.all(shoppers.map((shopper) => order(shopper))))).toEqual({ ok: 24 })
    await Promise.all(repricing)
  }
  await expectBooksBalance()
})

test('the same Idempotency-Key sent many times at once makes one order, and all get its answer', async () => {
  const [anna] = shoppers as [ShopClient]
  const product = await stock({ main: 100 })
  await add(anna, product)
  const headers = { 'idempotency-key': `race-${run}` }
  const answers = await Promise.all(Array.from({ length: 12 }, () => anna.post('/api/orders', {}, { headers })))
  expect(countOutcomes(answers)).toEqual({ ok: 12 })
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  await expectBooksBalance()
})

test('one e-mail registered many times at once is one customer', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `racer${run}x${i}`)
  const client = new ShopClient(server.baseUrl)
  const register = (username: string, i: number) =>
    client.post('/api/register', {
      username,
      password: 'obiwansux',
      email: i % 2 ? 'one@example.com' : 'ONE@example.com',
    })
  expect(countOutcomes(await Promise.all(names.map(register)))).toEqual({ ok: 1, '409/2001': 29 })
})

describe('an order under way', () => {
  async function placed(shopper: ShopClient, product: string): Promise<string> {
    await add(shopper, product)
    return (await order(shopper)).body.order_uuid
  }

  test('paying and canceling at once: the order is paid, or canceled with the money sent back', async () => {
    const product = await stock({ main: 1000 })
    for (let round = 0; round < 4; round++) {
      const ids = await Promise.all(
        shoppers.map(async (shopper) => {
          const id = await placed(shopper, product)
          const payment = await shopper.put(`/api/orders/${id}/payment`, { method: 'card' })
          const [paid, canceled] = await Promise.all([
            new PayPage(payment.body.redirect_uri).press('pay', GOOD_CARD),
            shopper.post(`/api/orders/${id}/set_canceled`),
          ])
          expect(paid.status).toBe(303)
          expect(canceled.status).toBe(200)
          return id
        }),
      )
      await server.simulator.settle()
      for (const [i, shopper] of shoppers.entries()) {
        const { body } = await shopper.get(`/api/orders/${ids[i]}`)
        expect(body.status).toBe('canceled')
        expect(['canceled', 'refunded']).toContain(body.payment_status)
      }
    }
    await expectBooksBalance()
  })

  test('a deadline that passes while a buyer needs the stock: one of the two has it', async () => {
    const [anna, jan] = shoppers as [ShopClient, ShopClient]
    for (let round = 0; round < 10; round++) {
      const product = await stock({ main: 1 })
      const id = await placed(anna, product)
      const payment = await anna.put(`/api/orders/${id}/payment`, { method: 'payu' })
      await rowsOf(server.db, `update reservations set expires_at = now() - interval '1 second' where order_id = $1`, [
        id,
      ])
      await add(jan, product)
      const [bought] = await Promise.all([
        order(jan),
        new PayPage(payment.body.redirect_uri).press('pay', { method: 'p' }).then(() => server.simulator.settle()),
        expireUnpaid(server.db, server.gateways),
      ])
      const { body } = await anna.get(`/api/orders/${id}`)
      // The gateway may have been told in time that nobody waits for this money any more.
      const lost = ['canceled/refunded', 'canceled/expired', 'canceled/canceled']
      expect(outcome(bought) === 'ok' ? lost : ['paid/paid', ...lost]).toContain(
        `${body.status}/${body.payment_status}`,
      )
      await jan.delete('/api/bucket')
    }
    await expectBooksBalance()
  })

  test('changing the payment method many times at once leaves one live attempt', async () => {
    const [anna] = shoppers as [ShopClient]
    const id = await placed(anna, await stock({ main: 1 }))
    const methods = ['card', 'payu', 'transfer', 'card', 'transfer', 'payu', 'card', 'payu']
    const answers = await Promise.all(methods.map((method) => anna.put(`/api/orders/${id}/payment`, { method })))
    expect(countOutcomes(answers)).toEqual({ ok: 8 })
    const live = await rowsOf(
      server.db,
      `select from payment_attempts where order_id = $1 and status in ('starting', 'pending')`,
      [id],
    )
    expect(live).toHaveLength(1)
    await expectBooksBalance()
  })
})
