import type { CustomerId, SessionId } from '../kernel/ids.ts'
import type { MediaName } from '../media/index.ts'
import { statement, statementOne, statementTogether } from '../store/statement.ts'
import { CUSTOMER_COLUMNS, type Customer } from './customer.ts'
import type { ListedSession, Presented, SessionKind } from './session.ts'

/** One row, or none: no live session. */
export const findCustomerOf = statementTogether<[Presented], Customer>(
  'identity.find-customer-of',
  `select asked.place, ${CUSTOMER_COLUMNS}
     from unnest($1::bytea[]) with ordinality asked (token_hash, place)
    cross join lateral (
      select * from customers where id = (select customer_id from live_session(asked.token_hash)) limit 1
    ) c`,
)

export const findCallerOf = statementOne<[Presented], { customerId: CustomerId; sessionId: SessionId }>(
  'identity.find-caller-of',
  `select customer_id as "customerId", session_id as "sessionId" from live_session($1)`,
)

export const listTakenNames = statement<[string, string], { username: boolean; email: boolean }>(
  'identity.list-taken-names',
  `select username_key = $1 as username, $2 in (email_key, coalesce(recovery_email_key, '')) as email from customers
    where username_key = $1 or email_key = $2 or recovery_email_key = $2`,
)

type NewCustomer = [CustomerId, string, string, string, string, string, string]

export const insertCustomer = statementOne<NewCustomer, { id: CustomerId }>(
  'identity.insert-customer',
  `insert into customers (id, username, username_key, email, email_key, password_hash, first_name)
   values ($1, $2, $3, $4, $5, $6, $7) returning id`,
)

type FoundForSignIn =
  | {
      customerId: CustomerId
      username: string
      email: string
      passwordHash: string
      /** Whether the address of these marks was noted lately; null when it is not known at all. */
      isAddressFresh: boolean | null
    }
  | { customerId: null; passwordHash: string | null }

/**
 * Always a row: for a name that is nobody's, and for whoever is blocked, the stand-in's hash, and no more of them; null in
 * an empty shop.
 *
 * @see StandInPoint
 */
export const findForSignIn = statementOne<
  [nameKey: string, marks: readonly string[], standInPoint: string],
  FoundForSignIn
>(
  'identity.find-for-sign-in',
  `select c.id as "customerId", c.username, c.email,
          coalesce(c.password_hash,
            (select password_hash from customers where uuid_hash_extended(id, 0) >= $3::bigint
              order by uuid_hash_extended(id, 0) limit 1),
            (select password_hash from customers order by uuid_hash_extended(id, 0) limit 1)) as "passwordHash",
          (select bool_or(k.seen_at > now() - interval '1 day') from known_addresses k
            where k.customer_id = c.id and k.mark = any ($2)) as "isAddressFresh"
     from (values (1)) one left join customers c
        on (c.username_key = $1 or c.email_key = $1) and c.blocked_at is null`,
)

export const findPasswordHash = statementOne<[CustomerId], { passwordHash: string }>(
  'identity.find-password-hash',
  `select password_hash as "passwordHash" from customers where id = $1`,
)

export const findPasswordOf = statementOne<
  [Presented],
  {
    customerId: CustomerId
    sessionId: SessionId
    username: string
    usernameKey: string
    email: string
    emailKey: string
    firstName: string
    passwordHash: string
  }
>(
  'identity.find-password-of',
  `select c.id as "customerId", s.session_id as "sessionId", c.username, c.username_key as "usernameKey",
          c.email, c.email_key as "emailKey", c.first_name as "firstName", c.password_hash as "passwordHash"
     from live_session($1) s join customers c on c.id = s.customer_id`,
)

type NewSession = [
  SessionId,
  Presented,
  SessionKind,
  CustomerId,
  string,
  number,
  number,
  string,
  string,
  readonly Presented[],
]

/**
 * Opens a session if the password is still the one that was verified: the lock waits for a change of password or a
 * blocking that is under way, and one that comes later finds this session and ends it. A trigger lets none be opened for
 * a blocked customer; it may write to the locked row, which two who share its lock could not. Ends the sessions it
 * replaces, and of the customer's sessions of this kind those beyond fifty that were not used for longest.
 */
