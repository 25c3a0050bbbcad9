import { getCaller, type Presented } from '../identity/index.ts'
import type { BucketLineId } from '../kernel/ids.ts'
import type { Db } from '../store/database.ts'
import { deleteLine, deleteLines } from './bucket.sql.ts'
import { refused } from './bucket.ts'

/** @throws identity.not-signed-in, bucket.line-not-found: looked for in this order */
export async function removeLine(db: Db, presented: Presented, line: BucketLineId): Promise<void> {
  const { customerId } = await getCaller(db, presented)
  if (!(await deleteLine(db, customerId, line))) throw refused({ code: 'bucket.line-not-found' })
}

/** @throws identity.not-signed-in */
export async function emptyBucket(db: Db, presented: Presented): Promise<void> {
  const { customerId } = await getCaller(db, presented)
  await deleteLines(db, customerId)
}
