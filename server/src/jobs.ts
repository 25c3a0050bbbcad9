import type { FastifyBaseLogger } from 'fastify'
import { deleteOldKeys } from './contracts/http/idempotency.ts'
import { type EventReceiver, handOutEvents } from './events/index.ts'
import { every } from './every.ts'
import {
  deleteOrphanAvatars,
  FLUSH_SECONDS,
  forgetExpiredTokens,
  forgetThrottling,
  type SessionActivity,
} from './identity/index.ts'
import { type Deliverer, deliverMails, forgetOldMails } from './mail/index.ts'
import type { MediaStore } from './media/index.ts'
import {
  deleteOldMessages,
  expireUnpaid,
  type Gateways,
  handleWaitingMessages,
  reconcile,
  sendRefunds,
} from './payments/index.ts'
import type { Database } from './store/database.ts'
import {
  type DeliveryTerms,
  type DescribeEvent,
  FAILING_DAYS_MAX,
  forgetOldDeliveries,
  makeCourier,
  type Poster,
} from './webhooks/index.ts'

export interface JobContext {
  readonly db: Database
  readonly gateways: Gateways
  readonly sessionActivity: SessionActivity
  readonly mailDeliverer: Deliverer
  readonly media: MediaStore
  readonly eventReceivers: readonly EventReceiver[]
  readonly describeEvent: DescribeEvent
  readonly webhookPoster: Poster
  readonly log: FastifyBaseLogger
}

/** What has to be done now and then. */
export interface Job {
  readonly name: string
  /** The pause between two runs. */
  readonly seconds: number
  work(): Promise<void>
}

export interface Jobs {
  readonly jobs: readonly Job[]
  /** What the jobs have set going has come to its end. */
  settle(): Promise<void>
  /**
   * Sets nothing going any more, and leaves nothing behind.
   *
   * @param idle when no job is working any more
   */
  stop(idle: Promise<unknown>): Promise<void>
}

/** Runs the jobs until it is stopped. */
export type StartJobs = (context: JobContext) => { stop(): Promise<void> }

/**
 * Runs what has to be done now and then. Every server runs all of them: each is safe to run twice at once, and nothing
 * is wrong while none runs.
 */
export const startJobs: StartJobs = (context) => {
  const stopping = new AbortController()
  const { jobs, stop } = makeJobs(context, stopping.signal)
  const running = jobs.map(({ seconds, name, work }) => every(seconds, name, context.log, work))
  return {
    async stop() {
      const cutOff = setTimeout(() => stopping.abort(), FINISH_SENDING_WITHIN_MS)
      await stop(Promise.all(running.map((job) => job.stop())))
      clearTimeout(cutOff)
    },
  }
}

/**
 * All jobs of a server, for whoever runs them.
 *
 * @param signal breaks off what hangs
 */
export function makeJobs(context: JobContext, signal: AbortSignal): Jobs {
  const { db, gateways, sessionActivity, mailDeliverer, media, log } = context
  const { eventReceivers, webhookPoster } = context
  const courier = makeCourier(db, webhookTerms(context), {
    signal,
    onError: (error) => log.error({ err: error, job: 'send webhooks' }, 'a job failed; it will be tried again'),
  })
  const jobs: Job[] = [
    // By itself, so that neither mails nor webhooks wait for the other.
    job(EVENT_SECONDS, 'hand out events', async () => {
      await handOutEvents(db, eventReceivers, {
        signal,
        onFailure: ({ orderId, position, kind }, error) =>
          log.error(
            { err: error, orderId, position, kind },
            'an event could not be handed out; it will be tried again',
          ),
      })
    }),
    job(EVENT_SECONDS, 'send webhooks', () => courier.setOut()),
    job(MAIL_SECONDS, 'deliver mail', async () => {
      const { delivered } = await deliverMails(db, mailDeliverer, {
        signal,
        onFailure: ({ isGivenUp, ...failure }) =>
          isGivenUp
            ? log.error(failure, 'a mail could not be delivered and is given up')
            : log.warn(failure, 'a mail could not be delivered; it will be tried again'),
      })
      if (delivered > 0) log.info({ delivered }, 'delivered mail')
    }),
    job(FLUSH_SECONDS, 'note used sessions', () => sessionActivity.flush()),
    job(30, 'expire unpaid orders', async () => {
      const { orders } = await expireUnpaid(db, gateways)
      if (orders > 0) log.info({ orders }, 'canceled orders that were not paid in time')
    }),
    job(5, 'ask gateways about silent payments', async () => {
      await handleWaitingMessages(db, gateways, (messageId, error) =>
        log.error({ err: error, messageId }, 'a message of a gateway could not be handled; it will be tried again'),
      )
      await reconcile(db, gateways, ({ id, orderId }, error) =>
        log.warn({ err: error, attemptId: id, orderId }, 'a gateway could not be asked; it will be asked again'),
      )
    }),
    job(5, 'send refunds', async () => {
      const onFailure = (refundId: string, error: unknown) =>
        log.error({ err: error, refundId }, 'a refund could not be sent; it will be tried again')
      const { refunds } = await sendRefunds(db, gateways, onFailure, signal)
      if (refunds > 0) log.info({ refunds }, 'went on with refunds')
    }),
    job(3_600, 'forget what is over', async () => {
      await sessionActivity.deleteDead()
      await deleteOldKeys(db)
      await forgetExpiredTokens(db)
      await forgetThrottling(db)
      await forgetOldMails(db)
      await deleteOldMessages(db)
      await forgetOldDeliveries(db)
    }),
    // By itself: a media store that is away must not keep the others from their work.
    job(3_600, 'delete avatars that are nobody’s', async () => {
      const { files } = await deleteOrphanAvatars(db, media, new Date())
      if (files > 0) log.info({ files }, 'deleted avatars that were nobody’s')
    }),
  ]
  return {
    jobs,
    settle: () => courier.isBack(),
    async stop(idle) {
      await Promise.all([idle, courier.stop()])
      await webhookPoster.close()
      await sessionActivity.flush().catch((error) => log.warn({ err: error }, 'the last used sessions were not noted'))
    },
  }
}

const job = (seconds: number, name: string, work: () => Promise<void>): Job => ({ seconds, name, work })

/** Somebody may sit and wait for it. */
const MAIL_SECONDS = 2
const EVENT_SECONDS = 1
/** A mail server or an endpoint that hangs does not keep ours from stopping: it is told again after the start. */
const FINISH_SENDING_WITHIN_MS = 5_000

function webhookTerms({ describeEvent: describe, webhookPoster: poster, log }: JobContext): DeliveryTerms {
  return {
    describe,
    poster,
    onFailure: ({ isGivenUp, ...failure }) =>
      isGivenUp
        ? log.error(failure, 'a webhook could not be delivered and is given up')
        : log.warn(failure, 'a webhook could not be delivered; it will be tried again'),
    onOff: (endpoint) =>
      log.error(
        endpoint,
        endpoint.off === 'gone'
          ? 'a webhook endpoint says that it is gone and was switched off'
          : `a webhook endpoint took nothing for ${FAILING_DAYS_MAX} days and was switched off`,
      ),
  }
}
