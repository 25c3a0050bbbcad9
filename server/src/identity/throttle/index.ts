import type { CustomerId } from '../../kernel/ids.ts'
import type { Db } from '../../store/database.ts'
import * as sql from './throttle.sql.ts'
import type { Throttle } from './throttle.ts'

export { makeThrottle, type Throttle, UNTHROTTLED } from './throttle.ts'

/** Notes that the customer has proved to be themselves from this address; see {@link Throttle.marksOf}. */
export async function rememberAddress(
  db: Db,
  throttle: Throttle,
  customerId: CustomerId,
  address: string,
): Promise<void> {
  const [mark] = throttle.marksOf(address)
  if (mark) await sql.upsertKnownAddress(db, customerId, mark)
}

/** Counts that are over are worth nothing as it is; addresses that were not used for half a year are strange again. */
export async function forgetThrottling(db: Db): Promise<void> {
  await sql.deleteExpiredCounters(db)
  await sql.deleteOldAddresses(db)
}
