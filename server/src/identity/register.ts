import { type CustomerId, newId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import { brokenConstraint, type Database, type Db } from '../store/database.ts'
import { type AccountMailContext, mayMail, queueVerification } from './account-tokens/index.ts'
import { insertCustomer, listTakenNames } from './identity.sql.ts'
import { isNobodyElsesEmail, nameKey } from './names.ts'
import { decidePassword, type Hasher, type PasswordPolicy } from './passwords/index.ts'
import type { IdentityRefusal, NameField } from './refusals.ts'
import { rememberAddress, type Throttle } from './throttle/index.ts'

/** What registering works with. */
export interface RegisterContext {
  readonly hasher: Hasher
  readonly policy: PasswordPolicy
  readonly throttle: Throttle
  /** Undefined: nobody is mailed, for customers who do not ask to be one. */
  readonly mails?: AccountMailContext
}

export interface Registration {
  /** As {@link isUsername} takes it. */
  readonly username: string
  /** As {@link isEmail} takes it. */
  readonly email: string
  readonly password: string
  readonly firstName: string
  /** Where the request comes from. */
  readonly address: string
}

export interface Registered {
  readonly id: CustomerId
  /** For {@link maskHash}. */
  readonly passwordHash: string
}

/**
 * Makes a customer, and mails them a link to confirm their e-mail address with, unless too many mails are sent that way
 * already. Names are compared without regard to case.
 *
 * @throws identity.too-many-tries, identity.username-is-an-email, identity.password-too-weak, identity.already-used,
 *   identity.busy: looked for in this order
 * @see docs/contracts/README.md, Shop, `POST /api/register`
 */
export async function register(db: Database, context: RegisterContext, wish: Registration): Promise<Registered> {
  await context.throttle.countRegistration(wish.address)
  return createCustomer(db, context, wish)
}

/** As {@link register}, for who has counted the registration already. */
export async function createCustomer(
  db: Database,
  { hasher, policy, throttle, mails }: RegisterContext,
  wish: Registration,
): Promise<Registered> {
  if (!isNobodyElsesEmail(wish.username, wish.email)) throw usernameIsAnEmail()
  await decidePassword(policy, wish.password, wish)
  const usernameKey = nameKey(wish.username)
  const emailKey = nameKey(wish.email)
  refuseTaken(await listTakenNames(db, usernameKey, emailKey))

  const passwordHash = await hasher.hash(wish.password)
  const id = newId<CustomerId>()
  const isMailed = mails !== undefined && (await mayMail(throttle, { account: id, address: wish.address }))
  try {
    await db.transaction(async (tx) => {
      await insertCustomer(tx, id, wish.username, usernameKey, wish.email, emailKey, passwordHash, wish.firstName)
      await rememberAddress(tx, throttle, id, wish.address)
      if (isMailed) await queueVerification(tx, mails, { customerId: id, email: wish.email, emailKey, isChange: false })
    })
  } catch (error) {
    throw refusalOf(error)
  }
  return { id, passwordHash }
}

/** Whether somebody signs in by this name: as a username or an e-mail, without regard to case. */
export async function isNameTaken(db: Db, name: string): Promise<boolean> {
  const key = nameKey(name)
  return (await listTakenNames(db, key, key)).length > 0
}

function refuseTaken(taken: readonly { username: boolean; email: boolean }[]): void {
  const fields = (['username', 'email'] as const).filter((field) => taken.some((row) => row[field]))
  if (fields.length > 0) throw new Refused<IdentityRefusal>({ code: 'identity.already-used', fields })
}

/** The constraints have the last word: two who ask for one name at once both pass the look beforehand. */
export function refusalOf(error: unknown): unknown {
  const constraint = brokenConstraint(error) ?? ''
  if (constraint === 'customers_username_is_nobody_elses_email') return usernameIsAnEmail()
  const field = TAKEN[constraint]
  return field ? new Refused<IdentityRefusal>({ code: 'identity.already-used', fields: [field] }) : error
}

function usernameIsAnEmail(): Refused<IdentityRefusal> {
  return new Refused<IdentityRefusal>({ code: 'identity.username-is-an-email' })
}

const TAKEN: Readonly<Record<string, NameField>> = {
  customers_username_key_key: 'username',
  customers_email_key_key: 'email',
}
