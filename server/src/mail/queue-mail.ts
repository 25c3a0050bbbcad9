import { type MailId, newId } from '../kernel/ids.ts'
import type { Tx } from '../store/database.ts'
import { insertMail } from './mail.sql.ts'
import { type Letter, withoutControls } from './mail.ts'

/**
 * Puts a letter into the outbox: it leaves after the caller's commit, and not at all without it. Whether the address is a
 * good one is found out by whoever delivers it; nothing here stands in the way of the caller's own work.
 */
export async function queueMail(tx: Tx, { to, subject, text, html, kind }: Letter): Promise<MailId> {
  const id = newId<MailId>()
  await insertMail(tx, id, kind, to, withoutControls(subject), text, html ?? null)
  return id
}
