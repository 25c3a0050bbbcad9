import { type MailId, newId } from '../kernel/ids.ts'
import type { Db, Tx } from '../store/database.ts'
import { findPause, insertMail } from './mail.sql.ts'
import { type Letter, mailboxOf, type ThreadPlace, withoutControls } from './mail.ts'
import type { MailSeal } from './seal.ts'

/**
 * Puts a letter into the outbox: it leaves after the caller's commit, and not at all without it. Whether the address is a
 * good one is found out by whoever delivers it; nothing here stands in the way of the caller's own work.
 *
 * @param place when it shall not leave before the earlier ones about the same
 */
export async function queueMail(tx: Tx, seal: MailSeal, letter: Letter, place?: ThreadPlace): Promise<MailId> {
  const { to, subject, text, html, kind, sendBefore } = letter
  const id = newId<MailId>()
  const body = seal.close(id, { text, ...(html !== undefined && { html }) })
  const { thread = null, position = null } = place ?? {}
  const about = withoutControls(subject)
  await insertMail(tx, id, kind, to, mailboxOf(to), about, body, sendBefore ?? null, thread, position)
  return id
}

/** So many of one kind; more would be a way to fill somebody's mailbox through us. */
const OF_A_KIND_PER_HOUR_MAX = 5

/**
 * How long to wait before one more mail of this kind should be sent to this mailbox; 0: it may go now. Asked by those who
 * mail addresses that anybody may have given, before they write; {@link queueMail} does not ask.
 *
 * @returns seconds
 */
export async function pauseBefore(db: Db, { to, kind }: Pick<Letter, 'to' | 'kind'>): Promise<number> {
  const found = await findPause(db, mailboxOf(to), kind, OF_A_KIND_PER_HOUR_MAX)
  return found?.seconds ?? 0
}
