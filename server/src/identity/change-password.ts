import type { CustomerId } from '../kernel/ids.ts'
import type { Database, Tx } from '../store/database.ts'
import { type AccountMailContext, deleteToken, queuePasswordChanged } from './account-tokens/index.ts'
import { notSignedIn } from './caller.ts'
import { deleteOtherSessions, deleteSessionsOf, findPasswordOf, replacePassword } from './identity.sql.ts'
import { nameKey } from './names.ts'
import { decidePassword, type PasswordPolicy } from './passwords/index.ts'
import type { Presented, SessionOrigin } from './session.ts'
import { openSession, type SignInContext, wrongCredentials } from './sign-in.ts'
import { customerNotFound } from './update-profile.ts'

type ChangeContext = SignInContext & { readonly policy: PasswordPolicy; readonly mails: AccountMailContext }

/**
 * Gives the caller a new password and ends all sessions of theirs; the caller goes on with the new one that is returned.
 *
 * @param wish.name the caller's own username or e-mail, asked for again
 * @throws identity.not-signed-in, identity.customer-not-found, identity.too-many-tries,
 *   identity.wrong-credentials, identity.password-too-weak, identity.busy
 * @see docs/contracts/README.md, Shop, `PUT /api/profile/:customer_uuid/setpassword`
 */
export async function changePassword(
  db: Database,
  context: ChangeContext,
  presented: Presented,
  customerId: CustomerId,
  wish: { name: string; oldPassword: string; newPassword: string; origin: SessionOrigin },
): Promise<{ token: string; passwordHash: string; username: string }> {
  const caller = await findPasswordOf(db, presented)
  if (!caller) throw notSignedIn()
  if (caller.customerId !== customerId) throw customerNotFound()
  const isOwnName = [caller.usernameKey, caller.emailKey].includes(nameKey(wish.name))
  const passwordHash = await decideChange(context, caller, { ...wish, address: wish.origin.address, isOwnName })

  return db.transaction(async (tx) => {
    await replace(tx, context.mails, caller, passwordHash)
    await deleteSessionsOf(tx, customerId)
    const token = await openSession(tx, context.terms, customerId, passwordHash, wish.origin)
    if (!token) throw wrongCredentials()
    return { token, passwordHash, username: caller.username }
  })
}

/**
 * Gives the caller a new password; the session that asks stays, all others end.
 *
 * @throws identity.not-signed-in, identity.too-many-tries, identity.wrong-credentials, identity.password-too-weak, identity.busy
 * @see docs/contracts/README.md, Whoami, `POST /api/v1/whoami/change-password`
 */
export async function changePasswordHere(
  db: Database,
  context: ChangeContext,
  presented: Presented,
  wish: { oldPassword: string; newPassword: string; address: string },
): Promise<void> {
  const caller = await findPasswordOf(db, presented)
  if (!caller) throw notSignedIn()
  const passwordHash = await decideChange(context, caller, { ...wish, isOwnName: true })
  await db.transaction(async (tx) => {
    await replace(tx, context.mails, caller, passwordHash)
    await deleteOtherSessions(tx, caller.customerId, presented)
  })
}

type PasswordOwner = NonNullable<Awaited<ReturnType<typeof findPasswordOf>>>

/** The new password's hash, once the old one was right and the new one is good enough. */
async function decideChange(
  { hasher, policy, throttle }: ChangeContext,
  caller: PasswordOwner,
  wish: { oldPassword: string; newPassword: string; address: string; isOwnName: boolean },
): Promise<string> {
  const who = { name: caller.usernameKey, account: caller.customerId, address: wish.address }
  await throttle.tryPassword(who, async () => {
    const { matches } = await hasher.verify(wish.oldPassword, caller.passwordHash)
    if (!matches || !wish.isOwnName) throw wrongCredentials()
  })
  await decidePassword(policy, wish.newPassword, caller)
  return hasher.hash(wish.newPassword)
}

/**
 * Somebody else may have changed it since we looked: then the old password is no longer right. A link to reset it that was
 * mailed before is worth nothing any more; it goes first, because a reset takes the rows in this order.
 */
async function replace(
  tx: Tx,
  mails: AccountMailContext,
  { customerId, passwordHash }: PasswordOwner,
  renewed: string,
): Promise<void> {
  await deleteToken(tx, customerId, 'reset-password')
  if (!(await replacePassword(tx, customerId, passwordHash, renewed))) throw wrongCredentials()
  await queuePasswordChanged(tx, mails, customerId)
}
