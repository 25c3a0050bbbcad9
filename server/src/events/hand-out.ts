import type { Database, Tx } from '../store/database.ts'
import type { EventNotice } from './event.ts'
import * as sql from './events.sql.ts'

/**
 * Who is told of events: it writes down what to do about them, in the given transaction, and does nothing else. It reads
 * for itself what it needs of them: mostly that is nothing.
 */
export type EventReceiver = (tx: Tx, events: readonly EventNotice[]) => Promise<void>

export interface HandOutOptions {
  /** Stops after what is being handed out. */
  readonly signal?: AbortSignal
  /** Told of each event that could not be handed out; it is tried again later. */
  readonly onFailure?: (event: EventNotice, error: unknown) => void
}

const BATCH = 100
const POSTPONE_SECONDS = 300

/**
 * Tells the receivers of all events that wait, each once and in order for each order: what they write and that the event
 * waits no longer is one transaction. An event that a receiver chokes on keeps only its order's later ones waiting. Safe to
 * run on any number of servers at once.
 */
export async function handOutEvents(
  db: Database,
  receivers: readonly EventReceiver[],
  { signal, onFailure = () => {} }: HandOutOptions = {},
): Promise<{ events: number }> {
  let events = 0
  while (!signal?.aborted) {
    const { looked, handed } = await handOutBatch(db, receivers).catch(() => handOutSingly(db, receivers, onFailure))
    if (looked === 0) break
    events += handed
  }
  return { events }
}

/** How many events were looked at, and how many of them were handed out. */
interface Counts {
  readonly looked: number
  readonly handed: number
}

async function handOutBatch(db: Database, receivers: readonly EventReceiver[]): Promise<Counts> {
  return await db.transaction(async (tx) => {
    const events = await sql.takeWaiting(tx, BATCH)
    if (events.length > 0) await tell(tx, receivers, events)
    return { looked: events.length, handed: events.length }
  })
}

/** One by one, after a batch has failed: the one that is to blame is put aside. */
async function handOutSingly(
  db: Database,
  receivers: readonly EventReceiver[],
  onFailure: NonNullable<HandOutOptions['onFailure']>,
): Promise<Counts> {
  let [looked, handed] = [0, 0]
  for (; looked < BATCH; looked++) {
    let event: EventNotice | undefined
    try {
      await db.transaction(async (tx) => {
        event = (await sql.takeWaiting(tx, 1))[0]
        if (event) await tell(tx, receivers, [event])
      })
      if (event) handed++
    } catch (error) {
      if (!event) throw error
      await sql.postpone(db, event.orderId, event.position, reasonOf(error), POSTPONE_SECONDS)
      onFailure(event, error)
    }
    if (!event) break
  }
  return { looked, handed }
}

async function tell(tx: Tx, receivers: readonly EventReceiver[], events: readonly EventNotice[]): Promise<void> {
  for (const receive of receivers) await receive(tx, events)
}

function reasonOf(error: unknown): string {
  return String((error as Error)?.message ?? error).slice(0, 300)
}
