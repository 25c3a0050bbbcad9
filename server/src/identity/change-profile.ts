import { type MediaName, type MediaStore, newMediaName } from '../media/index.ts'
import type { Database } from '../store/database.ts'
import { type AccountMailContext, prepareNewEmail } from './account-tokens/index.ts'
import type { Avatar } from './avatar/index.ts'
import { getProfile, notSignedIn } from './caller.ts'
import type { Customer, ProfileChange } from './customer.ts'
import { changeCustomer } from './identity.sql.ts'
import { nameKey } from './names.ts'
import { refusalOf } from './register.ts'
import type { Presented } from './session.ts'

export interface ProfileContext {
  readonly db: Database
  readonly media: MediaStore
  readonly mails: AccountMailContext
}

/**
 * Changes the caller's own profile, all of it or nothing. The file of a new avatar is there before the profile names it,
 * and gone again if the profile does not; the file of the one before is deleted when nothing names it any more. Another
 * e-mail shows at once, and is announced by mail. Asking for another name counts, granted or not: either tells whether
 * somebody has it.
 *
 * @param change texts as `isUsername`, `isEmail`, `isOneLine`, `isLines` and `LENGTH_MAX` take them
 * @param address where the request comes from
 * @throws identity.not-signed-in, identity.too-many-tries, identity.username-is-an-email, identity.already-used: looked
 *   for in this order; MediaStoreError
 * @see docs/contracts/README.md, the profile of each contract
 */
export async function changeProfile(
  { db, media, mails }: ProfileContext,
  presented: Presented,
  change: ProfileChange,
  address: string,
): Promise<Customer> {
  const announce = await prepareNames({ db, mails }, presented, change, address)
  const avatar = change.avatar ? await storeAvatar(media, change.avatar) : change.avatar === null ? '' : null
  let isUndecided = false
  const changed = await db
    .transaction(async (tx) => {
      isUndecided = false
      const row = await changeCustomer(tx, presented, ...valuesOf(change), avatar)
      if (!row) throw notSignedIn()
      await announce?.(tx)
      isUndecided = true
      return row
    })
    .catch(async (error) => {
      // If it was the commit that failed, it may have been done: then the file stays, an orphan at worst.
      if (avatar && !isUndecided) await deleteNowOrLater(media, avatar)
      throw refusalOf(error)
    })
  // The row came first: a crash in between leaves a file that is nobody's, and never a customer without theirs.
  const { replaced, ...customer } = changed
  if (replaced) await deleteNowOrLater(media, replaced)
  return customer
}

/** What is to be mailed in the transaction that changes the e-mail; undefined when it stays. */
async function prepareNames(
  { db, mails }: Pick<ProfileContext, 'db' | 'mails'>,
  presented: Presented,
  { username, email }: ProfileChange,
  address: string,
) {
  if (username === undefined && email === undefined) return undefined
  const current = await getProfile(db, presented)
  // Another spelling of one's own name asks for nothing that might be somebody else's.
  const isOther = (wanted: string | undefined, own: string) => wanted !== undefined && nameKey(wanted) !== nameKey(own)
  if (isOther(username, current.username) || isOther(email, current.email)) {
    await mails.throttle.countRename({ customerId: current.id, address })
  }
  return email === undefined ? undefined : await prepareNewEmail(db, presented, { email, mails, address })
}

/** In the statement's order; null leaves what is there. */
function valuesOf(change: ProfileChange) {
  const { username, email, firstName, lastName, patronymic, phone, city, address } = change
  return [
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
  ] as const
}

async function storeAvatar(media: MediaStore, avatar: Avatar): Promise<MediaName> {
  const name = newMediaName('avatars', 'webp')
  await media.put(name, avatar)
  return name
}

/** What the customer asked for is done; a file that will not go now is an orphan, and `deleteOrphanAvatars` comes by. */
async function deleteNowOrLater(media: MediaStore, name: MediaName): Promise<void> {
  await media.delete(name).catch(() => {})
}
