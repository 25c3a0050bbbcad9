import type { Db } from '../store/database.ts'
import { refused } from './endpoint.ts'
import { getEndpoint } from './endpoints.ts'
import { type ListedDelivery, readMessageId } from './message.ts'
import * as sql from './webhooks.sql.ts'

/** How long a delivery that came to its end can still be looked at. The events themselves stay. */
const KEEP_DAYS = 30

/**
 * The newest deliveries of the last month.
 *
 * @param wish.endpoint its id or its address; undefined: all
 * @param wish.onlyFailing those that were given up, and those whose last try failed
 * @throws webhooks.endpoint-not-found
 */
export async function listDeliveries(
  db: Db,
  wish: { endpoint: string | undefined; onlyFailing: boolean; limit: number },
): Promise<ListedDelivery[]> {
  const endpoint = wish.endpoint === undefined ? null : (await getEndpoint(db, wish.endpoint)).id
  return await sql.listDeliveries(db, endpoint, wish.onlyFailing, wish.limit)
}

/**
 * One message with what was sent, for each endpoint it was for.
 *
 * @throws webhooks.message-not-found
 */
export async function getMessage(db: Db, id: string): Promise<(ListedDelivery & { body: string | null })[]> {
  const place = readMessageId(id)
  const deliveries = place ? await sql.listDeliveriesOf(db, place.orderId, place.position) : []
  if (deliveries.length === 0) throw refused({ code: 'webhooks.message-not-found', message: id })
  return deliveries
}

const BATCH = 10_000

export async function forgetOldDeliveries(db: Db): Promise<void> {
  await sql.deleteExpiredSecrets(db)
  while (((await sql.deleteOldDeliveries(db, KEEP_DAYS, BATCH))?.deleted ?? 0) === BATCH);
}
