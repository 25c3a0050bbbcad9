import type { CustomerId } from '../kernel/ids.ts'
import type { Database } from '../store/database.ts'
import { type AccountMailContext, deleteToken, queuePasswordChanged } from './account-tokens/index.ts'
import { customerNotFound, notSignedIn } from './caller.ts'
import { deleteOtherSessions, deleteSessionsOf, findPasswordOf, replacePassword } from './identity.sql.ts'
import { nameKey } from './names.ts'
import { decidePassword, type PasswordPolicy } from './passwords/index.ts'
import type { Presented, SessionOrigin } from './session.ts'
import { openSession, type SignInContext, wrongCredentials } from './sign-in.ts'

export interface PasswordChange {
  readonly oldPassword: string
  readonly newPassword: string
  /** Where a contract asks whose password is meant, though the session says it: the customer, and a name that signs them in. */
  readonly owner?: { readonly customerId: CustomerId; readonly name: string }
  /** The caller goes on with a new session of this origin; undefined: with the one that asks. */
  readonly reopenAs?: SessionOrigin
}

export interface ChangedPassword {
  readonly username: string
  /** For {@link maskHash}. */
  readonly passwordHash: string
  /** Of the new session, where one was wanted; for the client alone. */
  readonly token: string | undefined
}

/**
 * Gives the caller a new password and ends all sessions of theirs but the one they go on with; they are told by mail. What
 * was mailed to reset the old one is worth nothing any more.
 *
 * @throws identity.not-signed-in, identity.customer-not-found, identity.too-many-tries,
 *   identity.wrong-credentials, identity.password-too-weak, identity.busy
 * @see docs/contracts/README.md, Shop, `PUT /api/profile/:customer_uuid/setpassword`, and Whoami,
 *   `POST /api/v1/whoami/change-password`
 */
export async function changePassword(
  db: Database,
  context: SignInContext & { readonly policy: PasswordPolicy; readonly mails: AccountMailContext },
  presented: Presented,
  wish: PasswordChange,
): Promise<ChangedPassword> {
  const caller = await findPasswordOf(db, presented)
  if (!caller) throw notSignedIn()
  if (wish.owner && wish.owner.customerId !== caller.customerId) throw customerNotFound()
  await verifyOldPassword(context, caller, wish)
  await decidePassword(context.policy, wish.newPassword, caller)
  const passwordHash = await context.hasher.hash(wish.newPassword)

  const { customerId, username } = caller
  return db.transaction(async (tx) => {
    // The mailed link goes first, because a reset takes the rows in this order.
    await deleteToken(tx, customerId, 'reset-password')
    // Somebody else may have changed it since we looked: then the old password is no longer right.
    if (!(await replacePassword(tx, customerId, caller.passwordHash, passwordHash))) throw wrongCredentials()
    await queuePasswordChanged(tx, context.mails, customerId)
    if (!wish.reopenAs) {
      await deleteOtherSessions(tx, customerId, presented)
      return { username, passwordHash, token: undefined }
    }
    await deleteSessionsOf(tx, customerId)
    const token = await openSession(tx, context.terms, customerId, passwordHash, wish.reopenAs)
    if (!token) throw wrongCredentials()
    return { username, passwordHash, token }
  })
}

type PasswordOwner = NonNullable<Awaited<ReturnType<typeof findPasswordOf>>>

async function verifyOldPassword(
  { hasher, throttle }: SignInContext,
  { sessionId, passwordHash, usernameKey, emailKey }: PasswordOwner,
  { oldPassword, owner }: PasswordChange,
): Promise<void> {
  const isOwnName = !owner || [usernameKey, emailKey].includes(nameKey(owner.name))
  await throttle.tryPasswordAgain(`session ${sessionId}`, async () => {
    const { matches } = await hasher.verify(oldPassword, passwordHash)
    if (!matches || !isOwnName) throw wrongCredentials()
  })
}
