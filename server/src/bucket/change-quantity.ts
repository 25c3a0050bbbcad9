import { notSignedIn, type Presented } from '../identity/index.ts'
import type { BucketLineId } from '../kernel/ids.ts'
import type { Db } from '../store/database.ts'
import { tryChangeLine } from './bucket.sql.ts'
import { decideChange, QUANTITY_MAX } from './bucket.ts'

/**
 * Changes how many pieces a line of the caller's bucket is for. Only looks at the stock.
 *
 * @param quantity pieces, from 1
 * @throws identity.not-signed-in, bucket.line-not-found, bucket.not-enough: looked for in this order
 */
export async function changeQuantity(
  db: Db,
  presented: Presented,
  line: BucketLineId,
  quantity: number,
): Promise<void> {
  const facts = await tryChangeLine(db, presented, line, quantity, QUANTITY_MAX)
  if (!facts) throw notSignedIn()
  decideChange(quantity, facts)
}
