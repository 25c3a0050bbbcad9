import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { addLine } from '../../server/src/bucket/index.ts'
import { presentToken } from '../../server/src/identity/index.ts'
import type { ProductId } from '../../server/src/kernel/ids.ts'
import { Refused } from '../../server/src/kernel/refused.ts'
import { type OrderTerms, placeOrder } from '../../server/src/orders/index.ts'
import { type Database, openDatabase, SERVING } from '../../server/src/store/database.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { admitRacers, rounds } from '../support/racers.ts'
import { ShopClient } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

// Those who order in the same moment are written in one transaction: nobody must notice.

let server: ShopServer
let rogue: Database
let other: Database
/** Waits for a lock as long as it takes: who waits here with somebody else does so for ever. */
let patient: Database
let racers: ShopClient[]
let run = 0

beforeAll(async () => {
  server = await startShopServer()
  const connection = { connectionString: server.config.databaseUrl }
  rogue = openDatabase({ connection, poolSize: 2 })
  other = openDatabase({ connection, poolSize: 10, ...SERVING })
  patient = openDatabase({ connection, poolSize: 10, settings: { lock_timeout: '0' } })
  racers = await admitRacers(server, 40, 'racer')
})
afterAll(async () => {
  await Promise.all([rogue, other, patient].map((db) => db.close()))
  await server.stop()
})
beforeEach(async () => {
  run++
  await Promise.all(racers.map((racer) => racer.delete('/api/bucket')))
})

const terms: OrderTerms = { hold: { onlineMinutes: 30, transferDays: 7 }, offered: [], unpaidMax: undefined }

// Not over HTTP: what is asked for here in one turn is written in one transaction for sure.
const who = (racer: ShopClient) => presentToken(racer.cookies.get('sessionid') ?? '')
const add = (racer: ShopClient, product: string, quantity = 1, db = server.db) =>
  outcomeOf(addLine(db, who(racer), { productId: product as ProductId, quantity }))
const order = (racer: ShopClient, db = server.db) => outcomeOf(placeOrder(db, terms, who(racer), {}))

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'ok'
  } catch (error) {
    return error instanceof Refused ? error.refusal.code : `failed: ${error}`
  }
}

async function stock(quantities: Record<string, number>): Promise<Record<string, string>> {
  const products = Object.entries(quantities).map(([name, quantity]) => ({ sku: `${name}-${run}`, quantity }))
  const ids = await stockShop(server.db, products)
  return Object.fromEntries(Object.keys(quantities).map((name) => [name, ids[`${name}-${run}`] as string]))
}

const some = (from: number, to: number) => racers.slice(from, to)

async function countTransactions(product: string): Promise<number> {
  const text =
    'select distinct o.xmin::text from orders o join order_lines l on l.order_id = o.id where l.product_id = $1'
  return (await rowsOf(server.db, text, [product])).length
}

test('twenty orders of one moment are one transaction, and each is its own', async () => {
  const { tent = '', stove = '' } = await stock({ tent: 100, stove: 100 })
  await Promise.all(some(0, 20).map((racer, i) => add(racer, tent, (i % 4) + 1)))
  await Promise.all(some(0, 10).map((racer) => add(racer, stove)))
  expect(await Promise.all(some(0, 20).map((racer) => order(racer)))).toEqual(Array(20).fill('ok'))
  expect(await countTransactions(tent)).toBe(1)
  const lines = await rowsOf(
    server.db,
    `select count(*) as orders, count(distinct o.customer_id) as customers, sum(l.quantity) as pieces
       from orders o join order_lines l on l.order_id = o.id where l.product_id = $1`,
    [tent],
  )
  expect(lines).toEqual([{ orders: 20, customers: 20, pieces: 50 }])
  expect(await findBreaches(server.db)).toEqual([])
})

test('the last pieces go to those who came first, and to those for whom there is enough', async () => {
  const { tent = '', stove = '' } = await stock({ tent: 3, stove: 1 })
  const [a, b, c, d, e] = some(0, 5) as [ShopClient, ShopClient, ShopClient, ShopClient, ShopClient]
  await Promise.all([
    add(a, tent, 2),
    add(b, tent, 2),
    add(c, tent),
    add(c, stove),
    add(d, stove),
    add(d, tent),
    add(e, tent),
  ])
  expect(await Promise.all([a, b, c, d, e].map((racer) => order(racer)))).toEqual([
    'ok',
    'bucket.not-enough',
    'ok',
    'bucket.not-enough',
    'bucket.not-enough',
  ])
  expect(await findBreaches(server.db)).toEqual([])
})

