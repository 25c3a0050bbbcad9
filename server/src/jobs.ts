import type { FastifyBaseLogger } from 'fastify'
import { deleteOldKeys } from './contracts/http/idempotency.ts'
import { FLUSH_SECONDS, type SessionActivity } from './identity/index.ts'
import { expireUnpaid, type Gateways, sendRefunds } from './payments/index.ts'
import type { Database } from './store/database.ts'

interface JobContext {
  readonly db: Database
  readonly gateways: Gateways
  readonly sessionActivity: SessionActivity
  readonly log: FastifyBaseLogger
}

/**
 * Runs what has to be done now and then. Every server runs all of them: each is safe to run twice at once, and nothing
 * is wrong while none runs.
 */
export function startJobs({ db, gateways, sessionActivity, log }: JobContext): { stop(): Promise<void> } {
  const jobs = [
    every(FLUSH_SECONDS, 'note used sessions', log, () => sessionActivity.flush()),
    every(30, 'expire unpaid orders', log, async () => {
      const { orders } = await expireUnpaid(db, gateways)
      if (orders > 0) log.info({ orders }, 'canceled orders that were not paid in time')
    }),
    every(15, 'send refunds', log, async () => {
      const { refunds } = await sendRefunds(db, gateways, (refundId, error) =>
        log.error({ err: error, refundId }, 'a refund could not be sent; it will be tried again'),
      )
      if (refunds > 0) log.info({ refunds }, 'refunded')
    }),
    every(3_600, 'forget what is over', log, async () => {
      await sessionActivity.deleteDead()
      await deleteOldKeys(db)
    }),
  ]
  return {
    async stop() {
      await Promise.all(jobs.map((job) => job.stop()))
      await sessionActivity.flush().catch((error) => log.warn({ err: error }, 'the last used sessions were not noted'))
    },
  }
}

/** Runs the work again and again with a pause between; a failure is logged, and the next run tries again. */
function every(
  seconds: number,
  name: string,
  log: FastifyBaseLogger,
  work: () => Promise<void>,
): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout
  let stopped = false
  const wait = () => {
    timer = setTimeout(() => {
      running = work()
        .catch((error) => log.error({ err: error, job: name }, 'a job failed; it will be tried again'))
        .finally(() => {
          if (!stopped) wait()
        })
    }, seconds * 1_000).unref()
  }
  wait()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
