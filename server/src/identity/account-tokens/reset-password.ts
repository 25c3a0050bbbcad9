import { setTimeout } from 'node:timers/promises'
import type { Database, Db } from '../../store/database.ts'
import { deleteSessionsOf } from '../identity.sql.ts'
import { nameKey } from '../names.ts'
import { decidePassword, type Hasher, type PasswordPolicy } from '../passwords/index.ts'
import { rememberAddress } from '../throttle/index.ts'
import { type AccountMailContext, queuePasswordChanged, queueReset } from './account-mails.ts'
import { badToken, tokenHash } from './account-token.ts'
import * as sql from './account-tokens.sql.ts'

/** Several times what writing a token and a mail takes. */
const ANSWER_AFTER_MS = 100

/**
 * Mails a link to choose a new password by, if there is such a customer. Answers the same, after the same time, if there
 * is none. It goes to the recovery e-mail, whichever name was given. The throttle counts the name as it was given, not the customer: that two names are one stays unknown.
 *
 * @param wish.name the username or the e-mail
 * @throws identity.too-many-tries
 * @see docs/contracts/README.md, Account life
 */
export async function requestPasswordReset(
  db: Database,
  context: AccountMailContext,
  wish: { name: string; address: string },
): Promise<void> {
  const key = nameKey(wish.name)
  await context.throttle.countMailRequest({ account: key, address: wish.address })
  await Promise.all([mailIfKnown(db, context, key), setTimeout(ANSWER_AFTER_MS)])
}

async function mailIfKnown(db: Database, context: AccountMailContext, key: string): Promise<void> {
  const customer = await sql.findMailable(db, key)
  if (customer) await db.transaction((tx) => queueReset(tx, context, customer))
}

/**
 * Gives the token's owner a new password and ends all their sessions; nobody is signed in by it. An e-mail that was not
 * confirmed with the password is undone (docs/adr/0012). A password that is refused leaves the token good. Whoever reads
 * the owner's mail is the owner: the address is known from now on, so that they get in from there whatever strangers try.
 *
 * @throws identity.bad-token, identity.password-too-weak, identity.busy: looked for in this order
 * @see docs/contracts/README.md, Account life
 */
export async function resetPassword(
  db: Database,
  { hasher, policy, mails }: { hasher: Hasher; policy: PasswordPolicy; mails: AccountMailContext },
  wish: { token: string; newPassword: string; address: string },
): Promise<void> {
  const presented = tokenHash(wish.token)
  const owner = await sql.findResetOwner(db, presented)
  if (!owner) throw badToken()
  await decidePassword(policy, wish.newPassword, owner)
  const passwordHash = await hasher.hash(wish.newPassword)
  await db.transaction(async (tx) => {
    const taken = await sql.takeResetToken(tx, presented)
    if (!taken) throw badToken()
    const { customerId, emailKey } = taken
    await sql.restoreRecoveryEmail(tx, customerId, emailKey)
    if (!(await sql.setResetPassword(tx, customerId, emailKey, passwordHash))) throw badToken()
    await deleteSessionsOf(tx, customerId)
    await rememberAddress(tx, mails.throttle, customerId, wish.address)
    await queuePasswordChanged(tx, mails, customerId)
  })
  await mails.throttle.forgive([nameKey(owner.username), nameKey(owner.email)], wish.address)
}

/** Where the mail with this token went; undefined for one that is not good. */
export async function findResetOwner(db: Db, token: string): Promise<{ email: string } | undefined> {
  return await sql.findResetOwner(db, tokenHash(token))
}
