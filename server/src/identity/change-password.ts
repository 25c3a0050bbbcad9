import type { CustomerId } from '../kernel/ids.ts'
import type { Database } from '../store/database.ts'
import { notSignedIn } from './caller.ts'
import { deleteSessionsOf, findPasswordOf, replacePassword } from './identity.sql.ts'
import { nameKey } from './names.ts'
import { decidePassword, type PasswordPolicy } from './passwords/index.ts'
import type { Presented, SessionOrigin } from './session.ts'
import { openSession, type SignInContext, wrongCredentials } from './sign-in.ts'
import { customerNotFound } from './update-profile.ts'

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
  { hasher, policy, terms, throttle }: SignInContext & { policy: PasswordPolicy },
  presented: Presented,
  customerId: CustomerId,
  wish: { name: string; oldPassword: string; newPassword: string; origin: SessionOrigin },
): Promise<{ token: string; passwordHash: string; username: string }> {
  const caller = await findPasswordOf(db, presented)
  if (!caller) throw notSignedIn()
  if (caller.customerId !== customerId) throw customerNotFound()

  await throttle.tryPassword({ account: customerId, address: wish.origin.address }, async () => {
    const { matches } = await hasher.verify(wish.oldPassword, caller.passwordHash)
    const isOwnName = [caller.usernameKey, caller.emailKey].includes(nameKey(wish.name))
    if (!matches || !isOwnName) throw wrongCredentials()
  })
  await decidePassword(policy, wish.newPassword, caller)
  const passwordHash = await hasher.hash(wish.newPassword)

  return db.transaction(async (tx) => {
    // Somebody else may have changed it since we looked: then the old password is no longer right.
    if (!(await replacePassword(tx, customerId, caller.passwordHash, passwordHash))) throw wrongCredentials()
    await deleteSessionsOf(tx, customerId)
    const token = await openSession(tx, terms, customerId, passwordHash, wish.origin)
    if (!token) throw wrongCredentials()
    return { token, passwordHash, username: caller.username }
  })
}
