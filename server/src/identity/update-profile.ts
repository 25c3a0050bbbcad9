import type { CustomerId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Database } from '../store/database.ts'
import { type NewEmail, prepareNewEmail } from './account-tokens/index.ts'
import { getCaller } from './caller.ts'
import type { Customer, ProfileChange } from './customer.ts'
import { updateCustomer } from './identity.sql.ts'
import { nameKey } from './names.ts'
import type { IdentityRefusal } from './refusals.ts'
import { refusalOf } from './register.ts'
import type { Presented } from './session.ts'

/**
 * Changes the caller's own profile, all of it or nothing. Another e-mail shows at once, and is announced by mail.
 *
 * @param customerId whose profile is meant: anybody else's is answered as if it did not exist
 * @throws identity.not-signed-in, identity.customer-not-found, identity.username-is-an-email,
 *   identity.already-used: looked for in this order
 * @see docs/contracts/README.md, Shop, `PUT /api/profile/:customer_uuid`
 */
export async function updateProfile(
  db: Database,
  presented: Presented,
  customerId: CustomerId,
  change: ProfileChange,
  newEmail?: NewEmail,
): Promise<Customer> {
  const caller = await getCaller(db, presented)
  if (caller.customerId !== customerId) throw customerNotFound()
  const email = newEmail?.email
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

export function customerNotFound(): Refused<IdentityRefusal> {
  return new Refused<IdentityRefusal>({ code: 'identity.customer-not-found' })
}