test('a customer who comes twice in one moment has one line and one order, and a stranger has none', async () => {
  const { tent = '' } = await stock({ tent: 9 })
  const [anna, berta, stranger] = [...some(0, 2), new ShopClient(server.baseUrl)] as [
    ShopClient,
    ShopClient,
    ShopClient,
  ]
  expect(
    await Promise.all([add(anna, tent), add(anna, tent), add(stranger, tent), add(berta, tent, 10), add(berta, tent)]),
  ).toEqual(['ok', 'bucket.already-in', 'identity.not-signed-in', 'bucket.not-enough', 'ok'])
  expect(await Promise.all([order(anna), order(stranger), order(anna), order(berta)])).toEqual([
    'ok',
    'identity.not-signed-in',
    'orders.empty-bucket',
    'ok',
  ])
})

test('who waits for a lock waits alone', async () => {
  const { tent = '', stove = '' } = await stock({ tent: 9, stove: 9 })
  const [anna, ...others] = some(0, 10) as [ShopClient, ...ShopClient[]]
  await Promise.all([add(anna, tent), ...others.map((racer) => add(racer, stove))])
  const late = await rogue.withConnection(async (client) => {
    await client.query('begin')
    await client.query({ text: 'select from stock where product_id = $1 for update', values: [tent] })
    const waiting = order(anna, patient)
    expect(await Promise.all(others.map((racer) => order(racer, patient)))).toEqual(Array(9).fill('ok'))
    expect(await Promise.race([waiting, 'still waiting'])).toBe('still waiting')
    await client.query('commit')
    return waiting
  })
  expect(late).toBe('ok')
  expect(await findBreaches(server.db)).toEqual([])
})

test('who puts something in the bucket while their account is locked waits alone', async () => {
  const { tent = '' } = await stock({ tent: 90 })
  const [anna, ...others] = some(0, 10) as [ShopClient, ...ShopClient[]]
  const late = await rogue.withConnection(async (client) => {
    await client.query('begin')
    const text =
      'select from customers c join sessions s on s.customer_id = c.id where s.token_hash = $1 for update of c'
    await client.query({ text, values: [who(anna)] })
    const waiting = add(anna, tent, 1, patient)
    expect(await Promise.all(others.map((racer) => add(racer, tent, 1, patient)))).toEqual(Array(9).fill('ok'))
    expect(await Promise.race([waiting, 'still waiting'])).toBe('still waiting')
    await client.query('commit')
    return waiting
  })
  expect(late).toBe('ok')
})

test('an order that breaks a rule breaks no other', async () => {
  const { tent = '', stove = '' } = await stock({ tent: 9, stove: 9 })
  await rogue.query({
    text: `create function refuse_tents() returns trigger language plpgsql as $$
             begin if new.product_id = '${tent}' then raise 'no tents today'; end if; return new; end $$`,
  })
  await rogue.query({
    text: 'create trigger no_tents before insert on order_lines for each row execute function refuse_tents()',
  })
  const [anna, ...others] = some(0, 5) as [ShopClient, ...ShopClient[]]
  await Promise.all([add(anna, tent), ...others.map((racer) => add(racer, stove))])
  const outcomes = await Promise.all([anna, ...others].map((racer) => order(racer)))
  await rogue.query({ text: 'drop function refuse_tents cascade' })
  expect(outcomes).toEqual(['failed: error: no tents today', 'ok', 'ok', 'ok', 'ok'])
  expect((await anna.get('/api/bucket')).body.count).toBe(1)
  expect(await findBreaches(server.db)).toEqual([])
})

test('an order past its deadline gives way to several at once', async () => {
  const { tent = '', stove = '' } = await stock({ tent: 2, stove: 1 })
  const [late, ...others] = some(0, 4) as [ShopClient, ...ShopClient[]]
  await Promise.all([add(late, tent, 2), add(late, stove)])
  expect(await order(late)).toBe('ok')
  await rowsOf(server.db, `update reservations set expires_at = now() - interval '1 s' where product_id in ($1, $2)`, [
    tent,
    stove,
  ])
  const [b, c, d] = others as [ShopClient, ShopClient, ShopClient]
  await Promise.all([add(b, tent), add(c, tent), add(d, stove)])
  expect(await Promise.all(others.map((racer) => order(racer)))).toEqual(['ok', 'ok', 'ok'])
  expect((await late.get('/api/orders')).body.results[0].status).toBe('canceled')
  expect(await findBreaches(server.db)).toEqual([])
})

