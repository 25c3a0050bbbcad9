import { afterAll, beforeAll, expect, test } from 'vitest'
import { confirmTransfer } from '../../server/src/payments/index.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { type Answer, ShopClient, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

let server: ShopServer
let anna: ShopClient
let tent: string

beforeAll(async () => {
  server = await startShopServer({ env: { UNPAID_ORDERS_MAX: '2' } })
  anna = new ShopClient(server.baseUrl)
  await signUp(anna, 'anna')
  tent = (await stockShop(server.db, [{ sku: 'tent', quantity: 1000 }])).tent as string
})
afterAll(async () => {
  expect(await findBreaches(server.db)).toEqual([])
  await server.stop()
})

async function order(shopper = anna): Promise<Answer> {
  await shopper.post('/api/bucket', { product: tent, quantity: 1 })
  return shopper.post('/api/orders', {})
}

const TOO_MANY = { code: 1009, message: 'too many unpaid orders', details: 'at most 2: pay or cancel one' }

test('a third unpaid order is refused, nothing is reserved, and the bucket stays; one that is over makes room', async () => {
  const [first, second] = [(await order()).body.order_uuid, (await order()).body.order_uuid]
  const refused = await order()
  expect([refused.status, refused.body]).toEqual([409, TOO_MANY])
  expect((await anna.get('/api/bucket')).body.results).toHaveLength(1)
  expect(await rowsOf(server.db, 'select on_hand, reserved from stock')).toEqual([{ on_hand: 1000, reserved: 2 }])

  const jan = new ShopClient(server.baseUrl)
  await signUp(jan, 'jan')
  expect((await order(jan)).status).toBe(200)

  await anna.put(`/api/orders/${first}/payment`, { method: 'transfer' })
  expect((await order()).body).toEqual(TOO_MANY)
  await confirmTransfer(server.db, { of: first })
  expect((await order()).status).toBe(200)
  expect((await order()).body).toEqual(TOO_MANY)

  await anna.post(`/api/orders/${second}/set_canceled`)
  const third = await order()
  expect(third.status).toBe(200)
  expect((await order()).body).toEqual(TOO_MANY)

  // Past its deadline it waits for nothing, whether or not a job has run.
  await rowsOf(server.db, `update reservations set expires_at = now() - interval '1 second' where order_id = $1`, [
    third.body.order_uuid,
  ])
  expect((await order()).status).toBe(200)
})

test('as many as may, however many are placed at once', async () => {
  const maria = new ShopClient(server.baseUrl)
  await signUp(maria, 'maria')
  const answers = await Promise.all(Array.from({ length: 30 }, () => order(maria)))
  const placed = answers.filter(({ status }) => status === 200)
  expect(placed.length).toBeLessThanOrEqual(2)
  for (const { status, body } of answers) expect([200, 1009, 1083]).toContain(status === 200 ? 200 : body.code)
  await order(maria)
  await order(maria)
  const unpaid = await rowsOf(
    server.db,
    `select from orders o join customers c on c.id = customer_id
    where username = 'maria' and status = 'new'`,
  )
  expect(unpaid).toHaveLength(2)
})
