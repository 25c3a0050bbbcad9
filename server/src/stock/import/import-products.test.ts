import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../../test/support/database.ts'
import { newId } from '../../kernel/ids.ts'
import { BAD_ROWS_MAX, type ImportFailed } from '../../kernel/import-file/index.ts'
import type { Database, Db } from '../../store/database.ts'
import { type ImportOptions, type ImportResult, importProducts } from './import-products.ts'

let fresh: FreshDatabase
let db: Database

beforeEach(async () => {
  fresh = await freshDatabase()
  db = fresh.db
})
afterEach(() => fresh.drop())

const HEADER = 'sku,name,description,price,product_type,status,picture,warehouse,quantity'

function run(lines: readonly string[], options: Partial<ImportOptions> = {}): Promise<ImportResult> {
  return importProducts(db, Readable.from([Buffer.from(`${lines.join('\r\n')}\r\n`)]), { currency: 'PLN', ...options })
}

async function failureOf(lines: readonly string[]): Promise<ImportFailed> {
  const before = await everything()
  const failure = await run(lines).then(
    () => expect.fail('the import should have failed'),
    (error) => error as ImportFailed,
  )
  expect(failure.name).toBe('ImportFailed')
  expect(await everything()).toEqual(before)
  return failure
}

/** Products and stock, as text, by sku and warehouse. */
async function everything(): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>({
    text: `select concat_ws(' | ', sku, p.name, description, price_minor, currency, product_type, status, picture,
                            w.name, on_hand, 'reserved ' || nullif(reserved, 0)) as line
             from products p left join stock s on s.product_id = p.id left join warehouses w on w.id = s.warehouse_id
            order by sku, w.name`,
  })
  return rows.map((row) => row.line)
}

/** Somebody has ordered so many pieces of it. */
async function reserve(sku: string, quantity: number, on: Db = db): Promise<void> {
  await on.query({
    text: `with customer as (
        insert into customers (id, username, email, username_key, email_key, password_hash)
        values ($1, 'anna', 'anna@example.com', 'anna', 'anna@example.com', '!') returning id
      ), placed as (
        insert into orders (id, customer_id, sum_minor, currency)
        select $2, customer.id, price_minor * $5, currency from customer, products where sku = $4 returning id
      ), line as (
        insert into order_lines (id, order_id, product_id, name, unit_price_minor, quantity)
        select $3, placed.id, products.id, name, price_minor, $5 from placed, products where sku = $4 returning order_id, product_id
      )
      insert into reservations (order_id, product_id, warehouse_id, quantity, expires_at)
      select order_id, product_id, warehouse_id, $5, now() + interval '1 hour' from line join stock using (product_id)`,
    values: [newId(), newId(), newId(), sku, quantity],
  })
}

const TENT = 'T-1,Tent,"Sleeps two,\nthree if need be",3000.00,tents'

test('products and their stock are there after the import, and the file may be imported again', async () => {
  const file = [
    HEADER,
    `${TENT},sale,tent.svg,north,4`,
    'T-1,,,,,,,south,2',
    'B-1,Rucksack,,249.99,rucksacks,,,,17',
    'S-1,Sleeping bag,Warm,99.5,sleeping,draft,,,',
  ]
  expect(await run(file)).toEqual({
    rows: 4,
    products: { added: 3, changed: 0, unchanged: 0 },
    stockRows: 3,
    warehousesAdded: ['north', 'south', 'main'],
    picturesMissing: [],
  })
  const imported = [
    'B-1 | Rucksack |  | 24999 | PLN | rucksacks | regular |  | main | 17',
    'S-1 | Sleeping bag | Warm | 9950 | PLN | sleeping | draft | ',
    'T-1 | Tent | Sleeps two,\nthree if need be | 300000 | PLN | tents | sale | tent.svg | north | 4',
    'T-1 | Tent | Sleeps two,\nthree if need be | 300000 | PLN | tents | sale | tent.svg | south | 2',
  ]
  expect(await everything()).toEqual(imported)

  expect(await run(file)).toEqual({
    rows: 4,
    products: { added: 0, changed: 0, unchanged: 3 },
    stockRows: 3,
    warehousesAdded: [],
    picturesMissing: [],
  })
  expect(await everything()).toEqual(imported)
})

