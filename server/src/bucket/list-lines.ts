import { notSignedIn, type Presented } from '../identity/index.ts'
import type { Db } from '../store/database.ts'
import * as sql from './bucket.sql.ts'
import type { BucketLine } from './bucket.ts'

/**
 * The caller's bucket, in the order it was filled, in one round trip, shared with those who look at the same time.
 *
 * @throws identity.not-signed-in
 */
export async function listLines(db: Db, presented: Presented): Promise<BucketLine[]> {
  const rows = await sql.listLines(db, presented)
  if (rows.length === 0) throw notSignedIn()
  return rows.filter((row) => row.id !== null)
}
