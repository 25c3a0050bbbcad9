import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedPostgresError } from './error.ts'

const PAUSE_MS = 10
/** A wait shorter than this is nobody's concern. */
const QUIET_MS = 2_000
const REPEAT_MS = 10_000
/** Recovery after a crash may read a gigabyte of its log; anything else takes a moment. */
const RECOVERY_MS = 900_000
const ANYTHING_ELSE_MS = 60_000

/** Waits in small steps: says for what when it takes long, and gives up when it takes too long. */
export class Patience {
  /** When each reason to wait was first met; they may come in turns. */
  readonly #metAt = new Map<string, number>()
  readonly #end = Date.now() + RECOVERY_MS
  #nextLineAt = Date.now() + QUIET_MS
  readonly #onProgress: (line: string) => void

  constructor(onProgress: (line: string) => void) {
    this.#onProgress = onProgress
  }

  /**
   * One step of waiting.
   *
   * @param why what it waits for: "the database is starting up"
   * @returns for how many milliseconds that has been so
   */
  async wait(why: string, pauseMs = PAUSE_MS): Promise<number> {
    const now = Date.now()
    const metAt = this.#metAt.get(why) ?? now
    this.#metAt.set(why, metAt)
    const limitMs = /starting up|recovery/.test(why) ? RECOVERY_MS : ANYTHING_ELSE_MS
    if (now > this.#end || now - metAt > limitMs) {
      throw new EmbeddedPostgresError(`Gave up after ${Math.round((now - metAt) / 1000)} s: ${why}`)
    }
    if (now >= this.#nextLineAt) {
      this.#nextLineAt = now + REPEAT_MS
      this.#onProgress(`Waiting: ${why}`)
    }
    await delay(pauseMs)
    return Date.now() - metAt
  }
}
