import type { Db } from '../store/database.ts'
import { deleteDeadSessions, touchSessions } from './identity.sql.ts'
import type { Presented, SessionTerms } from './session.ts'

/**
 * Notes which sessions are used and writes it down now and then, all in one statement: using a session must not cost
 * a write. A crash forgets the last notes, at most {@link FLUSH_SECONDS} of them, out of an idle time of days.
 */
export class SessionActivity {
  readonly #db: Db
  readonly #terms: SessionTerms
  readonly #used = new Map<string, Presented>()

  constructor(db: Db, terms: SessionTerms) {
    this.#db = db
    this.#terms = terms
  }

  /** For sessions that were found live, not for whatever was presented. */
  note(presented: Presented): void {
    if (this.#used.size < USED_MAX) this.#used.set(presented.toString('latin1'), presented)
  }

  async flush(): Promise<void> {
    if (this.#used.size === 0) return
    const used = [...this.#used.values()]
    this.#used.clear()
    await touchSessions(this.#db, used, this.#terms.cookie.idleDays, this.#terms.access.idleDays)
  }

  async deleteDead(): Promise<void> {
    await deleteDeadSessions(this.#db)
  }
}

export const FLUSH_SECONDS = 30
const USED_MAX = 100_000
