import type { CustomerId } from '../../kernel/ids.ts'
import { statement, statementOne } from '../../store/statement.ts'
import type { Presented } from '../session.ts'
import type { AccountTokenKind } from './account-token.ts'

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

/** Who is blocked is nobody's owner: a link that asks for the password as well must not tell whether it is right. */
export const findVerifyOwner = statementOne<
  [Buffer],
  { customerId: CustomerId; email: string; emailKey: string; passwordHash: string; needsPassword: boolean }
>(
  'identity.find-verify-owner',
  `select c.id as "customerId", c.email, c.email_key as "emailKey", c.password_hash as "passwordHash",
          c.recovery_email_key is not null as "needsPassword"
     from account_tokens t join customers c on c.id = t.customer_id and c.email_key = t.email_key
    where t.token_hash = $1 and t.kind = 'verify-email' and t.expires_at > now() and c.blocked_at is null`,
)

/**
 * Uses the token up; from then on the e-mail is the recovery e-mail as well. Of two who come with it at once the second
 * finds nothing.
 *
 * @param verified the hash of the password that was right, where it is asked for
 */
export const useVerifyToken = statementOne<[Buffer, verified: string | null], { customerId: CustomerId }>(
  'identity.use-verify-token',
  `with used as (
     delete from account_tokens where token_hash = $1 and kind = 'verify-email' and expires_at > now()
     returning customer_id, email_key
   )
   update customers c set email_verified_at = now(), recovery_email = null, recovery_email_key = null from used
    where c.id = used.customer_id and c.email_key = used.email_key and c.blocked_at is null
      and (c.recovery_email_key is null or c.password_hash = $2)
   returning c.id as "customerId"`,
)

/** Where links to choose a new password go. */
const RECOVERY_EMAIL = 'coalesce(c.recovery_email, c.email)'
const RECOVERY_EMAIL_KEY = 'coalesce(c.recovery_email_key, c.email_key)'

export const findResetOwner = statementOne<
  [Buffer],
  { customerId: CustomerId; username: string; email: string; firstName: string }
>(
  'identity.find-reset-owner',
  `select c.id as "customerId", c.username, ${RECOVERY_EMAIL} as email, c.first_name as "firstName"
     from account_tokens t join customers c on c.id = t.customer_id and ${RECOVERY_EMAIL_KEY} = t.email_key
    where t.token_hash = $1 and t.kind = 'reset-password' and t.expires_at > now() and c.blocked_at is null`,
)

/** Uses the token up. Of two who come with it at once the second finds nothing. */
export const takeResetToken = statementOne<[Buffer], { customerId: CustomerId; emailKey: string }>(
  'identity.take-reset-token',
  `delete from account_tokens where token_hash = $1 and kind = 'reset-password' and expires_at > now()
   returning customer_id as "customerId", email_key as "emailKey"`,
)

/** An e-mail that was not confirmed with the password makes room for the one before; so does a username that is one. */
export const restoreRecoveryEmail = statement<[CustomerId, emailKey: string], Record<string, never>>(
  'identity.restore-recovery-email',
  `update customers
      set email = recovery_email, email_key = recovery_email_key,
          username = case when position('@' in username_key) > 0 then recovery_email else username end,
          username_key = case when position('@' in username_key) > 0 then recovery_email_key else username_key end
    where id = $1 and recovery_email_key = $2`,
)

/** Whoever had the token reads the mail, so the address is verified as well. */
export const setResetPassword = statementOne<
  [CustomerId, emailKey: string, passwordHash: string],
  { customerId: CustomerId }
>(
  'identity.set-reset-password',
  `update customers set password_hash = $3, follows_import = false, email_verified_at = coalesce(email_verified_at, now())
    where id = $1 and email_key = $2 and blocked_at is null returning id as "customerId"`,
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
  { customerId: CustomerId; email: string; emailKey: string; verifiedAt: Date | null; recoveryEmail: string }
>(
  'identity.find-verification',
  `select c.id as "customerId", c.email, c.email_key as "emailKey", c.email_verified_at as "verifiedAt",
          ${RECOVERY_EMAIL} as "recoveryEmail"
     from live_session($1) s join customers c on c.id = s.customer_id`,
)

export const findAddresses = statementOne<[CustomerId], { email: string; emailKey: string; recoveryEmail: string }>(
  'identity.find-addresses',
  `select c.email, c.email_key as "emailKey", ${RECOVERY_EMAIL} as "recoveryEmail" from customers c where c.id = $1`,
)

/** Who is blocked is mailed no way in. */
export const findMailable = statementOne<
  [nameKey: string],
  { customerId: CustomerId; email: string; emailKey: string }
>(
  'identity.find-mailable',
  `select c.id as "customerId", ${RECOVERY_EMAIL} as email, ${RECOVERY_EMAIL_KEY} as "emailKey" from customers c
    where (c.username_key = $1 or c.email_key = $1 or c.recovery_email_key = $1) and c.blocked_at is null`,
)
