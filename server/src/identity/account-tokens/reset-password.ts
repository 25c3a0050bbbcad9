import { setTimeout } from 'node:timers/promises'
import { queueMail } from '../../mail/index.ts'
import type { Database } from '../../store/database.ts'
import { deleteSessionsOf } from '../identity.sql.ts'
import { nameKey } from '../names.ts'
import { decidePassword, type Hasher, type PasswordPolicy } from '../passwords/index.ts'
import { badToken, issueToken, tokenHash } from './account-token.ts'
import * as sql from './account-tokens.sql.ts'
import { type Letterhead, resetLetter } from './letters.ts'
import type { AccountMailContext } from './verify-email.ts'

/** Several times what writing a token and a mail takes. */
const ANSWER_AFTER_MS = 100

/**
 * Mails a link to choose a new password by, if there is such a customer. Answers the same, after the same time, if there
 * is none. The throttle counts the name as it was given, not the customer: that two names are one stays unknown.
 *
 * @param wish.name the username or the e-mail
 * @throws identity.too-many-tries
 * @see docs/contracts/README.md, Account life
 */
export async function requestPasswordReset(
  db: Database,
  { letterhead, throttle }: AccountMailContext,
  wish: { name: string; address: string },
): Promise<void> {
  const key = nameKey(wish.name)
  await throttle.countMailRequest({ account: key, address: wish.address })
  await Promise.all([mailIfKnown(db, letterhead, key), setTimeout(ANSWER_AFTER_MS)])
}

async function mailIfKnown(db: Database, letterhead: Letterhead, key: string): Promise<void> {
  const customer = await sql.findMailable(db, key)
  if (!customer) return
  await db.transaction(async (tx) => {
    const issued = await issueToken(tx, 'reset-password', customer)
    await queueMail(tx, resetLetter(letterhead, { to: customer.email, ...issued }))
  })
}

/**
 * Gives the token's owner a new password and ends all their sessions; nobody is signed in by it. A password that is
 * refused leaves the token good.
 *
 * @throws identity.bad-token, identity.password-too-weak, identity.busy: looked for in this order
 * @see docs/contracts/README.md, Account life
 */
export async function resetPassword(
  db: Database,
  { hasher, policy }: { hasher: Hasher; policy: PasswordPolicy },
  wish: { token: string; newPassword: string },
): Promise<void> {
  const presented = tokenHash(wish.token)
  const owner = await sql.findResetOwner(db, presented)
  if (!owner) throw badToken()
  await decidePassword(policy, wish.newPassword, owner)
  const passwordHash = await hasher.hash(wish.newPassword)
  await db.transaction(async (tx) => {
    const used = await sql.useResetToken(tx, presented, passwordHash)
    if (!used) throw badToken()
    await deleteSessionsOf(tx, used.customerId)
  })
}
