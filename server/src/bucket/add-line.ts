import { notSignedIn, type Presented } from '../identity/index.ts'
import { type BucketLineId, type CustomerId, newId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import type { Db } from '../store/database.ts'
import { tryAddLine } from './bucket.sql.ts'
import { decideLine, type Wish } from './bucket.ts'

/**
 * Puts a product in the caller's bucket. Only looks at the stock; reserving it is `placeOrder`'s work.
 *
 * @param wish.quantity pieces, from 1
 * @throws identity.not-signed-in, bucket.already-in, bucket.not-available, bucket.not-enough, bucket.full: looked for in this order
 * @see docs/contracts/README.md, Shop, `POST /api/bucket`
 */
export async function addLine(
  db: Db,
  presented: Presented,
  wish: Wish,
): Promise<{ customerId: CustomerId; unitPriceMinor: Minor }> {
  const id = newId<BucketLineId>()
  const [facts] = await tryAddLine(db, presented, wish.productId, wish.quantity, id)
  if (!facts) throw notSignedIn()
  return { customerId: facts.customerId, unitPriceMinor: decideLine(wish, facts) }
}
