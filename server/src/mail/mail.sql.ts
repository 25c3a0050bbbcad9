import type { MailId } from '../kernel/ids.ts'
import { statement, statementOne } from '../store/statement.ts'
import type { ListedMail, OutgoingMail } from './mail.ts'

type NewMail = [
  ...[MailId, kind: string, to: string, mailbox: string, subject: string, Buffer, sendBefore: Date | null],
  ...[thread: string | null, position: number | null],
]

export const insertMail = statement<NewMail, Record<string, never>>(
  'mail.insert-mail',
  `insert into mails (id, kind, recipient, mailbox, subject, sealed_body, send_before, thread, thread_position)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
)

/** The mail that has to be an hour old before there is room for another; no row: there is. */
export const findPause = statementOne<[mailbox: string, kind: string, max: number], { seconds: number }>(
  'mail.find-pause',
  `select ceil(extract(epoch from queued_at + interval '1 hour' - now()))::integer as seconds from mails
    where mailbox = $1 and kind = $2 and queued_at > now() - interval '1 hour'
    order by queued_at desc offset $3::integer - 1 limit 1`,
)

/** A mail somebody is about to try, and what {@link decideNextTry} asks about it. */
export interface ClaimedMail extends Omit<OutgoingMail, 'text' | 'html'> {
  readonly sealedBody: Buffer
  readonly isTooLate: boolean
  /** Of the try before. */
  readonly lastError: string | null
  readonly attempts: number
  readonly waitedSeconds: number
}

/**
 * Takes the mail that has been due for longest, for so many seconds: who dies over it leaves it to be tried again then. No
 * lock is held while a mail server is talked to. Mails that wait for an earlier one of their thread are passed over.
 */
export const claimMail = statementOne<[number], ClaimedMail>(
  'mail.claim-mail',
  `update mails m set attempts = attempts + (send_before is null or send_before > now())::integer,
                    next_try_at = now() + $1::integer * interval '1 second'
    where id = (select w.id from mails w
                 where w.state = 'waiting' and w.next_try_at <= now()
                   and (w.thread is null or w.thread_position = (
                     select min(e.thread_position) from mails e where e.thread = w.thread and e.state = 'waiting'))
                 order by w.next_try_at limit 1 for update skip locked)
   returning id, kind, recipient as "to", subject, sealed_body as "sealedBody", queued_at as "queuedAt",
             coalesce(send_before <= now(), false) as "isTooLate", last_error as "lastError", attempts,
             extract(epoch from now() - queued_at)::integer as "waitedSeconds"`,
)

export const setDelivered = statement<[MailId], Record<string, never>>(
  'mail.set-delivered',
  `update mails set state = 'delivered', ended_at = now(), sealed_body = null, last_error = null
    where id = $1 and state = 'waiting'`,
)

export const setFailed = statement<[MailId, string], Record<string, never>>(
  'mail.set-failed',
  `update mails set state = 'failed', ended_at = now(), sealed_body = null, last_error = $2
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

export const findMail = statementOne<[MailId], ListedMail & { sealedBody: Buffer | null }>(
  'mail.find-mail',
  `select ${LISTED}, sealed_body as "sealedBody" from mails where id = $1`,
)

export const deleteMailsEndedBefore = statement<[days: number], Record<string, never>>(
  'mail.delete-mails-ended-before',
  `delete from mails where state <> 'waiting' and ended_at < now() - $1::integer * interval '1 day'`,
)
