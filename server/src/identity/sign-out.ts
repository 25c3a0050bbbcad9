import type { Db } from '../store/database.ts'
import { deleteSession } from './identity.sql.ts'
import type { Presented } from './session.ts'

/** Ends the session at once, for every server. Ending one that is not live is no mistake. */
export async function signOut(db: Db, presented: Presented): Promise<void> {
  await deleteSession(db, presented)
}
