import { afterEach, expect, test } from 'vitest'
import type { Config } from './config.ts'
import { serveWithWorkers } from './primary.ts'
import type { Store } from './store/connect.ts'

const { execPath } = process
afterEach(() => {
  process.execPath = execPath
})

test('a worker that cannot even be made is told of, and nobody waits for it', async () => {
  process.execPath = '/nowhere/node'
  const serving = serveWithWorkers({ workers: 2 } as Config, {} as Store, () => {})
  await expect(serving).rejects.toThrow('Worker 1 has ended before it was ready (spawn /nowhere/node ENOENT).')
})
