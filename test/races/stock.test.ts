import { afterAll, beforeAll, expect, test } from 'vitest'
import { findBreaches, rowsOf } from '../support/books.ts'
import { admitRacers, countOutcomes, rounds } from '../support/racers.ts'
import type { ShopClient } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

let server: ShopServer
let racers: ShopClient[]

beforeAll(async () => {
  server = await startShopServer({ poolSize: 16 })
  racers = await admitRacers(server, 200, 'racer')
})
afterAll(() => server.stop())

async function stock(sku: string, ...quantities: number[]): Promise<string> {
  const rows = quantities.map((quantity, i) => ({ sku, warehouse: `w${i}`, quantity }))
  return (await stockShop(server.db, rows))[sku] as string
}

test.each(rounds(1))('200 racers for the last piece, %i: one has it, and 199 hear 1043', async (round) => {
  const product = await stock(`last-${round}`, 1)
  await Promise.all(racers.map((racer) => racer.post('/api/bucket', { product, quantity: 1 })))
  const answers = await Promise.all(racers.map((racer) => racer.post('/api/orders', {})))
  expect(countOutcomes(answers)).toEqual({ ok: 1, '409/1043': 199 })
  const [row] = await rowsOf(server.db, 'select on_hand, reserved from stock where product_id = $1', [product])
  expect(row).toEqual({ on_hand: 1, reserved: 1 })
  await Promise.all(racers.map((racer) => racer.delete('/api/bucket')))
  expect(await findBreaches(server.db)).toEqual([])
})

test.each(rounds(1))(
  'canceled and bought at once, %i: what one lets go another has, and no piece twice',
  async (round) => {
    const [holders, buyers] = [racers.slice(0, 20), racers.slice(20, 60)]
    const product = await stock(`returning-${round}`, 12, 8)
    const held = await Promise.all(
      holders.map(async (racer) => {
        await racer.post('/api/bucket', { product, quantity: 1 })
        return (await racer.post('/api/orders', {})).body.order_uuid
      }),
    )
    // Nobody may put into the bucket what is sold out: for a moment there is more.
    await rowsOf(server.db, `update stock set on_hand = on_hand + 1 where product_id = $1`, [product])
    await Promise.all(buyers.map((racer) => racer.post('/api/bucket', { product, quantity: 1 })))
    await rowsOf(server.db, `update stock set on_hand = on_hand - 1 where product_id = $1`, [product])
    const [canceled, bought] = await Promise.all([
      Promise.all(holders.map((racer, i) => racer.post(`/api/orders/${held[i]}/set_canceled`))),
      Promise.all(buyers.map((racer) => racer.post('/api/orders', {}))),
    ])
    expect(countOutcomes(canceled)).toEqual({ ok: 20 })
    const { ok = 0, '409/1043': refused = 0 } = countOutcomes(bought)
    expect(ok + refused).toBe(40)
    const [sum] = await rowsOf(server.db, 'select sum(reserved) as n from stock where product_id = $1', [product])
    expect(sum).toEqual({ n: ok })
    await Promise.all(buyers.map((racer) => racer.delete('/api/bucket')))
    expect(await findBreaches(server.db)).toEqual([])
  },
)