export const insertSession = statementOne<NewSession, { id: SessionId; expiresAt: Date }>(
  'identity.insert-session',
  `with replaced as (delete from sessions where token_hash = any ($10)), oldest as (
     delete from sessions where id in (
       select id from sessions where customer_id = $4 and kind = $3 order by seen_at desc, id desc offset 49)
   )
   insert into sessions (id, token_hash, kind, customer_id, live_until, expires_at, address, agent)
   select $1, $2, $3, c.id, now() + least($6::integer, $7::integer) * interval '1 day', now() + $7 * interval '1 day', $8, $9
     from customers c where c.id = $4 and c.password_hash = $5 for no key update
   returning id, expires_at as "expiresAt"`,
)

export const replacePassword = statementOne<[CustomerId, string, string], { id: CustomerId }>(
  'identity.replace-password',
  `update customers set password_hash = $3, follows_import = false where id = $1 and password_hash = $2 returning id`,
)

export const deleteSessionsOf = statement<[CustomerId], Record<string, never>>(
  'identity.delete-sessions-of',
  `delete from sessions where customer_id = $1`,
)

/** All but the one that is presented. */
export const deleteOtherSessions = statement<[CustomerId, Presented], Record<string, never>>(
  'identity.delete-other-sessions',
  `delete from sessions where customer_id = $1 and token_hash <> $2`,
)

export const deleteSession = statement<[Presented], Record<string, never>>(
  'identity.delete-session',
  `delete from sessions where token_hash = $1`,
)

/** Leaves alone what was noted less than a minute ago: a row version for every request would cost more than the request. */
export const touchSessions = statement<[Presented[], number, number], Record<string, never>>(
  'identity.touch-sessions',
  `update sessions
      set seen_at = now(),
          live_until = least(expires_at, case kind when 'cookie' then now() + $2::integer * interval '1 day'
                                                   when 'access' then now() + $3::integer * interval '1 day'
                                                   else expires_at end)
    where token_hash = any ($1) and live_until > now() and seen_at < now() - interval '1 minute'`,
)

export const deleteDeadSessions = statement<[], Record<string, never>>(
  'identity.delete-dead-sessions',
  `delete from sessions where live_until <= now()`,
)

type ProfileTexts = [string | null, string | null, string | null, string | null, string | null, string | null]

/**
 * Changes the caller's row where there is something to change it to, and tells which avatar another takes the place of.
 * The row is locked before it is read: of several changes at once, each is told of the avatar before its own.
 */
export const changeCustomer = statementOne<
  [Presented, string | null, string | null, string | null, string | null, ...ProfileTexts, MediaName | '' | null],
  Customer & { replaced: MediaName | '' }
>(
  'identity.change-customer',
  `with before as (
     select c.id, c.avatar from live_session($1) s join customers c on c.id = s.customer_id for update of c
   )
   update customers c
      set username = coalesce($2, username), username_key = coalesce($3, username_key),
          email = coalesce($4, email), email_key = coalesce($5, email_key),
          first_name = coalesce($6, first_name), last_name = coalesce($7, last_name), patronymic = coalesce($8, patronymic),
          phone = coalesce($9, phone), city = coalesce($10, city), address = coalesce($11, address),
          avatar = coalesce($12, c.avatar)
     from before where c.id = before.id
   returning case when c.avatar <> before.avatar then before.avatar else '' end as replaced, ${CUSTOMER_COLUMNS}`,
)

export const listSessions = statement<[Presented], ListedSession>(
  'identity.list-sessions',
  `select o.id, o.kind, o.created_at as "createdAt", o.seen_at as "seenAt", o.live_until as "liveUntil", o.address, o.agent,
          o.id = s.session_id as "isCurrent"
     from live_session($1) s join sessions o on o.customer_id = s.customer_id
    where o.live_until > now() order by o.seen_at desc, o.id desc`,
)

/** No row: no live session. */
export const deleteSessionOf = statementOne<[Presented, SessionId], { deleted: boolean }>(
  'identity.delete-session-of',
  `with caller as (select customer_id from live_session($1)), gone as (
     delete from sessions o using caller c where o.id = $2 and o.customer_id = c.customer_id returning 1
   )
   select exists (select from gone) as deleted from caller`,
)
