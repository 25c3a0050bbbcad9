import type { CustomerId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Database } from '../store/database.ts'
import { type AccountMailContext, prepareNewEmail } from './account-tokens/index.ts'
import { getProfile } from './caller.ts'
import type { Customer, ProfileChange } from './customer.ts'
import { updateCustomer } from './identity.sql.ts'
import { nameKey } from './names.ts'
import type { IdentityRefusal } from './refusals.ts'
import { refusalOf } from './register.ts'
import type { Presented } from './session.ts'

export interface ProfileWish {
  /** Whose profile is meant: anybody else's is answered as if it did not exist. */
  readonly customerId: CustomerId
  readonly change: ProfileChange
  readonly email?: string
  /** Where the request comes from. */
  readonly address: string
}

/**
 * Changes the caller's own profile, all of it or nothing. Another e-mail shows at once, and is announced by mail. Asking
 * for another name counts, granted or not: either tells whether somebody has it.
 *
 * @throws identity.not-signed-in, identity.customer-not-found, identity.too-many-tries, identity.username-is-an-email,
 *   identity.already-used: looked for in this order
 * @see docs/contracts/README.md, Shop, `PUT /api/profile/:customer_uuid`
 */
export async function updateProfile(
  db: Database,
  mails: AccountMailContext,
  presented: Presented,
  wish: ProfileWish,
): Promise<Customer> {
  const { customerId, change, email } = wish
  const current = await getProfile(db, presented)
  if (current.id !== customerId) throw customerNotFound()
  if (isRename(wish, current)) await mails.throttle.countRename({ customerId, address: wish.address })
  const newEmail = email === undefined ? undefined : { email, mails, address: wish.address }
  const announce = newEmail && (await prepareNewEmail(db, presented, newEmail))
  const { username, firstName, lastName, patronymic, phone, city, address } = change
  try {
    return await db.transaction(async (tx) => {
      const updated = await updateCustomer(
        tx,
        customerId,
        username ?? null,
        username === undefined ? null : nameKey(username),
        email ?? null,
        email === undefined ? null : nameKey(email),
        firstName ?? null,
        lastName ?? null,
        patronymic ?? null,
        phone ?? null,
        city ?? null,
        address ?? null,
      )
      if (!updated) throw customerNotFound()
      await announce?.(tx)
      return updated
    })
  } catch (error) {
    throw refusalOf(error)
  }
}

/** Another spelling of one's own name asks for nothing that might be somebody else's. */
function isRename({ change: { username }, email }: ProfileWish, current: Customer): boolean {
  const isOther = (wanted: string | undefined, own: string) => wanted !== undefined && nameKey(wanted) !== nameKey(own)
  return isOther(username, current.username) || isOther(email, current.email)
}

export function customerNotFound(): Refused<IdentityRefusal> {
  return new Refused<IdentityRefusal>({ code: 'identity.customer-not-found' })
}
