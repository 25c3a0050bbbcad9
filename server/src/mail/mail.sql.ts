import type { MailId } from '../kernel/ids.ts'
import { statement, statementOne } from '../store/statement.ts'
import type { ListedMail, OutgoingMail } from './mail.ts'

export const insertMail = statement<[MailId, string, string, string, string, string | null], Record<string, never>>(
  'mail.insert-mail',
  `insert into mails (id, kind, recipient, subject, body_text, body_html) values ($1, $2, $3, $4, $5, $6)`,
)

/** A mail somebody is about to try, and what {@link decideNextTry} asks about it. */
export interface ClaimedMail extends Omit<OutgoingMail, 'html'> {
  readonly html: string | null
  readonly attempts: number
  readonly waitedSeconds: number
}

/**
 * Takes the mail that has been due for longest, for so many seconds: who dies over it leaves it to be tried again then. No
 * lock is held while a mail server is talked to.
 */
export const claimMail = statementOne<[number], ClaimedMail>(
  'mail.claim-mail',
  `update mails m set attempts = attempts + 1, next_try_at = now() + $1::integer * interval '1 second'
    where id = (select id from mails where state = 'waiting' and next_try_at <= now()
                 order by next_try_at limit 1 for update skip locked)
   returning id, kind, recipient as "to", subject, body_text as "text", body_html as "html", queued_at as "queuedAt",
             attempts, extract(epoch from now() - queued_at)::integer as "waitedSeconds"`,
)

export const setDelivered = statement<[MailId], Record<string, never>>(
  'mail.set-delivered',
  `update mails set state = 'delivered', ended_at = now(), body_text = null, body_html = null, last_error = null
    where id = $1 and state = 'waiting'`,
)

export const setFailed = statement<[MailId, string], Record<string, never>>(
  'mail.set-failed',
  `update mails set state = 'failed', ended_at = now(), body_text = null, body_html = null, last_error = $2
    where id = $1 and state = 'waiting'`,
)

export const setNextTry = statement<[MailId, string, number], Record<string, never>>(
  'mail.set-next-try',
  `update mails set last_error = $2, next_try_at = now() + $3::integer * interval '1 second'
    where id = $1 and state = 'waiting'`,
)

/** As if it had not been tried. */
export const unclaimMail = statement<[MailId], Record<string, never>>(
  'mail.unclaim-mail',
  `update mails set attempts = attempts - 1, next_try_at = now() where id = $1 and state = 'waiting'`,
)

const LISTED = `id, kind, recipient as "to", subject, state, attempts, queued_at as "queuedAt", next_try_at as "nextTryAt",
  last_error as "lastError"`

export const listNewest = statement<[limit: number, offset: number], ListedMail>(
  'mail.list-newest',
  `select ${LISTED} from mails order by id desc limit $1 offset $2`,
)

export const countMails = statementOne<[], { total: number }>('mail.count-mails', `select count(*) as total from mails`)

export const findMail = statementOne<[MailId], ListedMail & { text: string | null }>(
  'mail.find-mail',
  `select ${LISTED}, body_text as "text" from mails where id = $1`,
)

export const deleteMailsEndedBefore = statement<[days: number], Record<string, never>>(
  'mail.delete-mails-ended-before',
  `delete from mails where state <> 'waiting' and ended_at < now() - $1::integer * interval '1 day'`,
)
