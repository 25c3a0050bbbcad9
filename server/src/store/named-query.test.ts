import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import { type Database, openDatabase } from './database.ts'

let fresh: FreshDatabase
let db: Database
beforeAll(async () => {
  fresh = await freshDatabase()
  // One connection: what is known of it is known the next time.
  db = openDatabase({ connection: fresh.connection, poolSize: 1, answerWithinMs: 10_000 })
  await db.query({ text: 'create table things (id int primary key, name text)' })
})
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  await db.close()
  await fresh.drop()
})

const ask = (name: string, text: string, ...values: unknown[]) => db.query({ name, text, values })

test('answers what the driver answers by itself, the first time and ever after', async () => {
  const text = `select true as yes, 7 as small, 9007199254740991::bigint as big, 12.00::numeric as number, 1.5::float8 as half,
    'zażółć' as text, null::text as nothing, '2026-11-21 08:00:00.123+01'::timestamptz as at, '{"a":[1]}'::json as json,
    '{1,null,3}'::int[] as list, array['00000000-0000-0000-0000-000000000001'::uuid] as ids, '\\x00ff'::bytea as bytes,
    $1::text as given, $2::jsonb as object, $3::bytea as sent, n as "Row" from generate_series(1, 3) n`
  const values = ['ą', { b: 'ć' }, Buffer.from([0, 255])]
  const { rows } = await db.query({ text, values })
  expect(rows.map((row) => row.Row)).toEqual([1, 2, 3])
  for (const _ of [1, 2, 3]) expect((await ask('all-types', text, ...values)).rows).toEqual(rows)
  for (const _ of [1, 2])
    await db.transaction(async (tx) => expect((await tx.query({ name: 'all-types', text, values })).rows).toEqual(rows))
})

test('asks what the rows look like once, and what is prepared once, on each connection', async () => {
  const prototype = (pg as unknown as { Connection: { prototype: { describe(): void; parse(): void } } }).Connection
    .prototype
  const [describe, parse] = [vi.spyOn(prototype, 'describe'), vi.spyOn(prototype, 'parse')]
  for (const id of [1, 2, 3]) {
    await ask('asks-once', 'select name from things where id = $1', id)
    expect((await ask('writes-once', 'insert into things values ($1)', id)).rowCount).toBe(1)
  }
  expect([describe.mock.calls.length, parse.mock.calls.length]).toEqual([2, 2])

  const another = openDatabase({ connection: fresh.connection, poolSize: 1 })
  const one = { name: 'asks-once', text: 'select name from things where id = $1', values: [1] }
  for (const _ of [1, 2]) expect((await another.query(one)).rows).toEqual([{ name: null }])
  expect([describe.mock.calls.length, parse.mock.calls.length]).toEqual([3, 3])
  await another.close()
})

test.each<[string, string, unknown[], object]>([
  ['PostgreSQL refuses to run', 'insert into things values ($1)', [1], { code: '23505', constraint: 'things_pkey' }],
  ['PostgreSQL refuses to prepare', 'select nothing from things', [], { code: '42703' }],
  ['fails with its first row', 'select 1 / (id - 1) as x from things where id = $1', [1], { code: '22012' }],
  [
    'answers no number that we could take',
    'select 9007199254740992::bigint as n',
    [],
    { message: expect.stringContaining('9007199254740992') },
  ],
])('what %s is told each time, and the connection goes on', async (about, text, values, told) => {
  for (const _ of [1, 2]) {
    await expect(ask(about, text, ...values)).rejects.toMatchObject(told)
    expect((await ask('goes-on', 'select 1 as one')).rows).toEqual([{ one: 1 }])
  }
})

test('a value that cannot be sent is told, nothing is sent, and the connection goes on', async () => {
  const ring: { self?: unknown } = {}
  ring.self = ring
  await expect(ask('ring', 'select $1::jsonb as it', ring)).rejects.toThrow('circular')
  expect((await ask('ring', 'select $1::jsonb as it', {})).rows).toEqual([{ it: {} }])
})

test('a statement whose columns have become others is refused, and never answered with the old ones', async () => {
  await db.query({ text: `create table moving as select 1 as a` })
  expect((await ask('moving', 'select * from moving')).rows).toEqual([{ a: 1 }])
  await db.query({ text: `alter table moving add b int default 2` })
  await expect(ask('moving', 'select * from moving')).rejects.toMatchObject({ code: '0A000' })
})

test('what is thrown tells who has asked', async () => {
  const askOfNothing = async () => await ask('who', 'select * from nothing')
  await expect(askOfNothing()).rejects.toMatchObject({ stack: expect.stringContaining('askOfNothing') })
})

test('a connection that dies in the midst fails what it was asked, and the next one is asked anew', async () => {
  const killed = ask('dies', 'select pg_terminate_backend(pg_backend_pid()) as it')
  await expect(killed).rejects.toThrow()
  expect((await ask('asks-once', 'select name from things where id = $1', 1)).rows).toEqual([{ name: null }])
})