test('a later file changes what it says; an empty or absent status and picture stay as they are', async () => {
  await run([HEADER, `${TENT},withdrawn,tent.svg,north,4`, 'B-1,Rucksack,,249.99,rucksacks,,,north,17'])
  const result = await run([
    'quantity,warehouse,sku,price,name,product_type,description',
    '9,north,T-1,2500,Tent,tents,New fabric',
    '17,north,B-1,249.99,Rucksack,rucksacks,',
    '3,north,N-1,1,Peg,tents,',
  ])
  expect(result).toMatchObject({ products: { added: 1, changed: 1, unchanged: 1 }, stockRows: 3, warehousesAdded: [] })
  expect(await everything()).toEqual([
    'B-1 | Rucksack |  | 24999 | PLN | rucksacks | regular |  | north | 17',
    'N-1 | Peg |  | 100 | PLN | tents | regular |  | north | 3',
    'T-1 | Tent | New fabric | 250000 | PLN | tents | withdrawn | tent.svg | north | 9',
  ])
})

test('every mistake of the file is reported with its line, and nothing is changed', async () => {
  await run([HEADER, `${TENT},sale,tent.svg,north,4`])
  const { badRows, total, message } = await failureOf([
    HEADER,
    'T-1,Tent,"a\nb",1,tents,,,north,5', // 2, of two lines
    'A-1,Axe,,"12,50",tools,,,north,1', // 4
    'A-1,Hatchet,,,,,,south,1', // 5: not blamed, since the row it repeats is bad
    '',
    'C-1,Cup,,5,kitchen,,,North,1', // 7
    'D-1,Dish,,5,kitchen,,,north,1', // 8
    'D-1,Bowl,Deep,5.00,,new,,south,1', // 9
    'D-1,,,,,,,south,2', // 10
    'E-1,,,,kitchen', // 11
    ',Fork,,5,kitchen,,,,', // 12
    'G-1,,,,kitchen,,,,', // 13
    'H-1,H"at,,5,hats,,,,', // 14
    'I-1,Ink,,5,pens,,,,', // 15
    'I-1,Ink,,5,pens,,,,', // 16
  ])
  expect(badRows).toEqual([
    { line: 4, column: 'price', problem: '"12,50": write a dot before the decimals, 12.50' },
    { line: 7, column: 'warehouse', problem: '"North" is written "north" elsewhere: write it the same' },
    {
      line: 9,
      column: 'name',
      problem: 'differs from line 8, the first of this sku: leave it empty or write the same',
    },
    {
      line: 9,
      column: 'description',
      problem: 'differs from line 8, the first of this sku: leave it empty or write the same',
    },
    {
      line: 9,
      column: 'status',
      problem: 'differs from line 8, the first of this sku: leave it empty or write the same',
    },
    { line: 10, column: 'sku', problem: 'line 9 has this sku in this warehouse already' },
    { line: 11, problem: 'has 5 values for 9 columns: quote values that hold commas' },
    { line: 12, column: 'sku', problem: 'is missing' },
    { line: 13, column: 'name', problem: 'is missing: the first row of a sku describes the product' },
    { line: 13, column: 'price', problem: 'is missing: the first row of a sku describes the product' },
    {
      line: 14,
      problem: 'a quote stands inside a value: put the whole value in quotes and write each inner quote twice',
    },
    { line: 16, column: 'sku', problem: 'line 15 has this sku already: write another warehouse and its quantity' },
  ])
  expect(total).toBe(12)
  expect(message).toBe('nothing was imported: the file has 12 mistakes')
})

