import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findBreaches, rowsOf } from '../../../test/support/books.ts'
import { emptyDatabase, type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import { stockShop } from '../../../test/support/shop-server.ts'
import { type Db, openDatabase } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { MIGRATIONS_DIRECTORY } from '../store/migration-files.ts'
import { listProducts, RememberedPages } from './index.ts'
import type { ProductWish } from './product.ts'

const found = async ({ db }: FreshDatabase, wish: Partial<ProductWish> = {}) => {
  const { count, items, hasNext } = await listProducts(db, new RememberedPages(), { page: 1, pageSize: 20, ...wish })
  return { count, names: items.map(({ name }) => name), hasNext }
}

const SHOP = [
  { sku: 'a', name: 'Red tent', type: 'tents' },
  { sku: 'b', name: '100% wool', type: 'clothes' },
  { sku: 'c', name: 'Żółty TENT', type: 'tents' },
  { sku: 'd', name: 'snake_tent', type: 'tents', status: 'draft' },
  { sku: 'e', name: 'Tent \\ pole', type: 'poles' },
]

describe('a page of the catalogue', () => {
  let shop: FreshDatabase
  beforeAll(async () => {
    shop = await freshDatabase()
    await stockShop(shop.db, SHOP)
  })
  afterAll(() => shop.drop())

  test.each<[string, Partial<ProductWish>, string[]]>([
    ['no name', { name: '' }, ['Red tent', '100% wool', 'Żółty TENT', 'Tent \\ pole']],
    ['a part, in whatever case', { name: 'TeNT' }, ['Red tent', 'Żółty TENT', 'Tent \\ pole']],
    ['letters of all alphabets', { name: 'żÓŁ' }, ['Żółty TENT']],
    ['too little for the index', { name: 't' }, ['Red tent', 'Żółty TENT', 'Tent \\ pole']],
    ['a percent sign', { name: '00% w' }, ['100% wool']],
    ['a percent sign alone', { name: '%' }, ['100% wool']],
    ['an underscore that stands for itself', { name: 'red_tent' }, []],
    ['a backslash', { name: 'tent \\ p' }, ['Tent \\ pole']],
    ['a name and a type', { name: 'tent', productType: 'tents' }, ['Red tent', 'Żółty TENT']],
    ['a letter and a type', { name: 'e', productType: 'poles' }, ['Tent \\ pole']],
    ['a type', { productType: 'tents' }, ['Red tent', 'Żółty TENT']],
    ['a type that is nobody’s', { productType: 'nothing' }, []],
  ])('finds by %s', async (_, wish, names) => {
    expect(await found(shop, wish)).toEqual({ names, count: names.length, hasNext: false })
  })

  test.each<Partial<ProductWish>>([{}, { name: 'tent' }, { name: 'e' }, { productType: 'tents' }])(
    '%o is gone through by numbers and by where the page before ended, alike',
    async (wish) => {
      const all = (await listProducts(shop.db, new RememberedPages(), { page: 1, pageSize: 20, ...wish })).items
      let after: ProductWish['after']
      for (let page = 1; page <= all.length; page++) {
        const byNumber = await listProducts(shop.db, new RememberedPages(), { ...wish, page, pageSize: 1 })
        expect(byNumber).toEqual({ count: all.length, items: [all[page - 1]], hasNext: page < all.length })
        expect(await listProducts(shop.db, new RememberedPages(), { ...wish, page, pageSize: 1, after })).toEqual(
          byNumber,
        )
        after = byNumber.items[0]?.id
      }
      // Behind the last one nothing comes, and there are as many as before.
      for (const behind of [{ page: 9 }, { page: 1, after }, { page: 9, after }]) {
        const page = await listProducts(shop.db, new RememberedPages(), { ...wish, ...behind, pageSize: 1 })
        expect(page).toEqual({ count: all.length, items: [], hasNext: false })
      }
    },
  )

  test.each<Partial<ProductWish>>([{ name: 'lamp' }, { name: '?' }, { productType: 'nothing' }])(
    'of %o there is nothing, on whatever page',
    async (wish) => {
      for (const page of [1, 9])
        expect(await found(shop, { ...wish, page })).toEqual({ names: [], count: 0, hasNext: false })
    },
  )
})

describe('a page that is remembered', () => {
  const SIX = [...SHOP, { sku: 'f', name: 'Lamp', type: 'lights' }]
  let shop: FreshDatabase
  let pages: RememberedPages
  let asked: string[]
  beforeEach(async () => {
    shop = await freshDatabase()
    await stockShop(shop.db, SIX)
    pages = new RememberedPages()
    asked = []
  })
  afterEach(() => shop.drop())
  const look = (wish: Partial<ProductWish> = {}) => {
    const watched: Db = {
      query: (config) => {
        asked.push(config.name ?? '')
        return shop.db.query(config)
      },
    }
    return listProducts(watched, pages, { page: 1, pageSize: 3, ...wish })
  }
  const anew = (wish: Partial<ProductWish> = {}) =>
    listProducts(shop.db, new RememberedPages(), { page: 1, pageSize: 3, ...wish })
  const run = (text: string) => shop.db.query({ text })
  const READ = 'catalogue.list-next-published'
  const STOCK = 'catalogue.find-stock-of-next'

  test('shows the stock of now, and reads nothing else', async () => {
    const before = await look()
    await run(`update stock set on_hand = 7 where product_id = (select id from products where sku = 'b')`)
    const after = await look()
    expect(asked).toEqual([READ, STOCK])
    expect(after.items.map(({ available }) => available)).toEqual([
      before.items[0]?.available,
      7,
      before.items[2]?.available,
    ])
    expect(after).toEqual(await anew())
  })

  test.each([
    ['a price', `update products set price_minor = 4711 where sku = 'b'`],
    ['a name on another page', `update products set name = 'Torch' where sku = 'f'`],
    [
      'a product that comes',
      `insert into products (id, sku, name, price_minor, currency, product_type, status)
       values ('00000000-0000-0000-0000-000000000001', 'x', 'First', 100, 'PLN', 'tents', 'new')`,
    ],
    ['a product that is withdrawn', `update products set status = 'withdrawn' where sku = 'a'`],
    ['a draft that is published', `update products set status = 'new' where sku = 'd'`],
  ])('is read again after a change of %s', async (_, change) => {
    await look()
    await run(change)
    expect(await look()).toEqual(await anew())
    expect(asked).toEqual([READ, STOCK, READ])
    expect(await look()).toEqual(await anew())
    expect(asked.slice(3)).toEqual([STOCK])
  })

  test('is what it was until the change is committed', async () => {
    const before = await look()
    await shop.db.transaction(async (tx) => {
      await tx.query({ text: `update products set price_minor = 4711` })
      expect(await look()).toEqual(before)
    })
    expect((await look()).items[0]?.priceMinor).toBe(4711)
  })

  test('is read again from a database that took the place of the one it was read from', async () => {
    // As much has happened to it, but other things: set back to a backup, it would be like this.
    const other = await freshDatabase()
    await stockShop(other.db, [{ sku: 'a', name: 'Axe', type: 'tools' }, ...SIX.slice(1)])
    await look()
    const there = await listProducts(other.db, pages, { page: 1, pageSize: 3 })
    expect(there).toEqual(await listProducts(other.db, new RememberedPages(), { page: 1, pageSize: 3 }))
    await other.drop()
  })

  test('is one of each size and place', async () => {
    const wishes = [{}, { pageSize: 2 }, { after: (await anew()).items[0]?.id }]
    for (const _ of [1, 2]) for (const wish of wishes) expect(await look(wish)).toEqual(await anew(wish))
    expect(asked).toEqual([READ, READ, READ, STOCK, STOCK, STOCK])
  })

  test('is forgotten when a thousand other products were looked at since', async () => {
    await run(`insert into products (id, sku, name, price_minor, currency, product_type, status)
               select gen_random_uuid(), n, 'Peg', 100, 'PLN', 'pegs', 'new' from generate_series(1, 1200) n`)
    await look()
    await look({ pageSize: 2 })
    for (let size = 85; size < 100; size++) {
      await look({ pageSize: size })
      await look() // not this one, which is looked at again and again
    }
    asked = []
    await look()
    await look({ pageSize: 2 })
    expect(asked).toEqual([STOCK, READ])
  })
})

test('a search that finds more than it counts is in order all the same', async () => {
  const shop = await freshDatabase()
  await shop.db.query({
    text: `insert into products (id, sku, name, price_minor, currency, product_type, status)
           select lpad(to_hex(n), 32, '0')::uuid, n, 'Tent ' || n, 100, 'PLN', 'tents', 'new' from generate_series(1, 10001) n`,
  })
  for (const name of ['tent', 't']) {
    const last = await found(shop, { name, page: 10_001, pageSize: 1 })
    expect(last).toEqual({ count: 10_000, names: ['Tent 10001'], hasNext: false })
    expect(await found(shop, { name, page: 2, pageSize: 2 })).toEqual({
      ...{ count: 10_000, names: ['Tent 3', 'Tent 4'], hasNext: true },
    })
  }
  await shop.drop()
})

test('the count of each type is kept, whatever is done to products', async () => {
  const shop = await freshDatabase()
  const kept = async () =>
    (await shop.db.query({ text: 'select product_type, published from product_counts where published > 0 order by 1' }))
      .rows
  const counted = async () =>
    (
      await shop.db.query({
        text: `select coalesce(product_type, '') as product_type, count(*) as published from products where is_published
                group by grouping sets ((product_type), ()) having count(*) > 0 order by 1`,
      })
    ).rows
  const run = (text: string) => shop.db.query({ text })
  const insert = (from: number, to: number, status: string) =>
    run(`insert into products (id, sku, name, price_minor, currency, product_type, status)
         select gen_random_uuid(), n, 'Tent', 100, 'PLN', 'type ' || n % 3, '${status}' from generate_series(${from}, ${to}) n`)
  for (const change of [
    () => insert(1, 10, 'new'),
    () => insert(11, 20, 'draft'),
    () => run(`update products set price_minor = 200`),
    () => run(`update products set status = 'withdrawn' where sku::int <= 3`),
    () => run(`update products set status = 'sale' where sku::int > 15`),
    () => run(`update products set product_type = 'other' where sku::int % 2 = 0`),
    () => run(`delete from products where sku::int > 18`),
    () => run(`delete from products where false`),
  ]) {
    await change()
    expect(await kept()).toEqual(await counted())
  }
  expect(await kept()).not.toEqual([])
  await shop.drop()
})

test('two who write the same products wait for each other, and in no ring', async () => {
  const shop = await freshDatabase()
  await stockShop(shop.db, SHOP)
  const raise = (sku: string) => ({ text: `update products set price_minor = price_minor + 1 where sku = '${sku}'` })
  const waiting = `select count(*)::int as n from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'`
  // As an import does, which writes products with one statement after the other.
  const { other } = await shop.db.transaction(async (tx) => {
    await tx.query(raise('a'))
    const other = shop.db.withConnection((client) => client.query(raise('b')))
    await expect.poll(() => rowsOf(shop.db, waiting), { timeout: 5_000 }).toEqual([{ n: 1 }])
    await tx.query(raise('b'))
    return { other }
  })
  await other
  expect(
    await rowsOf(shop.db, `select price_minor - min(price_minor) over () as more from products order by sku`),
  ).toEqual([1, 2, 0, 0, 0].map((more) => ({ more })))
  await shop.drop()
})

test.each([
  ['counts products', '0020'],
  ['gives the catalogue a version', '0026'],
])('products that are imported while an older shop is migrated are counted: it %s', async (_, number) => {
  const shop = await emptyDatabase()
  const older = mkdtempSync(join(tmpdir(), 'tradepost-test-migrations-'))
  for (const file of readdirSync(MIGRATIONS_DIRECTORY).filter((name) => name < number))
    copyFileSync(join(MIGRATIONS_DIRECTORY, file), join(older, file))
  await migrate(shop.db, { directory: older })
  const waiting = `select count(*)::int as n from pg_locks where relation = 'products'::regclass and not granted`
  const migrating = await shop.db.transaction(async (tx) => {
    await tx.query({
      text: `insert into products (id, sku, name, price_minor, currency, product_type, status)
             values (gen_random_uuid(), 'a', 'Tent', 100, 'PLN', 'tents', 'new')`,
    })
    const migrating = migrate(shop.db)
    await expect.poll(() => rowsOf(shop.db, waiting), { timeout: 5_000 }).toEqual([{ n: 1 }])
    return { migrating }
  })
  await migrating.migrating
  expect(await findBreaches(shop.db)).toEqual([])
  rmSync(older, { recursive: true })
  await shop.drop()
})

test('without the extension the search is the same, only slower', async () => {
  const shop = await emptyDatabase()
  await migrate(shop.db)
  await shop.db.query({ text: 'drop extension pg_trgm cascade' })
  expect((await shop.db.query({ text: `select from pg_class where relname = 'products_name'` })).rowCount).toBe(0)
  await stockShop(shop.db, SHOP)
  expect(await found(shop, { name: 'tent' })).toEqual({
    ...{ count: 3, names: ['Red tent', 'Żółty TENT', 'Tent \\ pole'], hasNext: false },
  })
  await shop.drop()
})

test.each([
  ['owns the database makes the extension', 'alter database %d owner to %r', 1],
  ['owns no more than a schema migrates all but the index', 'grant create on schema public to %r', 0],
])('who is no superuser and %s', async (_, right, indexes) => {
  const shop = await emptyDatabase()
  const role = `migrates_${process.pid}`
  const run = (text: string) => shop.db.query({ text })
  await run(`create role ${role}`)
  const { rows } = await shop.db.query<{ name: string }>({ text: 'select current_database() as name' })
  await run(right.replace('%d', rows[0]?.name as string).replace('%r', role))
  const asRole = openDatabase({ connection: { ...shop.connection, options: `-c role=${role}` }, poolSize: 2 })
  await migrate(asRole)
  expect((await run(`select from pg_class where relname = 'products_name'`)).rowCount).toBe(indexes)
  await stockShop(asRole, SHOP)
  expect((await listProducts(asRole, new RememberedPages(), { page: 1, pageSize: 20, name: 'tent' })).count).toBe(3)
  await asRole.close()
  await run(`reassign owned by ${role} to current_user`)
  await run(`drop owned by ${role}`)
  await run(`drop role ${role}`)
  await shop.drop()
})
