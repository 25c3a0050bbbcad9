import type { MailId } from '../kernel/ids.ts'
import type { Page } from '../kernel/page.ts'
import type { Db } from '../store/database.ts'
import * as sql from './mail.sql.ts'
import type { ListedMail } from './mail.ts'
import type { MailSeal } from './seal.ts'

/** How long a mail that was delivered or given up is still listed. */
const KEEP_DAYS = 30

/** The newest mails of the last month first, and those that wait. */
export async function listMails(db: Db, { limit }: { limit: number }): Promise<Page<ListedMail>> {
  const items = await sql.listNewest(db, limit, 0)
  return { count: (await sql.countMails(db))?.total ?? 0, items }
}

/** The n-th newest, from 1, as {@link listMails} has them. */
export async function findNthMail(db: Db, n: number): Promise<ListedMail | undefined> {
  return (await sql.listNewest(db, 1, n - 1))[0]
}

/** One mail; its text only while it waits, and while the key it was sealed with is known. */
export async function findMail(
  db: Db,
  seal: MailSeal,
  id: MailId,
): Promise<(ListedMail & { text: string | null }) | undefined> {
  const found = await sql.findMail(db, id)
  if (!found) return undefined
  const { sealedBody, ...mail } = found
  return { ...mail, text: (sealedBody && seal.open(id, sealedBody)?.text) ?? null }
}

export async function forgetOldMails(db: Db): Promise<void> {
  await sql.deleteMailsEndedBefore(db, KEEP_DAYS)
}