test('many orders past their deadline, which take long to cancel, are waited for alone', async () => {
  const { tent = '', stove = '' } = await stock({ tent: 25, stove: 9 })
  const [late, anna, ...others] = some(0, 6) as [ShopClient, ShopClient, ...ShopClient[]]
  for (let i = 0; i < 25; i++) {
    await add(late, tent)
    await order(late)
  }
  await rowsOf(server.db, `update reservations set expires_at = now() - interval '1 s' where product_id = $1`, [tent])
  await Promise.all([add(anna, tent, 25), ...others.map((racer) => add(racer, stove))])
  expect(await Promise.all([anna, ...others].map((racer) => order(racer)))).toEqual(Array(5).fill('ok'))
  expect(await countTransactions(stove)).toBe(4)
  expect(await findBreaches(server.db)).toEqual([])
})

test('orders that would wait for each other for seconds are written one by one', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `p${i}`)
  const products = Object.values(await stock(Object.fromEntries(names.map((name) => [name, 9]))))
  const buyers = some(0, 12)
  await Promise.all(buyers.map((racer, i) => add(racer, products[i] as string)))
  await rogue.query({
    text: `create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.12); return new; end $$`,
  })
  await rogue.query({
    text: 'create trigger dawdle after insert on order_lines for each row execute function dawdle()',
  })
  const outcomes = await Promise.all(buyers.map((racer) => order(racer)))
  await rogue.query({ text: 'drop function dawdle cascade' })
  expect(outcomes).toEqual(Array(12).fill('ok'))
  const text = `select distinct o.xmin::text from orders o join order_lines l on l.order_id = o.id where l.product_id = any ($1)`
  expect(await rowsOf(server.db, text, [products])).toHaveLength(12)
})

test('a bucket takes no more lines from those who come together than one after the other', async () => {
  const names = Array.from({ length: 110 }, (_, i) => `p${i}`)
  const products = Object.values(await stock(Object.fromEntries(names.map((name) => [name, 9]))))
  const [anna, berta] = some(0, 2) as [ShopClient, ShopClient]
  for (const product of products.slice(0, 95)) expect(await add(anna, product)).toBe('ok')
  const wishes = products.slice(95)
  const [hers, anothers] = await Promise.all([
    Promise.all([add(anna, wishes[0] as string, 10), ...wishes.map((product) => add(anna, product))]),
    Promise.all(wishes.map((product) => add(berta, product))),
  ])
  expect(hers).toEqual(['bucket.not-enough', ...Array(5).fill('ok'), ...Array(10).fill('bucket.full')])
  expect(anothers).toEqual(Array(15).fill('ok'))
})

test('two servers that put the same lines into buckets wait for each other in no ring', async () => {
  const { tent = '' } = await stock({ tent: 99 })
  await waitAsLongAsItTakes()
  await rogue.query({
    text: `create function take_a_while() returns trigger language plpgsql as $$
             begin perform pg_sleep(0.01); return new; end $$`,
  })
  await rogue.query({
    text: 'create trigger slow before insert on bucket_lines for each row execute function take_a_while()',
  })
  const before = await countDeadlocks()
  const here = some(0, 10).map((racer) => add(racer, tent))
  const there = some(0, 10)
    .toReversed()
    .map((racer) => add(racer, tent, 1, other))
  const outcomes = await Promise.all([...here, ...there])
  await rogue.query({ text: 'drop function take_a_while cascade' })
  expect(outcomes.toSorted()).toEqual([...Array(10).fill('bucket.already-in'), ...Array(10).fill('ok')])
  expect(await countDeadlocks()).toBe(before)
})

test('two servers that sell the same products to many wait for each other in no ring', async () => {
  const names = Array.from({ length: 8 }, (_, i) => `p${i}`)
  const products = Object.values(await stock(Object.fromEntries(names.map((name) => [name, 1_000_000]))))
  await waitAsLongAsItTakes()
  const before = await countDeadlocks()
  for (const _ of rounds(10)) {
    await Promise.all(
      racers.flatMap((racer, i) => [
        add(racer, products[i % 8] as string),
        add(racer, products[(i * 3 + 1) % 8] as string),
      ]),
    )
    const outcomes = await Promise.all(racers.map((racer, i) => order(racer, i % 2 ? other : server.db)))
    expect(outcomes).toEqual(Array(racers.length).fill('ok'))
  }
  expect(await countDeadlocks()).toBe(before)
  expect(await findBreaches(server.db)).toEqual([])
})

/** Without a bound, whoever waits in a ring does so until PostgreSQL finds a deadlock, and counts it. */
async function waitAsLongAsItTakes(): Promise<void> {
  await rogue.query({
    text: `create or replace function wait_briefly(sharing integer) returns text language sql as $$ select ''::text $$`,
  })
}

async function countDeadlocks(): Promise<number> {
  const text = 'select deadlocks as n from pg_stat_database where datname = current_database()'
  return (await rowsOf<{ n: number }>(server.db, text))[0]?.n ?? 0
}
