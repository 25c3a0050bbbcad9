import cluster, { type Worker } from 'node:cluster'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Config, FINISH_WITHIN_MS } from './config.ts'
import { OperatorError } from './kernel/operator-error.ts'
import type { Serving } from './serve.ts'
import type { Store } from './store/connect.ts'

/** What a worker is told to do. */
export interface Assignment {
  readonly config: Config
  /** From 1; a worker that takes another's place has its number. */
  readonly number: number
  /** How often it says that it lives. */
  readonly beatMs: number
}

/** What a worker tells: that it listens to us, that it lives, that it serves, or why it cannot. */
export type WorkerNews =
  | { readonly is: 'here' }
  | { readonly is: 'alive' }
  | { readonly is: 'ready' }
  | { readonly is: 'failed'; readonly why: string }

/** How long workers are waited for. */
export interface WorkerTerms {
  /** From its making until it serves: far longer than a start takes, and the next one tries again. */
  readonly startWithinMs: number
  /** One that serves says that it lives so often; silent for {@link silentBeats} in a row, it hangs. */
  readonly beatMs: number
  readonly silentBeats: number
}
const TERMS: WorkerTerms = { startWithinMs: 60_000, beatMs: 5_000, silentBeats: 6 }

/** Tells the operator a line. */
export type Say = (line: string, level?: 'info' | 'warn' | 'error') => void

/** Beyond what running requests get: for the last jobs and the database. */
export const STOP_WITHIN_MS = FINISH_WITHIN_MS + 10_000
/** A worker that ends as soon as it has started is not started again at once; one that does so again and again, rarely. */
const PAUSES_MS = [0, 200, 1_000, 5_000, 30_000]
/** Whoever has lived this long has not ended as soon as it started. */
const LIVED_MS = 10_000

/**
 * Serves with several processes that share the port. This one hands connections out, holds the database for all of them,
 * and does nothing else, so that nothing can end it: whatever ends a worker, another takes its place (docs/adr/0021). One that
 * hangs is killed.
 *
 * @throws OperatorError when a worker cannot start
 */
export async function serveWithWorkers(
  config: Config,
  store: Store,
  say: Say,
  { startWithinMs, beatMs, silentBeats }: WorkerTerms = TERMS,
): Promise<Serving> {
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('./worker.js', import.meta.url)),
    args: [],
    serialization: 'advanced',
  })
  const assignmentOf = (number: number): Assignment => ({ config, number, beatMs })
  const workers = new Map<number, Worker>()
  let isStopping = false

  /** @param failures how often in a row the one with this number has ended as soon as it had started */
  async function start(number: number, failures = 0): Promise<void> {
    const worker = cluster.fork()
    workers.set(number, worker)
    const ended = new Promise<string>((resolve) => {
      worker.once('exit', (code, signal) => resolve(signal ?? `status ${code}`))
      worker.on('error', (error) => {
        // A process that could not be made has no end. Otherwise it is a message that could not be sent.
        if (worker.process.pid === undefined) resolve(error.message)
      })
    })
    let late: NodeJS.Timeout | undefined
    const ready = new Promise<void>((resolve, reject) => {
      const notReady = `Worker ${number} was not ready within ${startWithinMs / 1_000} s.`
      late = setTimeout(() => reject(new OperatorError(notReady)), startWithinMs)
      worker.on('message', (news: WorkerNews) => {
        if (news.is === 'here') worker.send(isStopping ? 'stop' : assignmentOf(number))
        else if (news.is === 'ready') resolve()
        else if (news.is === 'failed') reject(new OperatorError(news.why))
      })
      void ended.then((how) => reject(new OperatorError(`Worker ${number} has ended before it was ready (${how}).`)))
    })
    await ready
      .catch(async (error) => {
        worker.process.kill('SIGKILL')
        await ended
        throw error
      })
      .finally(() => clearTimeout(late))
    const since = Date.now()
    const watch = killWhenSilent(worker, number)
    void ended.then((how) => {
      clearInterval(watch)
      if (isStopping) return
      // With status 0 it was told to end, by a signal.
      say(`Worker ${number} has ended (${how}): another takes its place.`, how === 'status 0' ? 'info' : 'warn')
      void replace(number, Date.now() - since > LIVED_MS ? 0 : failures + 1)
    })
  }

  /** Its beats are counted and not timed: when this process was held up itself, all of them are late. */
  function killWhenSilent(worker: Worker, number: number): NodeJS.Timeout {
    let missed = 0
    const watch = setInterval(() => {
      if (isStopping || missed++ < silentBeats) return
      clearInterval(watch)
      say(`Worker ${number} has not answered for ${(silentBeats * beatMs) / 1_000} s: it is killed.`, 'error')
      worker.process.kill('SIGKILL')
    }, beatMs)
    worker.on('message', () => {
      missed = 0
    })
    return watch
  }

  async function replace(number: number, failures: number): Promise<void> {
    await delay(PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)])
    if (isStopping) return
    await start(number, failures).catch((error) => {
      if (isStopping) return
      say(`Worker ${number} cannot start; it is tried again. ${error.message}`, 'error')
      void replace(number, failures + 1)
    })
  }

  async function stop(): Promise<void> {
    isStopping = true
    await Promise.all([...workers.values()].map(stopWorker))
    await store.close()
  }

  const numbers = Array.from({ length: config.workers }, (_, i) => i + 1)
  const started = await Promise.allSettled(numbers.map((number) => start(number)))
  const failed = started.find((each) => each.status === 'rejected')
  if (failed) {
    isStopping = true
    await Promise.all([...workers.values()].map(stopWorker))
    throw failed.reason
  }
  return { stop }
}

async function stopWorker(worker: Worker): Promise<void> {
  if (worker.isDead()) return
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const cutOff = setTimeout(() => worker.process.kill('SIGKILL'), STOP_WITHIN_MS)
  if (worker.isConnected()) worker.send('stop')
  await ended
  clearTimeout(cutOff)
}
