import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsOf } from '../support/books.ts'
import { ShopClient, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

let server: ShopServer
let tent: string
beforeAll(async () => {
  server = await startShopServer({ env: { THROTTLE: 'on' } })
  tent = (await stockShop(server.db, [{ sku: 'tent', quantity: 100 }])).tent as string
})
afterAll(() => server.stop())

async function ordered(name: string): Promise<{ client: ShopClient; id: string }> {
  const client = new ShopClient(server.baseUrl)
  await signUp(client, name)
  await client.post('/api/bucket', { product: tent, quantity: 1 })
  return { client, id: (await client.post('/api/orders', {})).body.order_uuid }
}

test('BLIK codes cannot be tried one after the other: the eleventh is refused, and no gateway hears of it', async () => {
  const { client, id } = await ordered('anna')
  const statuses: number[] = []
  for (let code = 100_000; code < 100_012; code++) {
    statuses.push((await client.put(`/api/orders/${id}/payment`, { method: 'payu', blik_code: String(code) })).status)
  }
  expect(statuses.slice(0, 10)).not.toContain(429)
  expect(statuses.slice(10)).toEqual([429, 429])
  const [row] = await rowsOf(server.db, 'select count(*) from payment_attempts where order_id = $1', [id])
  expect(row).toEqual({ count: 10 })
  // Paying on PayU's page is still open.
  expect((await client.put(`/api/orders/${id}/payment`, { method: 'card' })).status).toBe(200)
})

test('a customer who changes the method again and again is stopped, and nobody else', async () => {
  const [jan, ewa] = [await ordered('jan'), await ordered('ewa')]
  const methods = Array.from({ length: 61 }, (_, i) => (i % 2 === 0 ? 'card' : 'transfer'))
  const statuses: number[] = []
  for (const method of methods) {
    statuses.push((await jan.client.put(`/api/orders/${jan.id}/payment`, { method })).status)
  }
  expect(statuses.slice(0, 60)).toEqual(Array(60).fill(200))
  expect(statuses[60]).toBe(429)
  expect((await ewa.client.put(`/api/orders/${ewa.id}/payment`, { method: 'card' })).status).toBe(200)
})
