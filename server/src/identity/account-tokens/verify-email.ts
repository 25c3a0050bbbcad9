import type { CustomerId } from '../../kernel/ids.ts'
import { Refused } from '../../kernel/refused.ts'
import type { Database, Db, Tx } from '../../store/database.ts'
import { notSignedIn } from '../caller.ts'
import { nameKey } from '../names.ts'
import type { Hasher } from '../passwords/index.ts'
import type { IdentityRefusal } from '../refusals.ts'
import type { Presented } from '../session.ts'
import { rememberAddress, type Throttle } from '../throttle/index.ts'
import { type AccountMailContext, mayMail, queueEmailChanged, queueVerification } from './account-mails.ts'
import { badToken, tokenHash } from './account-token.ts'
import * as sql from './account-tokens.sql.ts'

/** What is known of the caller's e-mail. */
export interface EmailVerification {
  readonly customerId: CustomerId
  readonly email: string
  readonly emailKey: string
  /** When it was last confirmed; null: not yet. */
  readonly verifiedAt: Date | null
  /** Where a link to choose a new password goes: the e-mail, or the one before while this one is not confirmed. */
  readonly recoveryEmail: string
}

/** @throws identity.not-signed-in */
export async function getEmailVerification(db: Db, presented: Presented): Promise<EmailVerification> {
  const found = await sql.findVerification(db, presented)
  if (!found) throw notSignedIn()
  return found
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
  context: AccountMailContext,
  presented: Presented,
  address: string,
): Promise<{ queued: boolean }> {
  const caller = await getEmailVerification(db, presented)
  if (caller.verifiedAt) return { queued: false }
  await context.throttle.countMailRequest({ account: caller.customerId, address })
  const to = { ...caller, isChange: isPending(caller) }
  const retryAfterSeconds = await db.transaction((tx) => queueVerification(tx, context, to))
  if (retryAfterSeconds > 0) throw new Refused<IdentityRefusal>({ code: 'identity.too-many-tries', retryAfterSeconds })
  return { queued: true }
}

/** Another e-mail for the caller's account, and what it takes to tell everybody whom it concerns. */
export interface NewEmail {
  readonly email: string
  readonly mails: AccountMailContext
  /** Where the caller comes from. */
  readonly address: string
}

/**
 * What is to be mailed in the transaction that gives the customer this e-mail: a link to confirm it goes there, a notice
 * to the address that is surely theirs. Undefined when the e-mail is this one already.
 */
export async function prepareNewEmail(
  db: Db,
  presented: Presented,
  { email, mails, address }: NewEmail,
): Promise<((tx: Tx) => Promise<void>) | undefined> {
  const { customerId, emailKey } = await getEmailVerification(db, presented)
  if (nameKey(email) === emailKey) return undefined
  // Counted before there is a transaction: the throttle may want a connection of its own.
  const mayVerify = await mayMail(mails.throttle, { account: customerId, address })
  return async (tx) => {
    await queueEmailChanged(tx, mails, customerId)
    const to = await sql.findAddresses(tx, customerId)
    if (to && mayVerify) await queueVerification(tx, mails, { ...to, customerId, isChange: isPending(to) })
  }
}

const isPending = (it: { email: string; recoveryEmail: string }) => it.email !== it.recoveryEmail

export interface VerifyContext {
  readonly hasher: Hasher
  readonly throttle: Throttle
}

/**
 * Notes that the customer reads mail at the address the token was sent to. One that takes the place of another is where
 * links to choose a new password go from then on, so the password is asked for: a session that somebody has borrowed must
 * not be enough to take the account over (docs/adr/0012).
 *
 * @param wish.password only needed where {@link findEmailToConfirm} says so
 * @throws identity.bad-token, identity.password-needed, identity.too-many-tries, identity.busy,
 *   identity.wrong-credentials: looked for in this order
 * @see docs/contracts/README.md, Account life
 */
export async function verifyEmail(
  db: Database,
  { hasher, throttle }: VerifyContext,
  wish: { token: string; password?: string | undefined; address: string },
): Promise<void> {
  const presented = tokenHash(wish.token)
  const owner = await sql.findVerifyOwner(db, presented)
  if (!owner) throw badToken()
  if (owner.needsPassword) {
    const { password } = wish
    if (!password) throw new Refused<IdentityRefusal>({ code: 'identity.password-needed' })
    await throttle.tryPasswordAgain(`token ${presented.toString('base64')}`, async () => {
      const { matches } = await hasher.verify(password, owner.passwordHash)
      if (!matches) throw new Refused<IdentityRefusal>({ code: 'identity.wrong-credentials' })
    })
  }
  await db.transaction(async (tx) => {
    // A password that was changed since we looked is not the one that was given: the token is not used up then.
    if (!(await sql.useVerifyToken(tx, presented, owner.needsPassword ? owner.passwordHash : null))) throw badToken()
    if (!owner.needsPassword) return
    await sql.deleteToken(tx, owner.customerId, 'reset-password')
    await rememberAddress(tx, throttle, owner.customerId, wish.address)
  })
}

/** What this token confirms, and whether it takes the password as well; undefined for one that is not good. */
export async function findEmailToConfirm(
  db: Db,
  token: string,
): Promise<{ email: string; needsPassword: boolean } | undefined> {
  return await sql.findVerifyOwner(db, tokenHash(token))
}
