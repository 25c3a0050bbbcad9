import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { makeDataDir, postmasterOf } from '../../../test/support/embedded.ts'
import { connectStore } from './connect.ts'
import { joinEmbeddedPostgres } from './embedded/index.ts'

test('a PostgreSQL of one’s own that is still starting up is waited for', async () => {
  const dataDir = makeDataDir('open-to-others')
  fs.chmodSync(path.dirname(dataDir), 0o711) // run by root, PostgreSQL is somebody else, who passes through
  const join = (settings: Record<string, string> = {}) =>
    joinEmbeddedPostgres({ dataDir, settings, transport: 'loopback', onProgress: () => {} })
  const { connection, leave } = await join()
  await leave()

  // As a standby that lets nobody in, it is up for as long as the test likes, and says what one says that recovers.
  const cluster = path.join(dataDir, 'postgres')
  fs.writeFileSync(path.join(cluster, 'standby.signal'), '')
  const starting = join({ hot_standby: 'off' })
  await expect.poll(() => stateOf(cluster), { timeout: 20_000 }).toBe('standby')

  const said: string[] = []
  const { host, port, user, password, database } = connection
  const url = `postgres://${user}:${encodeURIComponent(String(password))}@${host}:${port}/${database}`
  const onProgress = (line: string) => void said.push(line)
  const connecting = connectStore({ databaseUrl: url, dataDir, poolSize: 1, onProgress })
  await expect
    .poll(() => said, { timeout: 20_000 })
    .toEqual([expect.stringMatching(/^Waiting: the database system is /)])

  fs.writeFileSync(path.join(cluster, 'promote'), '')
  process.kill(postmasterOf(dataDir) as number, 'SIGUSR1')
  const store = await connecting
  expect((await store.db.query({ text: 'select 1 as one' })).rows).toEqual([{ one: 1 }])
  await store.close()
  await (await starting).leave()
})

/** The last line of its lock file: `starting`, `standby`, `ready`. */
function stateOf(cluster: string): string | undefined {
  const file = path.join(cluster, 'postmaster.pid')
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n').at(-1)?.trim() : undefined
}
