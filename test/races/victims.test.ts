import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase, sqlState } from '../../server/src/store/database.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { admitRacers } from '../support/racers.ts'
import type { ShopClient } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

// PostgreSQL ends one of two transactions that wait for each other. It is run again, and no customer hears of it.

let server: ShopServer
let rogue: Database
let anna: ShopClient

beforeAll(async () => {
  server = await startShopServer()
  rogue = openDatabase({ connection: { connectionString: server.config.databaseUrl }, poolSize: 2 })
  anna = (await admitRacers(server, 1, 'anna'))[0] as ShopClient
})
afterAll(async () => {
  await rogue.close()
  await server.stop()
})

async function untilSomebodyWaits(): Promise<void> {
  const text = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  while ((await rogue.query({ text })).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('an order that is the victim of a deadlock is placed all the same, once', async () => {
  const ids = await stockShop(server.db, [{ sku: 'tent' }, { sku: 'stove' }])
  const [first, last] = Object.values(ids).toSorted() as [string, string]
  for (const product of [first, last]) await anna.post('/api/bucket', { product, quantity: 1 })
  const lock = { text: 'select from stock where product_id = $1 for update' }
  const before = await countDeadlocks()
  const ordered = await rogue.withConnection(async (client) => {
    await client.query('begin')
    await client.query({ ...lock, values: [last] })
    // It has locked the first product, waits for the last, and is the first to look whether that can end.
    const ordering = anna.post('/api/orders', {})
    await untilSomebodyWaits()
    await client.query({ ...lock, values: [first] })
    await client.query('commit')
    return ordering
  })
  expect(ordered.status).toBe(200)
  expect((await anna.get('/api/orders')).body.count).toBe(1)
  // Told a moment later; without one this would wait for ever.
  while ((await countDeadlocks()) === before) await new Promise((resolve) => setTimeout(resolve, 50))
  expect(await findBreaches(server.db)).toEqual([])
})

async function countDeadlocks(): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    server.db,
    'select deadlocks as n from pg_stat_database where datname = current_database()',
  )
  return row?.n ?? 0
}

test('a serialization failure is run again, up to four times in all', async () => {
  for (const [failures, runs] of [
    [3, 4],
    [4, 4],
  ] as const) {
    let ran = 0
    const work = server.db.transaction(async (tx) => {
      ran++
      const failing = `do $$ begin raise exception 'try again' using errcode = 'serialization_failure'; end $$`
      if (ran <= failures) await tx.query({ text: failing })
      return 'done'
    })
    const outcome = await work.catch((error: unknown) => sqlState(error))
    expect([outcome, ran]).toEqual([failures < 4 ? 'done' : '40001', runs])
  }
})
