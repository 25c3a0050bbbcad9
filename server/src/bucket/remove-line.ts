import { notSignedIn, type Presented } from '../identity/index.ts'
import type { BucketLineId } from '../kernel/ids.ts'
import type { Db } from '../store/database.ts'
import { deleteLine, deleteLines } from './bucket.sql.ts'
import { refused } from './bucket.ts'

/** @throws identity.not-signed-in, bucket.line-not-found: looked for in this order */
export async function removeLine(db: Db, presented: Presented, line: BucketLineId): Promise<void> {
  const found = await deleteLine(db, presented, line)
  if (!found) throw notSignedIn()
  if (!found.deleted) throw refused({ code: 'bucket.line-not-found' })
}

/** @throws identity.not-signed-in */
export async function emptyBucket(db: Db, presented: Presented): Promise<void> {
  if (!(await deleteLines(db, presented))) throw notSignedIn()
}
