import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { ask, makeDataDir, postmasterOf, startOwner } from '../../../../test/support/embedded.ts'
import { type EmbeddedPostgres, joinEmbeddedPostgres } from './index.ts'
import { isRunning } from './process-id.ts'

function join(dataDir: string, progress: string[] = []): Promise<EmbeddedPostgres> {
  return joinEmbeddedPostgres({ dataDir, settings: { fsync: 'off' }, onProgress: (line) => void progress.push(line) })
}

/** A data directory with a database, nobody using it. */
async function makeUsedDataDir(): Promise<string> {
  const dataDir = makeDataDir()
  const postgres = await join(dataDir)
  await ask(postgres.connection, `create table note as select 'kept' as words`)
  await postgres.leave()
  return dataDir
}

test('another process shares the server, is told that this one serves, and stops it when it leaves last', async () => {
  const dataDir = await makeUsedDataDir()
  const ours = await join(dataDir)
  expect(await ours.tryClaimServing('us')).toBe(true)
  const other = await startOwner(dataDir)
  expect(other.joined).toEqual({ wasRunning: true, isServing: false })
  const pid = postmasterOf(dataDir) as number
  await ours.leave()
  expect(isRunning(pid)).toBe(true)
  await other.leave()
  expect(isRunning(pid)).toBe(false)
})

test('a server whose owner was killed is adopted, the claim to serve is free, and it is stopped at the end', async () => {
  const dataDir = await makeUsedDataDir()
  const owner = await startOwner(dataDir)
  expect(owner.joined).toEqual({ wasRunning: false, isServing: true })
  const pid = postmasterOf(dataDir) as number
  await owner.kill()
  expect(isRunning(pid)).toBe(true)

  const heir = await join(dataDir)
  expect(heir.wasRunning).toBe(true)
  await expect.poll(() => heir.tryClaimServing('us')).toBe(true)
  await heir.leave()
  expect(isRunning(pid)).toBe(false)
})

test('after kill -9 of everything the next start waits for what still dies, recovers, and has lost nothing', async () => {
  const dataDir = await makeUsedDataDir()
  const owner = await startOwner(dataDir)
  process.kill(postmasterOf(dataDir) as number, 'SIGKILL')
  await owner.kill()

  const next = await join(dataDir)
  expect(next.wasRunning).toBe(false)
  expect(await ask(next.connection, 'select words from note')).toBe('kept')
  await next.leave()
})

test('a server that dies while we use it is started again, with our claim to serve', async () => {
  const dataDir = await makeUsedDataDir()
  const progress: string[] = []
  const ours = await join(dataDir, progress)
  await ours.tryClaimServing('us')
  process.kill(postmasterOf(dataDir) as number, 'SIGKILL')
  await expect.poll(() => progress.at(-1), { timeout: 20_000 }).toBe('The database is back')
  expect(await ask(ours.connection, 'select words from note')).toBe('kept')

  const other = await join(dataDir)
  expect(await other.tryClaimServing('other')).toBe(false)
  expect(await other.findServing()).toBe('us')
  await ours.leave()
  await other.leave()
  expect(postmasterOf(dataDir)).toBeUndefined()
})

test('who leaves at the moment the server dies leaves no server', async () => {
  const dataDir = await makeUsedDataDir()
  const ours = await join(dataDir)
  process.kill(postmasterOf(dataDir) as number, 'SIGKILL')
  await ours.leave()
  await delay(300)
  expect(isRunning(postmasterOf(dataDir) ?? 0)).toBe(false)
})

test('a lock file whose process id belongs to a stranger by now does not block the start', async () => {
  const dataDir = await makeUsedDataDir()
  const cluster = path.join(dataDir, 'postgres')
  const stranger = sleepAs(fs.statSync(cluster).uid)
  const lock = `${stranger.pid}\n${cluster}\n1795211343\n5432\n.\n\n 16041026         4\nready   \n`
  for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) fs.writeFileSync(path.join(cluster, name), lock)

  const postgres = await join(dataDir)
  expect(await ask(postgres.connection, 'select words from note')).toBe('kept')
  expect(isRunning(stranger.pid as number)).toBe(true)
  await postgres.leave()
})

test('an empty lock file, as a power cut may leave it, does not block the start', async () => {
  const dataDir = await makeUsedDataDir()
  fs.writeFileSync(path.join(dataDir, 'postgres/postmaster.pid'), '')
  const postgres = await join(dataDir)
  expect(await ask(postgres.connection, 'select words from note')).toBe('kept')
  await postgres.leave()
})

test('what a killed first start has left is cleared away', async () => {
  const dataDir = makeDataDir()
  const leftover = path.join(dataDir, 'postgres.new-4194304-abcdef01') // no process has so high a number
  fs.mkdirSync(leftover)
  fs.writeFileSync(path.join(leftover, 'PG_VERSION'), '')
  await (await join(dataDir)).leave()
  expect(fs.readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres.log'])
})

test('a database of another major version is refused in words and left alone', async () => {
  const dataDir = await makeUsedDataDir()
  fs.writeFileSync(path.join(dataDir, 'postgres/PG_VERSION'), '17\n')
  await expect(join(dataDir)).rejects.toThrow(/made by PostgreSQL 17; this Tradepost brings PostgreSQL 18.*pg_dump/s)
  expect(fs.readFileSync(path.join(dataDir, 'postgres/PG_VERSION'), 'utf8')).toBe('17\n')
})

test('a server that does not start is reported with the end of its log', async () => {
  const dataDir = await makeUsedDataDir()
  fs.appendFileSync(path.join(dataDir, 'postgres/postgresql.conf'), 'nonsense = 3\n')
  await expect(join(dataDir)).rejects.toThrow(/did not start \(exit code 1\)\..*unrecognized.*"nonsense"/s)
})

test('a place taken by something else is refused in words', async () => {
  const dataDir = makeDataDir()
  fs.writeFileSync(path.join(dataDir, 'postgres'), 'a letter')
  await expect(join(dataDir)).rejects.toThrow('should be a directory, but it is something else')
})

function sleepAs(uid: number): ChildProcess {
  const child = spawn('sleep', ['60'], process.getuid?.() === 0 ? { uid } : {})
  onTestFinished(() => void child.kill())
  return child
}
