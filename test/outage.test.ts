import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../scripts/free-port.mjs'
import { type FreshDatabase, freshDatabase } from './support/database.ts'
import { makeDataDir } from './support/embedded.ts'
import { start } from './support/program.ts'
import { runAlone } from './support/server-commands.ts'
import { ShopClient, signUp } from './support/shop-client.ts'

let database: FreshDatabase

beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

test('while the database is away requests are told to come back, in the contract’s shape, and afterwards all goes on', async () => {
  const port = await freePort()
  const program = start({ DATABASE_URL: database.url, PORT: String(port), DATA_DIR: makeDataDir(), DEMO: 'off' })
  await program.ready
  const anna = new ShopClient(`http://127.0.0.1:${port}`)
  await signUp(anna, 'anna')
  expect((await anna.get('/health/ready')).status).toBe(200)

  // Nobody may connect, and who is connected is thrown out: a server that is gone looks the same.
  const { database: name } = database.connection.database
    ? database.connection
    : { database: new URL(database.url).pathname.slice(1) }
  const admin = (sql: string) => runAlone(postgres(), sql)
  const postgres = () =>
    database.connection.connectionString
      ? { connectionString: database.url.replace(/\/[^/]*$/, '/postgres') }
      : { ...database.connection, database: 'postgres' }
  await admin(`alter database ${name} with allow_connections false`)
  await admin(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)

  const text = 'Service temporarily unavailable, try again later.'
  const away = await anna.get('/api/profile')
  expect([away.status, away.headers['retry-after'], away.body]).toEqual([503, '2', { detail: text, message: text }])
  // What is wrong with the request itself is told all the same, and nothing of the inside.
  const malformed = await anna.request('POST', '/api/bucket', {
    raw: '{',
    headers: { 'content-type': 'application/json' },
  })
  expect([malformed.status, Object.keys(malformed.body)]).toEqual([400, ['detail', 'message']])
  expect((await anna.get('/health/ready')).status).toBe(503)
  expect((await anna.get('/health/live')).status).toBe(200)
  expect(program.output.stdout).toContain('a request could not be served')

  await admin(`alter database ${name} with allow_connections true`)
  expect((await anna.get('/api/profile')).status).toBe(200)
  program.child.kill('SIGTERM')
  expect((await program.ended).code).toBe(0)
})
