import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildApp } from '../server/src/app.ts'
import { readConfig } from '../server/src/config.ts'
import { simulatePayu } from '../server/src/simulated-payu.ts'
import { MIGRATIONS_DIRECTORY, readMigrations } from '../server/src/store/migration-files.ts'
import { rowsOf } from './support/books.ts'
import { emptyDatabase, type FreshDatabase, freshDatabase } from './support/database.ts'

let directory: string
let database: FreshDatabase
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  database = await freshDatabase()
})
afterAll(async () => {
  await database.drop()
  rmSync(directory, { recursive: true, force: true })
})

const settings = (more: Record<string, string> = {}) =>
  readConfig({ DATA_DIR: directory, LOG_LEVEL: 'silent', ...more })
const PRODUCTION = {
  NODE_ENV: 'production',
  SECRET_KEY: 'x'.repeat(32),
  PUBLIC_URL: 'https://shop.example',
  MAIL_TO_FOLDER: 'on',
}
const PAYU = { PAYU_POS_ID: '300746', PAYU_CLIENT_SECRET: 'secret', PAYU_SECOND_KEY: 'key' }

describe('the simulator', () => {
  test('takes PayU’s place on a laptop, in the shop’s currency, and nowhere else', async () => {
    const simulator = await simulatePayu(settings({ CURRENCY: 'EUR' }))
    expect(simulator?.pointsOfSale).toMatchObject([{ posId: '300746', currency: 'EUR', blik: 'both' }])
    await simulator?.close()
    expect(await simulatePayu(settings(PAYU))).toBeUndefined()
    expect(await simulatePayu(settings(PRODUCTION))).toBeUndefined()
    expect(await simulatePayu(settings({ ...PRODUCTION, ...PAYU }))).toBeUndefined()
  })

  test('is refused by a shop in production, should anybody hand it one', async () => {
    const simulator = await simulatePayu(settings())
    await expect(buildApp(settings(PRODUCTION), database.db, { simulator })).rejects.toThrow(
      'in production whoever reaches the simulator could pay any order',
    )
    await simulator?.close()
  })

  test('says in words that its books are damaged, and which file to remove', async () => {
    const file = join(directory, 'payu-simulator.jsonl')
    appendFileSync(file, 'no journal\n')
    await expect(simulatePayu(settings())).rejects.toThrow(
      new RegExp(`^The PayU simulator cannot use its books: .*damaged\\. Remove ${file} to begin new ones\\.$`),
    )
  })
})

test('what waited for the test gateway of earlier versions waits no more, and its money is no open matter', async () => {
  const old = await emptyDatabase()
  try {
    const migrations = readMigrations(MIGRATIONS_DIRECTORY)
    const index = migrations.findIndex(({ name }) => name.endsWith('_no_test_gateway'))
    for (const { sql } of migrations.slice(0, index)) await old.db.query({ text: sql })
    await old.db.query({
      text: `
      insert into customers (id, username, username_key, email, email_key, password_hash)
        values ('00000000-0000-7000-8000-00000000000c', 'anna', 'anna', 'anna@example.com', 'anna@example.com', 'x');
      insert into orders (id, customer_id, status, sum_minor, currency, canceled_at)
        select ('00000000-0000-7000-8000-00000000000' || n)::uuid, '00000000-0000-7000-8000-00000000000c', s, 100, 'PLN', c
          from (values (1, 'to_pay', null), (2, 'canceled', now()), (3, 'to_pay', null)) o (n, s, c);
      insert into payment_attempts (id, order_id, method, gateway, status, amount_minor, captured_minor, currency, next_look_at)
        select ('00000000-0000-7000-8000-00000000001' || n)::uuid, ('00000000-0000-7000-8000-00000000000' || n)::uuid,
               m, g, s, 100, c, 'PLN', l
          from (values (1, 'card', 'test', 'pending', 0, now()), (2, 'card', 'test', 'paid', 100, null),
                       (3, 'payu', 'payu-300746', 'pending', 0, now())) a (n, m, g, s, c, l);
      insert into refunds (id, attempt_id, amount_minor, reason)
        values ('00000000-0000-7000-8000-00000000002a', '00000000-0000-7000-8000-000000000012', 100, 'order-canceled')`,
    })
    await old.db.query({ text: migrations[index]?.sql ?? '' })
    const attempts = await rowsOf(
      old.db,
      'select gateway, status, refunded_minor, next_look_at is null as quiet from payment_attempts order by id',
    )
    expect(attempts).toEqual([
      { gateway: 'test', status: 'canceled', refunded_minor: 0, quiet: true },
      { gateway: 'test', status: 'paid', refunded_minor: 100, quiet: true },
      { gateway: 'payu-300746', status: 'pending', refunded_minor: 0, quiet: false },
    ])
    expect(await rowsOf(old.db, 'select status, next_try_at from refunds')).toEqual([
      { status: 'done', next_try_at: null },
    ])
  } finally {
    await old.drop()
  }
})
