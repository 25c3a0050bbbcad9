import { queueMail } from '../../mail/index.ts'
import type { Database, Db, Tx } from '../../store/database.ts'
import { notSignedIn } from '../caller.ts'
import type { Presented } from '../session.ts'
import type { Throttle } from '../throttle.ts'
import { badToken, issueToken, type TokenOwner, tokenHash } from './account-token.ts'
import * as sql from './account-tokens.sql.ts'
import { type Letterhead, verificationLetter } from './letters.ts'

/** What everything that mails customers about their account works with. */
export interface AccountMailContext {
  readonly letterhead: Letterhead
  readonly throttle: Throttle
}

/** Mails a link that proves that the address is read. The one that was mailed before works no longer. */
export async function queueVerification(
  tx: Tx,
  letterhead: Letterhead,
  { email, ...owner }: TokenOwner & { readonly email: string },
): Promise<void> {
  const issued = await issueToken(tx, 'verify-email', owner)
  await queueMail(tx, verificationLetter(letterhead, { to: email, ...issued }))
}

/**
 * Mails the caller the link once more, unless the address is verified already.
 *
 * @returns whether a mail was queued
 * @throws identity.not-signed-in, identity.too-many-tries
 * @see docs/contracts/README.md, Account life
 */
export async function requestEmailVerification(
  db: Database,
  { letterhead, throttle }: AccountMailContext,
  presented: Presented,
  address: string,
): Promise<{ queued: boolean }> {
  const caller = await sql.findVerification(db, presented)
  if (!caller) throw notSignedIn()
  if (caller.isVerified) return { queued: false }
  await throttle.countMailRequest({ account: caller.customerId, address })
  await db.transaction((tx) => queueVerification(tx, letterhead, caller))
  return { queued: true }
}

/**
 * Notes that the customer reads mail at the address the token was sent to.
 *
 * @throws identity.bad-token
 * @see docs/contracts/README.md, Account life
 */
export async function verifyEmail(db: Db, token: string): Promise<void> {
  if (!(await sql.useVerifyToken(db, tokenHash(token)))) throw badToken()
}
