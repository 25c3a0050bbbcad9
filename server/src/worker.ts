// One of several server processes (primary.ts starts it). It is told how to serve, and ends when it is told, on SIGTERM, or
// when there is no primary any more.

import cluster from 'node:cluster'
import { OperatorError } from './kernel/operator-error.ts'
import { type Assignment, STOP_WITHIN_MS, type WorkerNews } from './primary.ts'
import { type Serving, serve } from './serve.ts'
import { connectStore } from './store/connect.ts'
import { SERVING } from './store/database.ts'

// A terminal sends these to all of its processes; it is the primary that decides.
process.on('SIGINT', () => {}).on('SIGHUP', () => {})

let starting: Promise<Serving | undefined> | undefined
let isStopping = false
let isOrphan = false

process.on('message', (message: Assignment | 'stop') => {
  if (message === 'stop') void stop()
  else starting = start(message)
})
process.on('SIGTERM', () => void stop())
cluster.worker?.once('disconnect', () => {
  isOrphan = true
  // Or node:cluster would end this process on the spot, and what is running with it.
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true
  void stop()
})
// What is sent before anybody listens is lost.
tell({ is: 'here' })

/** It joins the embedded database by itself, as every process of ours: whoever leaves it last stops it. */
async function start({ config, number, beatMs }: Assignment): Promise<Serving | undefined> {
  setInterval(() => tell({ is: 'alive' }), beatMs).unref()
  try {
    const { databaseUrl, dataDir, databasePool: poolSize } = config
    const terms = { poolSize, ...SERVING }
    // Of a database that is away, the primary tells.
    const store = await connectStore({ databaseUrl, dataDir, ...terms, onProgress: () => {} })
    const serving = await serve(config, store, { worker: number }).catch(async (error) => {
      await store.close()
      throw error
    })
    tell({ is: 'ready' })
    return serving
  } catch (error) {
    tell({ is: 'failed', why: error instanceof OperatorError ? error.message : String((error as Error).stack) })
    return undefined
  }
}

async function stop(): Promise<void> {
  // Nobody is there who would end one that hangs.
  if (isOrphan) setTimeout(() => process.exit(1), STOP_WITHIN_MS)
  if (isStopping) return
  isStopping = true
  try {
    const serving = await starting
    await serving?.stop()
  } finally {
    process.exit()
  }
}

function tell(news: WorkerNews): void {
  // A primary that has just been killed takes nothing any more: that alone must not end us.
  if (process.connected) process.send?.(news, undefined, undefined, () => {})
}
