import type { Database } from '../../store/database.ts'
import { nameKey } from '../names.ts'
import * as sql from './blocking.sql.ts'

export interface BlockedCustomer {
  readonly username: string
  readonly email: string
  /** Undefined: may sign in. */
  readonly blockedAt: Date | undefined
  /** Whether it is as it was before. */
  readonly wasSo: boolean
  /** Live ones that ended by it. */
  readonly endedSessions: number
}

/**
 * Keeps a customer out: all their sessions end, their password opens none any more, in no contract, and no mail lets them
 * choose another. Orders and payments go on. An import leaves them alone from then on.
 *
 * @param name the username or the e-mail, without regard to case
 * @returns undefined when nobody has this name
 */
export function blockCustomer(db: Database, name: string): Promise<BlockedCustomer | undefined> {
  return setBlocked(db, name, true)
}

/**
 * Lets a customer sign in again, by the password they had. An import leaves them alone from then on, whatever its file
 * says.
 *
 * @param name the username or the e-mail, without regard to case
 * @returns undefined when nobody has this name
 */
export function unblockCustomer(db: Database, name: string): Promise<BlockedCustomer | undefined> {
  return setBlocked(db, name, false)
}

function setBlocked(db: Database, name: string, isBlocked: boolean): Promise<BlockedCustomer | undefined> {
  return db.transaction(async (tx) => {
    const found = await sql.lockByName(tx, nameKey(name))
    if (!found) return undefined
    const { username, email } = found
    const endedSessions = isBlocked ? ((await sql.countLiveSessions(tx, found.id))?.sessions ?? 0) : 0
    const now = await sql.setBlocked(tx, found.id, isBlocked)
    const wasSo = (found.blockedAt !== null) === isBlocked
    return { username, email, blockedAt: now?.blockedAt ?? undefined, wasSo, endedSessions }
  })
}
