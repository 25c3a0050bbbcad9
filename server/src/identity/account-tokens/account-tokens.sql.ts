import type { CustomerId } from '../../kernel/ids.ts'
import { statement, statementOne } from '../../store/statement.ts'
import { INACTIVE_PREFIX } from '../import-django/password.ts'
import type { Presented } from '../session.ts'
import type { AccountTokenKind } from './account-token.ts'

/** A customer who was blocked where they came from does not get in by mail. */
const IS_ACTIVE = `not starts_with(password_hash, '${INACTIVE_PREFIX}')`

export const upsertToken = statementOne<
  [CustomerId, AccountTokenKind, Buffer, string, hours: number],
  { expiresAt: Date }
>(
  'identity.upsert-token',
  `insert into account_tokens (customer_id, kind, token_hash, email_key, expires_at)
   values ($1, $2, $3, $4, now() + $5::integer * interval '1 hour')
   on conflict (customer_id, kind) do update
      set token_hash = excluded.token_hash, email_key = excluded.email_key, expires_at = excluded.expires_at
   returning expires_at as "expiresAt"`,
)

/** Uses the token up. Of two who come with it at once the second finds nothing. */
export const useVerifyToken = statementOne<[Buffer], { customerId: CustomerId }>(
  'identity.use-verify-token',
  `with used as (
     delete from account_tokens where token_hash = $1 and kind = 'verify-email' and expires_at > now()
     returning customer_id, email_key
   )
   update customers c set email_verified_at = now() from used
    where c.id = used.customer_id and c.email_key = used.email_key
   returning c.id as "customerId"`,
)

export const findResetOwner = statementOne<
  [Buffer],
  { customerId: CustomerId; username: string; email: string; firstName: string }
>(
  'identity.find-reset-owner',
  `select c.id as "customerId", c.username, c.email, c.first_name as "firstName"
     from account_tokens t join customers c on c.id = t.customer_id and c.email_key = t.email_key
    where t.token_hash = $1 and t.kind = 'reset-password' and t.expires_at > now() and ${IS_ACTIVE}`,
)

/** Uses the token up and sets the password; whoever has the token reads the mail, so the address is verified as well. */
export const useResetToken = statementOne<[Buffer, passwordHash: string], { customerId: CustomerId }>(
  'identity.use-reset-token',
  `with used as (
     delete from account_tokens where token_hash = $1 and kind = 'reset-password' and expires_at > now()
     returning customer_id, email_key
   )
   update customers c set password_hash = $2, email_verified_at = coalesce(c.email_verified_at, now()) from used
    where c.id = used.customer_id and c.email_key = used.email_key and ${IS_ACTIVE}
   returning c.id as "customerId"`,
)

export const deleteToken = statement<[CustomerId, AccountTokenKind], Record<string, never>>(
  'identity.delete-token',
  `delete from account_tokens where customer_id = $1 and kind = $2`,
)

export const deleteExpiredTokens = statement<[], Record<string, never>>(
  'identity.delete-expired-tokens',
  `delete from account_tokens where expires_at <= now()`,
)

export const findVerification = statementOne<
  [Presented],
  { customerId: CustomerId; email: string; emailKey: string; isVerified: boolean }
>(
  'identity.find-verification',
  `select c.id as "customerId", c.email, c.email_key as "emailKey", c.email_verified_at is not null as "isVerified"
     from live_session($1) s join customers c on c.id = s.customer_id`,
)

export const findMailable = statementOne<
  [nameKey: string],
  { customerId: CustomerId; email: string; emailKey: string }
>(
  'identity.find-mailable',
  `select id as "customerId", email, email_key as "emailKey" from customers
    where (username_key = $1 or email_key = $1) and ${IS_ACTIVE}`,
)
