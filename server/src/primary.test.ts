import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { Config } from './config.ts'
import { serveWithWorkers } from './primary.ts'
import type { Store } from './store/connect.ts'
import { isRunning } from './store/embedded/process-id.ts'

const { execPath } = process
afterEach(() => {
  process.execPath = execPath
})

test('a worker that cannot even be made is told of, and nobody waits for it', async () => {
  process.execPath = '/nowhere/node'
  const serving = serveWithWorkers({ workers: 2 } as Config, {} as Store, () => {})
  await expect(serving).rejects.toThrow('Worker 1 has ended before it was ready (spawn /nowhere/node ENOENT).')
})

test('a worker that never says a word is waited for until its time is over, then it is gone', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  process.execPath = join(directory, 'node')
  writeFileSync(process.execPath, `#!/bin/sh\necho $$ >> ${directory}/pids\nexec sleep 60\n`, { mode: 0o755 })
  const terms = { startWithinMs: 2_000, beatMs: 100, silentBeats: 3 }
  const serving = serveWithWorkers({ workers: 2 } as Config, {} as Store, () => {}, terms)
  await expect(serving).rejects.toThrow('Worker 1 was not ready within 2 s.')
  const pids = readFileSync(join(directory, 'pids'), 'utf8').trim().split('\n').map(Number)
  expect([pids.length, pids.filter(isRunning)]).toEqual([2, []])
  rmSync(directory, { recursive: true })
})