test('fewer pieces than are reserved for orders are a mistake; as many are not', async () => {
  await run([HEADER, `${TENT},,,north,4`, 'B-1,Rucksack,,249.99,rucksacks,,,north,17'])
  await reserve('T-1', 3)
  const { badRows } = await failureOf([HEADER, 'B-1,Rucksack,,249.99,rucksacks,,,north,1', `${TENT},,,north,2`])
  expect(badRows).toEqual([{ line: 3, column: 'quantity', problem: '3 pieces are reserved for orders, 2 are too few' }])

  await run([HEADER, `${TENT},,,north,3`])
  expect((await everything())[1]).toMatch(/ \| north \| 3 \| reserved 3$/)
})

test('a reservation made while the import waits for the row counts too (two connections)', async () => {
  await run([HEADER, `${TENT},,,north,4`])
  const { failure } = await db.transaction(async (tx) => {
    await reserve('T-1', 3, tx)
    const failure = run([HEADER, `${TENT},,,north,2`]).catch((error: ImportFailed) => error)
    await waitUntilSomebodyWaits()
    return { failure }
  })
  expect(await failure).toMatchObject({
    badRows: [{ line: 2, column: 'quantity', problem: '3 pieces are reserved for orders, 2 are too few' }],
  })
  expect((await everything())[0]).toMatch(/ \| north \| 4 \| reserved 3$/)
})

test('a reservation that was made and given back while the import was at it is in nobody’s way (four connections)', async () => {
  await run([HEADER, `${TENT},,,north,4`])
  const waitsForStock = `select from pg_locks where locktype = 'tuple' and relation = 'stock'::regclass`
  const { importing } = await db.transaction(async (canceling) => {
    const held = await db.transaction(async (writing) => {
      // The import finds that there are pieces enough, and then waits to write products.
      await writing.query({ text: 'update products set updated_at = now()' })
      const importing = run([HEADER, `${TENT},,,north,2`])
      await waitUntilSomebodyWaits()
      await reserve('T-1', 3)
      await canceling.query({ text: 'delete from reservations' })
      await canceling.query({ text: `update orders set status = 'canceled', canceled_at = now()` })
      return { importing }
    })
    await expect.poll(async () => (await db.query({ text: waitsForStock })).rowCount).toBe(1)
    return held
  })
  await importing
  expect(await everything()).toEqual([expect.stringMatching(/ \| north \| 2$/)])
})

test('of a file full of mistakes a thousand are kept, and all are counted', async () => {
  const bad = Array.from({ length: 1_500 }, (_, index) => `X-${index},Thing,,dear,things,,,,`)
  const lacking = Array.from({ length: 1_500 }, (_, index) => `Y-${index},,,5,things,,,,`)
  const { badRows, total } = await failureOf([HEADER, ...bad, ...lacking])
  expect(badRows.length).toBe(BAD_ROWS_MAX)
  expect(total).toBe(3_000)
  expect(badRows[999]).toMatchObject({ line: 1_001, column: 'price' })
})

test('an empty file and one with a wrong header are refused, one with a header alone does nothing', async () => {
  const empty = { badRows: [{ line: 1, problem: 'the file is empty: its first line names the columns' }] }
  await expect(importProducts(db, Readable.from([]), { currency: 'PLN' })).rejects.toMatchObject(empty)
  await expect(run(['', ''])).rejects.toMatchObject(empty)
  await expect(run(['sku;name'])).rejects.toMatchObject({
    badRows: [{ line: 1, problem: 'the values are separated by semicolons: separate them by commas' }],
  })
  expect(await run([HEADER])).toEqual({
    rows: 0,
    products: { added: 0, changed: 0, unchanged: 0 },
    stockRows: 0,
    warehousesAdded: [],
    picturesMissing: [],
  })
})

test('text that is no UTF-8 is told by its line, not stored', async () => {
  const file = Buffer.concat([
    Buffer.from(`${HEADER}\nT-1,`),
    Buffer.from([0xbf, 0x61]),
    Buffer.from(',,1,tents,,,,\n'),
  ])
  await expect(importProducts(db, Readable.from([file]), { currency: 'PLN' })).rejects.toMatchObject({
    badRows: [{ line: 2, column: 'name', problem: 'holds bytes that are no UTF-8: save the file as UTF-8' }],
  })
})

