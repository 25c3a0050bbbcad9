import { afterAll, beforeAll, expect, test } from 'vitest'
import { addLine, listLines } from '../server/src/bucket/index.ts'
import { getProfile, presentToken } from '../server/src/identity/index.ts'
import type { ProductId } from '../server/src/kernel/ids.ts'
import { placeOrder } from '../server/src/orders/index.ts'
import { type Database, openDatabase, SERVING } from '../server/src/store/database.ts'
import { rowsOf } from './support/books.ts'
import { admitRacers } from './support/racers.ts'
import type { ShopClient } from './support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from './support/shop-server.ts'

// A connection keeps its plans (docs/adr/0003): one that was made while the shop was empty must not read all of a table that
// has grown since, or a shop's first busy hour is its slowest.

const GROWN = 5_000

let server: ShopServer
let db: Database
let two: [ShopClient, ShopClient]
let product: ProductId

beforeAll(async () => {
  server = await startShopServer()
  db = openDatabase({ connection: { connectionString: server.config.databaseUrl }, poolSize: 1, ...SERVING })
  two = (await admitRacers(server, 2, 'anna')) as [ShopClient, ShopClient]
  product = (await stockShop(server.db, [{ sku: 'tent', quantity: 1_000 }])).tent as ProductId
  await server.db.query({ text: 'vacuum analyze' })
})
afterAll(async () => {
  await db.close()
  await server.stop()
})

const who = (racer: ShopClient) => presentToken(racer.cookies.get('sessionid') ?? '')
const terms = { hold: { onlineMinutes: 30, transferDays: 7 }, offered: [], unpaidMax: 9 }

/** What several ask together. */
const QUESTIONS: Readonly<Record<string, (racer: ShopClient) => Promise<unknown>>> = {
  profile: (racer) => getProfile(db, who(racer)),
  'add to bucket': (racer) => addLine(db, who(racer), { productId: product, quantity: 1 }),
  bucket: (racer) => listLines(db, who(racer)),
  order: (racer) => placeOrder(db, terms, who(racer), {}),
}

async function grow(): Promise<void> {
  await admitRacers(server, GROWN, 'berta')
  for (const text of [
    `insert into products (id, sku, name, price_minor, currency, product_type, status)
       select gen_random_uuid(), 'p' || i, 'p' || i, 100, 'PLN', 'things', 'regular' from generate_series(1, ${GROWN}) i`,
    `insert into stock (product_id, warehouse_id, on_hand)
       select p.id, w.id, 9 from products p, warehouses w where p.sku like 'p%'`,
    `insert into bucket_lines (id, customer_id, product_id, quantity)
       select gen_random_uuid(), c.id, p.id, 1
         from (select id, row_number() over () as n from customers where username like 'berta%') c
         join (select id, row_number() over () as n from products where sku like 'p%') p using (n)`,
  ]) {
    await rowsOf(server.db, text)
  }
}

/** Rows read so far, of each table. */
async function rowsRead(): Promise<Map<string, number>> {
  await db.query({ text: 'select pg_stat_force_next_flush()' })
  const text = `select t.relname as name, t.seq_tup_read + coalesce(sum(i.idx_tup_read), 0) as n
                  from pg_stat_user_tables t left join pg_stat_user_indexes i using (relid) group by t.relid, 1, t.seq_tup_read`
  const { rows } = await db.query<{ name: string; n: number }>({ text })
  return new Map(rows.map(({ name, n }) => [name, n]))
}

test('a plan of an empty shop looks a few rows up in one that has grown', async () => {
  const ask = async (question: string) =>
    expect(await Promise.allSettled(two.map((racer) => QUESTIONS[question]?.(racer)))).toMatchObject([
      { status: 'fulfilled' },
      { status: 'fulfilled' },
    ])
  for (const question of Object.keys(QUESTIONS)) await ask(question)
  await grow()
  const tooMany: string[] = []
  for (const question of Object.keys(QUESTIONS)) {
    const before = await rowsRead()
    await ask(question)
    for (const [table, n] of await rowsRead()) {
      const read = n - (before.get(table) ?? 0)
      if (read > 100) tooMany.push(`${question}: ${read} rows of ${table}`)
    }
  }
  expect(tooMany).toEqual([])
})
