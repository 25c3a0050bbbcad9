import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ask, makeDataDir, postmasterOf } from '../../../../test/support/embedded.ts'
import { joinEmbeddedPostgres } from './index.ts'
import { isRunning } from './process-id.ts'

const settings = { fsync: 'off' }

function join(dataDir: string, progress: string[] = []) {
  return joinEmbeddedPostgres({ dataDir, settings, onProgress: (line) => void progress.push(line) })
}

test('the first start makes a database and says so, the next one finds it, and none leaves a server behind', async () => {
  const dataDir = makeDataDir()
  const progress: string[] = []
  const first = await join(dataDir, progress)
  expect(first.wasRunning).toBe(false)
  expect(progress.join()).toContain(`Creating a database in ${fs.realpathSync(dataDir)}/postgres`)
  await ask(first.connection, `create table note as select 'kept' as words`)
  const pid = postmasterOf(dataDir) as number
  await first.leave()
  expect(isRunning(pid)).toBe(false)

  const startedAt = performance.now()
  const second = await join(dataDir, progress)
  const tookMs = performance.now() - startedAt
  expect(await ask(second.connection, 'select words from note')).toBe('kept')
  await second.leave()
  expect(progress).toHaveLength(1)
  expect(tookMs).toBeLessThan(2_000) // some 40 ms; more is a machine that has other things to do
  expect(postmasterOf(dataDir)).toBeUndefined()
  expect(fs.readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres.log'])
})

test('the database is UTF-8, sorts the same everywhere, checks its pages, and listens to nobody but its owner', async () => {
  const dataDir = makeDataDir()
  const postgres = await join(dataDir)
  const about = `select concat_ws(' ', pg_encoding_to_char(encoding), datlocale, current_setting('data_checksums'),
      current_setting('listen_addresses'), current_setting('TimeZone')) from pg_database where datname = 'tradepost'`
  expect(await ask(postgres.connection, about)).toBe('UTF8 C.UTF-8 on  UTC')
  expect(await ask(postgres.connection, `select lower('ŻÓŁW')`)).toBe('żółw')
  expect(fs.statSync(path.join(dataDir, 'postgres')).mode & 0o777).toBe(0o700)
  await postgres.leave()
})

test('who joins beside shares the server, whatever the order of leaving, and the last one stops it', async () => {
  const dataDir = makeDataDir()
  const [first, second] = [await join(dataDir), await join(dataDir)]
  expect([first.wasRunning, second.wasRunning]).toEqual([false, true])
  const pid = postmasterOf(dataDir) as number
  await first.leave()
  expect(await ask(second.connection, 'select 1')).toBe(1)
  await second.leave()
  expect(isRunning(pid)).toBe(false)
})

test('who leaves twice leaves once', async () => {
  const postgres = await join(makeDataDir())
  await Promise.all([postgres.leave(), postgres.leave()])
})

test('three who come at the same time to an empty directory meet in one database', async () => {
  const dataDir = makeDataDir()
  const all = await Promise.all([join(dataDir), join(dataDir), join(dataDir)])
  await ask(all[0].connection, 'create table note as select 7 as number')
  expect(await Promise.all(all.map(({ connection }) => ask(connection, 'select number from note')))).toEqual([7, 7, 7])
  const pid = postmasterOf(dataDir) as number
  await Promise.all(all.map((postgres) => postgres.leave()))
  expect(isRunning(pid)).toBe(false)
  expect(fs.readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres.log'])
})

test('who comes while the last one leaves waits and starts the server again', async () => {
  const dataDir = makeDataDir()
  let present = await join(dataDir)
  for (let round = 0; round < 5; round++) {
    const [next] = await Promise.all([join(dataDir), present.leave()])
    expect(await ask(next.connection, 'select 1')).toBe(1)
    present = next
  }
  await present.leave()
  expect(postmasterOf(dataDir)).toBeUndefined()
})

test('a second server on the same data directory is told so, and may serve when the first has left', async () => {
  const dataDir = makeDataDir()
  const [first, second] = [await join(dataDir), await join(dataDir)]
  expect(await second.findServing()).toBeUndefined()
  expect(await first.tryClaimServing('process 1, 127.0.0.1:8000')).toBe(true)
  expect(await second.tryClaimServing('us')).toBe(false)
  expect(await second.findServing()).toBe('process 1, 127.0.0.1:8000')
  await first.leave()
  expect(await second.tryClaimServing('us')).toBe(true)
  await second.leave()
})

test('a path too long for a Unix socket is served from a private directory that is gone afterwards', async () => {
  const dataDir = makeDataDir('a-directory-with-a-rather-long-name/'.repeat(4))
  const [first, second] = [await join(dataDir), await join(dataDir)]
  const socketDir = first.connection.host as string
  expect(socketDir).toMatch(/^\/tmp\/tradepost-[0-9a-f]{20}$/)
  expect(fs.statSync(socketDir).mode & 0o777).toBe(0o700)
  expect(second.wasRunning).toBe(true)
  expect(await ask(second.connection, 'select 1')).toBe(1)
  await Promise.all([first.leave(), second.leave()])
  expect(fs.existsSync(socketDir)).toBe(false)
})

test('where there are no Unix sockets it listens on 127.0.0.1 and wants its password', async () => {
  const dataDir = makeDataDir('open-to-others')
  fs.chmodSync(path.dirname(dataDir), 0o711) // run by root, initdb is another user, who must read the password
  const postgres = await joinEmbeddedPostgres({ dataDir, settings, transport: 'loopback', onProgress: () => {} })
  const { connection } = postgres
  expect(connection.host).toBe('127.0.0.1')
  expect(await ask(connection, 'select 1')).toBe(1)
  await expect(ask({ ...connection, password: 'guessed' }, 'select 1')).rejects.toThrow(
    'password authentication failed',
  )
  await postgres.leave()
})
