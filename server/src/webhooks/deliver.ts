import { findEvent, type OrderEvent } from '../events/index.ts'
import type { EndpointId } from '../kernel/ids.ts'
import type { Db } from '../store/database.ts'
import type { OffReason } from './endpoint.ts'
import { decideNextStep, FAILING_DAYS_MAX, type Outcome } from './ladder.ts'
import { messageId } from './message.ts'
import type { Poster } from './post.ts'
import { sign } from './signature.ts'
import * as sql from './webhooks.sql.ts'

/** What a message says of an event. */
export type DescribeEvent = (event: OrderEvent) => object

export interface DeliveryTerms {
  readonly describe: DescribeEvent
  readonly poster: Poster
  /** Told of each try that failed. */
  readonly onFailure?: (failure: DeliveryFailure) => void
  /** Told when an endpoint is switched off. */
  readonly onOff?: (endpoint: { endpointId: EndpointId; off: OffReason }) => void
}

export interface DeliveryFailure {
  readonly endpointId: EndpointId
  readonly message: string
  readonly kind: string
  readonly attempts: number
  readonly reason: string
  readonly isGivenUp: boolean
}

/** Longer than any try: what a server that died was sending is sent again after this. */
const CLAIM_SECONDS = 120

/**
 * Tries the delivery to this endpoint that has been due for longest. At least once: a crash between sending and writing it
 * down sends it again, under the same id. Safe to run on any number of servers at once.
 *
 * @returns whether there was one
 */
export async function deliverNext(
  db: Db,
  endpointId: EndpointId,
  { describe, poster, onFailure = () => {}, onOff = () => {} }: DeliveryTerms,
  signal: AbortSignal,
): Promise<boolean> {
  const claimed = await sql.claimDelivery(db, endpointId, CLAIM_SECONDS)
  if (!claimed) return false
  const { orderId, position, kind, attempts } = claimed
  let outcome: Outcome
  try {
    const body = claimed.body ?? (await writeBody(db, endpointId, claimed, describe))
    outcome = await send(poster, claimed, body, signal)
  } catch (error) {
    if (signal.aborted) {
      await sql.unclaimDelivery(db, endpointId, orderId, position)
      return false
    }
    // An event that cannot be put into words, or a database that has just gone: it is tried again like any other.
    outcome = { problem: (error as Error).message }
  }

  const next = decideNextStep(outcome, { attempts, random: Math.random() })
  const tried = [...([endpointId, orderId, position] as const), ...kept(outcome)] as const
  if (next.step === 'delivered') {
    await sql.setEnded(db, ...tried, 'delivered')
    await sql.setWell(db, endpointId)
    return true
  }
  // Before the next of its order is due: nobody is there to take it.
  if (next.step === 'gone') await sql.setOff(db, endpointId, 'gone')
  if (next.step === 'retry') await sql.setNextTry(db, ...tried, next.pauseSeconds)
  else await sql.setEnded(db, ...tried, 'failed')
  const isGivenUp = next.step !== 'retry'
  onFailure({ endpointId, message: messageId(claimed), kind, attempts, reason: reasonOf(outcome), isGivenUp })
  const off = next.step === 'gone' ? 'gone' : (await sql.setFailing(db, endpointId, FAILING_DAYS_MAX))?.off
  if (off) onOff({ endpointId, off })
  return true
}

/** What is sent is written down before the first try, and is the same at every other. */
async function writeBody(
  db: Db,
  endpointId: EndpointId,
  { orderId, position }: sql.ClaimedDelivery,
  describe: DescribeEvent,
): Promise<string> {
  const event = await findEvent(db, { orderId, position })
  if (!event) throw new Error('there is no such event')
  const body = JSON.stringify(describe(event))
  return (await sql.setBody(db, endpointId, orderId, position, body))?.body ?? body
}

async function send(poster: Poster, message: sql.ClaimedDelivery, body: string, signal: AbortSignal): Promise<Outcome> {
  return await poster.post(message.url, signedHeaders(message.secrets, messageId(message), body), body, signal)
}

/** The headers of Standard Webhooks, as of now. */
export function signedHeaders(secrets: readonly Buffer[], id: string, body: string): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1_000)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': sign(secrets, id, timestamp, body),
  }
}

function kept(outcome: Outcome): [status: number | null, text: string | null, problem: string | null] {
  return 'status' in outcome ? [outcome.status, outcome.text, null] : [null, null, outcome.problem]
}

function reasonOf(outcome: Outcome): string {
  return 'status' in outcome ? `answered ${outcome.status}` : outcome.problem
}
