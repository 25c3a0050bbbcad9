import { hash } from 'node:crypto'
import type { CustomerId } from '../../kernel/ids.ts'
import { Refused } from '../../kernel/refused.ts'
import type { Tx } from '../../store/database.ts'
import type { IdentityRefusal } from '../refusals.ts'
import { newToken } from '../session.ts'
import { upsertToken } from './account-tokens.sql.ts'

export type AccountTokenKind = 'verify-email' | 'reset-password'

/** Verifying can wait for the weekend; a way into the account should not lie about. */
const VALID_HOURS: Readonly<Record<AccountTokenKind, number>> = { 'verify-email': 72, 'reset-password': 1 }

/** Whose token it is to be, and the address it is good for. */
export interface TokenOwner {
  readonly customerId: CustomerId
  readonly emailKey: string
}

/**
 * Makes a token of 256 random bits that works once. It takes the place of the customer's older one of its kind, and is
 * worth nothing once mails of its kind go to another address.
 *
 * @returns the token, which is to be mailed and nothing else: only its hash is stored, and the mail sealed
 */
export async function issueToken(
  tx: Tx,
  kind: AccountTokenKind,
  { customerId, emailKey }: TokenOwner,
): Promise<{ token: string; expiresAt: Date }> {
  const token = newToken()
  const issued = await upsertToken(tx, customerId, kind, tokenHash(token), emailKey, VALID_HOURS[kind])
  if (!issued) throw new Error('the token was not stored')
  return { token, expiresAt: issued.expiresAt }
}

/** SHA-256 is enough for 256 random bits. No session's token hashes to the same: the texts begin differently. */
export function tokenHash(token: string): Buffer {
  return hash('sha256', `tradepost account token ${token}`, 'buffer')
}

export function badToken(): Refused<IdentityRefusal> {
  return new Refused<IdentityRefusal>({ code: 'identity.bad-token' })
}
