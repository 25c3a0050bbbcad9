import type { EndpointId, OrderId } from '../kernel/ids.ts'
import type { Db } from '../store/database.ts'
import { refused } from './endpoint.ts'
import { getEndpoint } from './endpoints.ts'
import { readMessageId } from './message.ts'
import { requeue } from './webhooks.sql.ts'

/** Which events are sent again. */
export type ReplayWish = (
  | { readonly message: string }
  | { readonly orderId: OrderId }
  | { readonly since: Date; readonly onlyFailed?: boolean }
) & {
  /** Its id or its address; undefined: all that are on and want them. */
  readonly endpoint?: string | undefined
}

/**
 * Sends events again, whether or not they were delivered, were given up, or happened before the endpoint was there. They
 * keep their ids, and an order's go out in order.
 *
 * @returns how many deliveries wait now
 * @throws webhooks.endpoint-not-found, webhooks.message-not-found: looked for in this order
 */
export async function replay(db: Db, wish: ReplayWish): Promise<{ deliveries: number }> {
  const endpoint = wish.endpoint === undefined ? null : (await getEndpoint(db, wish.endpoint)).id
  const again = async (...which: [OrderId | null, number | null, Date | null, boolean]) => ({
    deliveries: (await requeue(db, endpoint as EndpointId | null, ...which))?.deliveries ?? 0,
  })
  if ('since' in wish) return again(null, null, wish.since, wish.onlyFailed ?? false)
  if ('orderId' in wish) return again(wish.orderId, null, null, false)
  const place = readMessageId(wish.message)
  if (!place) throw refused({ code: 'webhooks.message-not-found', message: wish.message })
  return again(place.orderId, place.position, null, false)
}
