import { type CustomerId, newId, type SessionId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Db } from '../store/database.ts'
import { findForSignIn, findPasswordHash, insertSession, replacePassword } from './identity.sql.ts'
import type { Jwts } from './jwt.ts'
import { nameKey } from './names.ts'
import type { Hasher, StandInPoint } from './passwords/index.ts'
import type { IdentityRefusal } from './refusals.ts'
import {
  newToken,
  type Presented,
  presentSession,
  presentToken,
  type SessionOrigin,
  type SessionTerms,
} from './session.ts'
import { rememberAddress, type Throttle } from './throttle/index.ts'

/** What everything that takes a password works with. */
export interface SignInContext {
  readonly hasher: Hasher
  readonly terms: SessionTerms
  readonly throttle: Throttle
  readonly standInPoint: StandInPoint
}

export interface SignedIn {
  readonly customerId: CustomerId
  /** For the client alone. */
  readonly token: string
}

/** `name` is the username or the e-mail. `replaced`: sessions this client had until now; see {@link signIn}. */
export interface SignInWish {
  readonly name: string
  readonly password: string
  readonly origin: SessionOrigin
  readonly replaced?: readonly Presented[]
}

/**
 * Opens a session for whoever knows the password. A hash in an older encoding is renewed on the way. Takes as long and
 * answers the same whether or not there is such a customer: for a name that is nobody's another customer stands in. The replaced sessions end, so that a token planted before
 * the sign-in is worth nothing.
 *
 * @throws identity.too-many-tries, identity.busy, identity.wrong-credentials
 */
export async function signIn(db: Db, context: SignInContext, wish: SignInWish): Promise<SignedIn> {
  const { customerId, passwordHash } = await verifySignIn(db, context, wish)
  const token = await openSession(db, context.terms, customerId, passwordHash, wish.origin, wish.replaced)
  if (!token) throw wrongCredentials()
  return { customerId, token }
}

/**
 * Signs in as {@link signIn} does; the session's token is a JWT, which ends with the session.
 *
 * @throws identity.too-many-tries, identity.busy, identity.wrong-credentials
 */
export async function obtainJwt(db: Db, jwts: Jwts, context: SignInContext, wish: SignInWish): Promise<string> {
  const { customerId, username, email, passwordHash } = await verifySignIn(db, context, wish)
  const sessionId = newId<SessionId>()
  const origin = { ...wish.origin, kind: 'jwt' } as const
  const opened = await insert(
    db,
    context.terms,
    sessionId,
    presentSession(sessionId),
    customerId,
    passwordHash,
    origin,
    [],
  )
  if (!opened) throw wrongCredentials()
  return jwts.sign({ sessionId, customerId, username, email, expiresAt: opened.expiresAt })
}

async function verifySignIn(db: Db, context: SignInContext, { name, password, origin }: SignInWish) {
  const { hasher, throttle, standInPoint } = context
  const { address } = origin
  const key = nameKey(name)
  const looked = await findForSignIn(db, key, throttle.marksOf(address), standInPoint(key))
  const found = looked?.customerId ? looked : undefined
  const who = { name: key, address, isKnown: typeof found?.isAddressFresh === 'boolean' }
  const { customer, outdated } = await throttle.tryPassword(who, async () => {
    const { matches, outdated } = await hasher.verify(password, looked?.passwordHash ?? undefined)
    // A stand-in's password is nobody's to sign in by.
    if (!found || !matches) throw wrongCredentials()
    return { customer: found, outdated }
  })
  if (!customer.isAddressFresh) await rememberAddress(db, throttle, customer.customerId, address)
  return outdated ? { ...customer, passwordHash: await renewHash(db, hasher, customer, password) } : customer
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
  origin: SessionOrigin,
  replaced: readonly Presented[] = [],
): Promise<string | undefined> {
  const token = newToken()
  const id = newId<SessionId>()
  const opened = await insert(db, terms, id, presentToken(token), customerId, passwordHash, origin, replaced)
  return opened && token
}

async function insert(
  db: Db,
  terms: SessionTerms,
  id: SessionId,
  presented: Presented,
  customerId: CustomerId,
  passwordHash: string,
  { kind, address, agent }: SessionOrigin,
  replaced: readonly Presented[],
) {
  const { idleDays, maxDays } = terms[kind]
  const from = [address, agent.slice(0, 300)] as const
  return insertSession(db, id, presented, kind, customerId, passwordHash, idleDays, maxDays, ...from, replaced)
}

export function wrongCredentials(): Refused<IdentityRefusal> {
  return new Refused<IdentityRefusal>({ code: 'identity.wrong-credentials' })
}
