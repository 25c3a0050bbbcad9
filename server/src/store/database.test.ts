import { type AddressInfo, connect, createServer } from 'node:net'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import { networkBefore } from '../../../test/support/network.ts'
import { type Database, openDatabase, type Tx, unhurried } from './database.ts'

let fresh: FreshDatabase
let db: Database

beforeAll(async () => {
  fresh = await freshDatabase({ poolSize: 3 })
  db = fresh.db
  await db.query({ text: 'create table counters (id int primary key, n int not null)' })
  await db.query({ text: 'insert into counters values (1, 0), (2, 0)' })
})
afterAll(() => fresh.drop())

const ask = async (on: Database | Tx, text: string) => (await on.query({ text })).rows
const counted = async () => (await ask(db, 'select n from counters order by id')).map((row) => row.n)

test('a transaction whose work fails has changed nothing', async () => {
  const before = await counted()
  const failing = db.transaction(async (tx) => {
    await ask(tx, 'update counters set n = n + 1')
    throw new Error('something went wrong')
  })
  await expect(failing).rejects.toThrow('something went wrong')
  expect(await counted()).toEqual(before)
})

test('a connection that dies inside a transaction fails that transaction, and the pool works on', async () => {
  for (let round = 0; round < 5; round++) {
    const dying = db.transaction(async (tx) => {
      const [row] = await ask(tx, 'select pg_backend_pid() as pid')
      await db.query({ text: 'select pg_terminate_backend($1)', values: [row?.pid] })
      // Long enough for the news to arrive while nobody asks this connection anything.
      await new Promise((resolve) => setTimeout(resolve, 50))
      await ask(tx, 'select 1')
    })
    await expect(dying).rejects.toThrow()
  }
  expect(await Promise.all([1, 2, 3, 4].map(async () => (await ask(db, 'select 1 as one'))[0]?.one))).toEqual([
    1, 1, 1, 1,
  ])
})

test("a deadlock's victim is run again, and both transactions are done once", async () => {
  const before = await counted()
  const pause = () => new Promise((resolve) => setTimeout(resolve, 100))
  const move = (first: number, second: number) =>
    db.transaction(async (tx) => {
      await ask(tx, `update counters set n = n + 1 where id = ${first}`)
      await pause()
      await ask(tx, `update counters set n = n + 1 where id = ${second}`)
    })
  await Promise.all([move(1, 2), move(2, 1)])
  expect(await counted()).toEqual(before.map((n) => n + 2))
})

test('a bigint is a number, and one that is none is refused rather than rounded', async () => {
  expect(await ask(db, 'select 9007199254740991::bigint as n')).toEqual([{ n: 9007199254740991 }])
  await expect(ask(db, 'select 9007199254740993::bigint as n')).rejects.toThrow('no safe integer')
})

test('a connection that dies at the very moment it is handed out ends no process, and the pool works on', async () => {
  const { proxy, connection } = await lateNewsBefore(fresh.connection, 'doomed')
  const far = openDatabase({ connection: { ...connection, application_name: 'doomed' }, poolSize: 1 })
  await expect(far.transaction((tx) => ask(tx, 'select 1'))).rejects.toThrow()
  expect(await ask(far, 'select 1 as one')).toEqual([{ one: 1 }])
  await far.close()
  proxy.close()
})

/**
 * The first connection through it hears at once, in one piece, that it is ready and that it was ended. Only PostgreSQL's
 * own words, late.
 */
async function lateNewsBefore(connection: pg.ClientConfig, name: string) {
  const { network, connection: through } = await networkBefore(connection)
  let isFirst = true
  const proxy = createServer((near) => {
    const far = connect(network.port, '127.0.0.1')
    const holds = isFirst
    isFirst = false
    let held: Buffer | undefined
    near.on('error', () => {}).on('data', (chunk) => far.write(chunk))
    near.on('close', () => far.destroy())
    far
      .on('error', () => {})
      .on('data', (chunk) => {
        const isReady = chunk.subarray(-6).equals(Buffer.from('Z\0\0\0\x05I', 'latin1'))
        if (held) held = Buffer.concat([held, chunk])
        else if (holds && isReady) {
          held = chunk
          const end = 'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1'
          void db.query({ text: end, values: [name] })
        } else near.write(chunk)
      })
    far.on('close', () => near.end(held ?? ''))
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  const there = through.connectionString?.replace(/:\d+\//, `:${port}/`)
  return { proxy, connection: there ? { connectionString: there } : { ...through, port } }
}

test('connections that fall silent are given up, in a transaction and outside, and the pool works on', async () => {
  const { network, connection } = await networkBefore(fresh.connection)
  const far = openDatabase({ connection, poolSize: 2, answerWithinMs: 1_000 })
  const silent = far.transaction(async (tx) => {
    await Promise.all([ask(tx, 'select 1'), ask(far, 'select 1')])
    network.forget()
    await ask(tx, 'select 1')
  })
  await expect(silent).rejects.toThrow('Query read timeout')
  await expect(ask(far, 'select 1')).rejects.toThrow('Query read timeout')
  expect(await ask(far, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(await far.query(unhurried({ text: `select pg_sleep(1.2)::text` }))).toMatchObject({ rowCount: 1 })
  await far.close()
  await network.close()
})
