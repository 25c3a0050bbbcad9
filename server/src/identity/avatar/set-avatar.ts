import { type MediaName, type MediaStore, newMediaName } from '../../media/index.ts'
import { type Db, sqlState } from '../../store/database.ts'
import { notSignedIn } from '../caller.ts'
import type { Customer } from '../customer.ts'
import type { Presented } from '../session.ts'
import { replaceAvatar } from './avatar.sql.ts'
import type { Avatar } from './read-avatar.ts'

/**
 * Gives the caller an avatar, and deletes the file of the one before. Of several at once one stays.
 *
 * @param avatar from {@link readAvatar}; ask `getCaller` before reading it, so that a stranger's picture costs nothing
 * @throws identity.not-signed-in, MediaStoreError
 * @see docs/contracts/README.md, Accounts
 */
export async function setAvatar(db: Db, media: MediaStore, presented: Presented, avatar: Avatar): Promise<Customer> {
  const name = newMediaName('avatars', 'webp')
  await media.put(name, avatar)
  const changed = await replaceAvatar(db, presented, name).catch(async (error) => {
    // A database that says no has not done it. One that fell silent may have: then the file stays, an orphan at worst.
    if (sqlState(error)) await deleteNowOrLater(media, name)
    throw error
  })
  if (!changed) {
    await deleteNowOrLater(media, name)
    throw notSignedIn()
  }
  return withoutReplaced(media, changed)
}

/**
 * Takes the caller's avatar away, and deletes its file. Having none is no mistake.
 *
 * @throws identity.not-signed-in
 */
export async function removeAvatar(db: Db, media: MediaStore, presented: Presented): Promise<Customer> {
  const changed = await replaceAvatar(db, presented, '')
  if (!changed) throw notSignedIn()
  return withoutReplaced(media, changed)
}

/** The row comes first: a crash in between leaves a file that is nobody's, and never a customer without theirs. */
async function withoutReplaced(
  media: MediaStore,
  { replaced, ...customer }: Customer & { replaced: MediaName | '' },
): Promise<Customer> {
  if (replaced) await deleteNowOrLater(media, replaced)
  return customer
}

/** What the customer asked for is done; a file that will not go now is an orphan, and `deleteOrphanAvatars` comes by. */
async function deleteNowOrLater(media: MediaStore, name: MediaName): Promise<void> {
  await media.delete(name).catch(() => {})
}