test('pictures that nobody has are named, and imported all the same', async () => {
  const file = [HEADER, `${TENT},,tent.svg,,`, 'B-1,Rucksack,,249.99,rucksacks,,sack.png,,']
  expect((await run(file, { picturesKnown: new Set(['tent.svg']) })).picturesMissing).toEqual(['sack.png'])
})

test('progress is told batch by batch, and 5,000 products with stock in two warehouses are all there', async () => {
  const seen: number[] = []
  const rows = Array.from({ length: 5_000 }, (_, i) => [
    `P-${i},Thing ${i},,${i + 1},things,,,a,${i}`,
    `P-${i},,,,,,,b,1`,
  ])
  const result = await run([HEADER, ...rows.flat()], { onProgress: (rowsRead) => seen.push(rowsRead) })
  expect(result).toMatchObject({ rows: 10_000, products: { added: 5_000 }, stockRows: 10_000 })
  expect(seen).toEqual([2_000, 4_000, 6_000, 8_000, 10_000, 10_000])
  const { rows: sums } = await db.query<{ sum: number }>({ text: 'select sum(on_hand) from stock' })
  expect(sums).toEqual([{ sum: 12_502_500 }])
})

test('two imports of the same new products at once end as one after the other (two connections)', async () => {
  const lines = Array.from({ length: 300 }, (_, i) => `P-${i},Thing,,5,things,,,main,7`)
  const results = await Promise.all([run([HEADER, ...lines]), run([HEADER, ...lines.toReversed()])])
  expect(results.map((result) => result.products.added).sort()).toEqual([0, 300])
  expect(results.map((result) => result.products.unchanged).sort()).toEqual([0, 300])
  expect((await everything()).length).toBe(300)
})

test('orders that lock rows in the common order while imports run neither deadlock nor are sold twice (many connections)', async () => {
  const files = [7, 9].map((quantity) =>
    Array.from({ length: 200 }, (_, i) => `P-${i},Thing ${quantity},,5,things,,,main,${quantity}`),
  )
  await run([HEADER, ...(files[0] ?? [])])
  // The buyers here take pieces without the orders around them.
  await db.query({ text: 'alter table stock disable trigger stock_reserved_is_counted' })
  let isImporting = true
  let attempts = 0
  let orders = 0
  const buyers = Array.from({ length: 4 }, async () => {
    let bought = 0
    while (isImporting) {
      orders += 1
      bought += await buyOneOfEach(() => {
        attempts += 1
      })
    }
    return bought
  })
  for (let round = 0; round < 3; round++)
    for (const file of files) await run([HEADER, ...file.toReversed()]).catch(expectTooFew)
  isImporting = false
  const bought = (await Promise.all(buyers)).reduce((sum, pieces) => sum + pieces, 0)
  const { rows } = await db.query<{ reserved: number; most: number }>({
    text: 'select sum(reserved)::integer as reserved, max(reserved - on_hand) as most from stock',
  })
  // A deadlock's victim is run again: nobody was.
  expect(attempts).toBe(orders)
  expect(rows[0]?.reserved).toBe(bought)
  expect(rows[0]?.most).toBeLessThanOrEqual(0)
})

/** As placing an order does: locks the rows by id, then takes what is left. */
async function buyOneOfEach(onAttempt: () => void): Promise<number> {
  return db.transaction(async (tx) => {
    onAttempt()
    const some = `select id from products where sku in ('P-3', 'P-150', 'P-77', 'P-120')`
    await tx.query({
      text: `select from stock where product_id in (${some}) order by product_id, warehouse_id for no key update`,
    })
    const text = `update stock set reserved = reserved + 1 where product_id in (${some}) and reserved < on_hand`
    return (await tx.query({ text })).rowCount ?? 0
  })
}

function expectTooFew(error: ImportFailed): void {
  expect(error.badRows?.[0]?.problem).toMatch(/pieces are reserved for orders, 7 are too few/)
}

async function waitUntilSomebodyWaits(): Promise<void> {
  const text = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  while ((await db.query({ text })).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 10))
}
