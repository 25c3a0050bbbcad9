import type { SessionId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Db } from '../store/database.ts'
import { getCaller, notSignedIn } from './caller.ts'
import * as sql from './identity.sql.ts'
import type { IdentityRefusal } from './refusals.ts'
import type { ListedSession, Presented } from './session.ts'

/**
 * All live sessions of the caller, of whatever kind, the last used first.
 *
 * @throws identity.not-signed-in
 */
export async function listSessions(db: Db, presented: Presented): Promise<ListedSession[]> {
  const sessions = await sql.listSessions(db, presented)
  if (sessions.length === 0) throw notSignedIn()
  return sessions
}

/**
 * Ends one session of the caller's, at once and on every server.
 *
 * @throws identity.not-signed-in, identity.session-not-found: looked for in this order
 */
export async function endSession(db: Db, presented: Presented, id: SessionId): Promise<void> {
  const found = await sql.deleteSessionOf(db, presented, id)
  if (!found) throw notSignedIn()
  if (!found.deleted) throw new Refused<IdentityRefusal>({ code: 'identity.session-not-found' })
}

/**
 * Ends all sessions of the caller's but the one that asks.
 *
 * @throws identity.not-signed-in
 */
export async function endOtherSessions(db: Db, presented: Presented): Promise<void> {
  const { customerId } = await getCaller(db, presented)
  await sql.deleteOtherSessions(db, customerId, presented)
}
