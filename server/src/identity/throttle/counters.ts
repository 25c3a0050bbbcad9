import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { Refused } from '../../kernel/refused.ts'
import { mac } from '../../kernel/signing.ts'
import type { Database } from '../../store/database.ts'
import type { IdentityRefusal } from '../refusals.ts'

/** So many points within so many seconds from the first. */
export interface Limit {
  readonly points: number
  readonly duration: number
}

/** Counts something of many, such as the wrong passwords from each address; all servers of a shop count together. */
export interface Counter {
  /**
   * @returns how many there are now
   * @throws identity.too-many-tries when it was full; it counts even so, until its time is over
   */
  count(of: string): Promise<number>
  /** Takes one back that was counted. */
  giveBack(of: string): Promise<void>
  forget(of: string): Promise<void>
  /**
   * As far as this server has seen a moment ago.
   *
   * @throws identity.too-many-tries
   */
  refuseIfKnownFull(of: string): void
}

/** A thing to be counted. */
export type Count = readonly [counter: Counter, of: string]

/**
 * Counts all or none, each before what it counts happens: tries that run at once must not slip through together. One that
 * is full stops those behind it from being counted.
 *
 * @throws identity.too-many-tries
 */
export async function countAll(counts: readonly Count[]): Promise<void> {
  for (const [counter, of] of counts) counter.refuseIfKnownFull(of)
  for (const [i, [counter, of]] of counts.entries()) {
    try {
      await counter.count(of)
    } catch (full) {
      await giveBackAll(counts.slice(0, i))
      throw full
    }
  }
}

export async function giveBackAll(counts: readonly Count[]): Promise<void> {
  for (const [counter, of] of counts) await counter.giveBack(of)
}

/** @param key what hides from the database what is counted: names that were tried are passwords often enough */
export function makeCounters(db: Database, key: Buffer): (name: string, limit: Limit) => Counter {
  const memory = makeShortMemory()
  return (name, limit) => {
    const limiter = new RateLimiterPostgres({
      ...limit,
      keyPrefix: name,
      storeClient: db,
      storeType: 'client',
      tableName: 'throttle_counters',
      tableCreated: true,
      clearExpiredByTimeout: false,
    })
    const hidden = (of: string) => mac(key, `${name} ${of}`)
    return {
      async count(of) {
        const it = hidden(of)
        memory.refuseIfFull(it)
        try {
          return (await limiter.consume(it)).consumedPoints
        } catch (full) {
          if (!(full instanceof RateLimiterRes)) throw full
          memory.noteFull(it, full.msBeforeNext)
          throw tooManyTries(full.msBeforeNext)
        }
      },
      async giveBack(of) {
        await limiter.reward(hidden(of))
      },
      async forget(of) {
        memory.forget(hidden(of))
        await limiter.delete(hidden(of))
      },
      refuseIfKnownFull: (of) => memory.refuseIfFull(hidden(of)),
    }
  }
}

export function tooManyTries(msLeft: number): Refused<IdentityRefusal> {
  const retryAfterSeconds = Math.max(1, Math.ceil(msLeft / 1_000))
  return new Refused<IdentityRefusal>({ code: 'identity.too-many-tries', retryAfterSeconds })
}

/** A flood asks the database this often about one thing; and this long another server's forgiveness may go unheard. */
const LOOK_AGAIN_MS = 5_000
const REMEMBERED_MAX = 10_000

/** Remembers for a while what was found full, so that a flood does not reach the database. */
function makeShortMemory() {
  const full = new Map<string, { endsAt: number; lookAgainAt: number }>()
  return {
    noteFull(it: string, msLeft: number): void {
      // The oldest goes first: Map keeps the order of insertion.
      if (full.size >= REMEMBERED_MAX) full.delete(full.keys().next().value ?? '')
      const now = Date.now()
      full.delete(it)
      full.set(it, { endsAt: now + msLeft, lookAgainAt: now + Math.min(msLeft, LOOK_AGAIN_MS) })
    },
    forget: (it: string) => full.delete(it),
    refuseIfFull(it: string): void {
      const found = full.get(it)
      if (!found) return
      const now = Date.now()
      if (now < found.lookAgainAt) throw tooManyTries(found.endsAt - now)
      full.delete(it)
    },
  }
}
