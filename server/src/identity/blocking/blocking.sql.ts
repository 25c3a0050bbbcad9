import type { CustomerId } from '../../kernel/ids.ts'
import { statementOne } from '../../store/statement.ts'
import type { CustomerFile } from './find-customer-file.ts'

/** Once the row is locked no session is opened any more: those that are counted are all there are. */
export const lockByName = statementOne<
  [nameKey: string],
  { id: CustomerId; username: string; email: string; blockedAt: Date | null }
>(
  'identity.lock-by-name',
  `select id, username, email, blocked_at as "blockedAt" from customers
    where username_key = $1 or email_key = $1 for no key update`,
)

export const countLiveSessions = statementOne<[CustomerId], { sessions: number }>(
  'identity.count-live-sessions',
  `select count(*) as sessions from sessions where customer_id = $1 and live_until > now()`,
)

/**
 * A trigger ends the sessions of whoever is blocked by it. What an operator says counts for more than an import, unless
 * it was nothing: an unblocking of somebody who may sign in.
 */
export const setBlocked = statementOne<[CustomerId, isBlocked: boolean], { blockedAt: Date | null }>(
  'identity.set-blocked',
  `update customers set blocked_at = case when $2 then coalesce(blocked_at, now()) end,
                        follows_import = follows_import and not $2 and blocked_at is null
    where id = $1 returning blocked_at as "blockedAt"`,
)

export const findFile = statementOne<[nameKey: string], CustomerFile>(
  'identity.find-file',
  `select c.id, c.username, c.email, c.email_verified_at as "emailVerifiedAt", c.joined_at as "joinedAt",
          c.blocked_at as "blockedAt", c.follows_import as "followsImport", s.sessions, s.seen_at as "seenAt"
     from customers c, lateral (
       select count(*) as sessions, max(seen_at) as seen_at
         from sessions where customer_id = c.id and live_until > now()) s
    where c.username_key = $1 or c.email_key = $1`,
)
