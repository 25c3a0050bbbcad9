import type { MediaName, MediaStore } from '../../media/index.ts'
import type { Db } from '../../store/database.ts'
import { listUsedAvatars } from './avatar.sql.ts'

const DAY_MS = 86_400_000
const BATCH = 500

/**
 * Deletes the files that are no customer's avatar: what crashes have left behind. Only those older than a day: a younger
 * one may be on its way to its customer. Safe to run twice at once.
 */
export async function deleteOrphanAvatars(db: Db, media: MediaStore, now: Date): Promise<{ files: number }> {
  let files = 0
  let batch: MediaName[] = []
  async function sweep(): Promise<void> {
    const used = new Set((await listUsedAvatars(db, batch)).map(({ avatar }) => avatar))
    const orphans = batch.filter((name) => !used.has(name))
    for (const name of orphans) await media.delete(name)
    files += orphans.length
    batch = []
  }
  for await (const { name, storedAt } of media.list('avatars')) {
    if (storedAt.getTime() < now.getTime() - DAY_MS) batch.push(name)
    if (batch.length === BATCH) await sweep()
  }
  if (batch.length > 0) await sweep()
  return { files }
}
