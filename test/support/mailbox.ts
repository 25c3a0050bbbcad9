import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { emlFile, findMail, type MailId, makeMailSeal, textOfEml } from '../../server/src/mail/index.ts'
import type { Db } from '../../server/src/store/database.ts'
import type { ShopServer } from './shop-server.ts'

/** What mails are found by: a {@link ShopServer} has it, and a shop in a process of its own. */
interface MailedShop {
  readonly db: Db
  readonly config: Pick<ShopServer['config'], 'secretKeys' | 'dataDir'>
}

export interface FoundMail {
  readonly id: MailId
  readonly subject: string
  readonly text: string
  /** The one a customer's mail is about; empty when there is none in it. */
  readonly token: string
}

type OrderKind = `order-${string}` | `refund-${string}` | 'transfer-details'
type Kind = 'verify-email' | 'reset-password' | 'email-changed' | 'password-changed' | OrderKind

/** All mails of a kind to somebody, newest first, whether they still wait or lie in the folder. */
export async function mailsTo(
  { db, config }: MailedShop,
  to: string,
  kind: Kind,
  limit?: number,
): Promise<FoundMail[]> {
  const { rows } = await db.query<{ id: MailId; subject: string }>({
    text: 'select id, subject from mails where recipient = $1 and kind = $2 order by id desc limit $3',
    values: [to, kind, limit ?? null],
  })
  const seal = makeMailSeal(config.secretKeys)
  return Promise.all(
    rows.map(async ({ id, subject }) => {
      const waiting = (await findMail(db, seal, id))?.text
      // It lies in the folder before it is wiped.
      const text = waiting ?? textOfEml(readFileSync(emlFile(join(config.dataDir, 'mail'), id), 'utf8'))
      return { id, subject, text, token: /[?&]token=([\w-]+)/.exec(text)?.[1] ?? '' }
    }),
  )
}

/** The newest of them. */
export async function lastMailTo(server: MailedShop, to: string, kind: Kind): Promise<FoundMail> {
  const [mail] = await mailsTo(server, to, kind, 1)
  if (!mail) throw new Error(`no mail about ${kind} to ${to}`)
  return mail
}
