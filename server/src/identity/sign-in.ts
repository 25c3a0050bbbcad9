import { type CustomerId, newId, type SessionId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Db } from '../store/database.ts'
import { findForSignIn, findPasswordHash, insertSession, replacePassword } from './identity.sql.ts'
import { nameKey } from './names.ts'
import type { Hasher } from './passwords/index.ts'
import type { IdentityRefusal } from './refusals.ts'
import { newToken, type Presented, presentToken, type SessionOrigin, type SessionTerms } from './session.ts'
import type { Throttle } from './throttle.ts'

/** What everything that takes a password works with. */
export interface SignInContext {
  readonly hasher: Hasher
  readonly terms: SessionTerms
  readonly throttle: Throttle
}

export interface SignedIn {
  readonly customerId: CustomerId
  /** For the client alone. */
  readonly token: string
}

/**
 * Opens a session for whoever knows the password; `name` is the username or the e-mail. A hash in an older encoding is
 * renewed on the way. Takes as long and answers the same whether or not there is such a customer.
 *
 * @param wish.replaced the sessions this client had until now: they end, so that a token planted before the sign-in is worth nothing
 * @throws identity.too-many-tries, identity.busy, identity.wrong-credentials
 */
export async function signIn(
  db: Db,
  { hasher, terms, throttle }: SignInContext,
  wish: { name: string; password: string; origin: SessionOrigin; replaced?: readonly Presented[] },
): Promise<SignedIn> {
  const found = await findForSignIn(db, nameKey(wish.name))
  const account = found?.customerId ?? nameKey(wish.name)
  const { outdated } = await throttle.tryPassword({ account, address: wish.origin.address }, async () => {
    const verified = await hasher.verify(wish.password, found?.passwordHash)
    if (!verified.matches) throw wrongCredentials()
    return verified
  })
  if (!found) throw wrongCredentials()

  const passwordHash = outdated ? await renewHash(db, hasher, found, wish.password) : found.passwordHash
  const token = await openSession(db, terms, found.customerId, passwordHash, wish.origin, wish.replaced)
  if (!token) throw wrongCredentials()
  return { customerId: found.customerId, token }
}

/**
 * Puts a hash in today's encoding in the place of an older one. Two sign-ins at once both try; the later one goes on with
 * what the other has put there, if it is of the same password.
 *
 * @returns the hash that stands now; where hashing is too busy, the old one
 */
async function renewHash(
  db: Db,
  hasher: Hasher,
  { customerId, passwordHash }: { customerId: CustomerId; passwordHash: string },
  password: string,
): Promise<string> {
  try {
    const renewed = await hasher.hash(password)
    if (await replacePassword(db, customerId, passwordHash, renewed)) return renewed
    const current = await findPasswordHash(db, customerId)
    const { matches } = await hasher.verify(password, current?.passwordHash)
    return current && matches ? current.passwordHash : passwordHash
  } catch (error) {
    if (error instanceof Refused) return passwordHash
    throw error
  }
}

/** The token of a new session; undefined when the password is no longer the one that was verified. */
export async function openSession(
  db: Db,
  terms: SessionTerms,
  customerId: CustomerId,
  passwordHash: string,
  { kind, address, agent }: SessionOrigin,
  replaced: readonly Presented[] = [],
): Promise<string | undefined> {
  const token = newToken()
  const presented = presentToken(token)
  const id = newId<SessionId>()
  const opened = await insertSession(
    db,
    id,
    presented,
    kind,
    customerId,
    passwordHash,
    terms.idleDays,
    terms.maxDays,
    address,
    agent.slice(0, 300),
    replaced,
  )
  return opened && token
}

export function wrongCredentials(): Refused<IdentityRefusal> {
  return new Refused<IdentityRefusal>({ code: 'identity.wrong-credentials' })
}
