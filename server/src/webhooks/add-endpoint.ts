import { type EndpointId, newId } from '../kernel/ids.ts'
import type { Database } from '../store/database.ts'
import { decideKinds, decideUrl, refused } from './endpoint.ts'
import { newSecret, showSecret } from './signature.ts'
import * as sql from './webhooks.sql.ts'

export interface EndpointWish {
  readonly url: string
  /** `order.paid`, or `order.*`; none: all, those of later versions too. */
  readonly kinds: readonly string[]
  readonly mayBePrivate: boolean
}

/**
 * From now on events are sent there; those of before can be replayed.
 *
 * @returns the secret: it is not shown again
 * @throws webhooks.bad-url, webhooks.unknown-kind, webhooks.already-there: looked for in this order
 */
export async function addEndpoint(db: Database, wish: EndpointWish): Promise<{ id: EndpointId; secret: string }> {
  const url = decideUrl(wish.url, wish.mayBePrivate)
  const kinds = decideKinds(wish.kinds)
  const id = newId<EndpointId>()
  const secret = newSecret()
  await db.transaction(async (tx) => {
    const added = await sql.insertEndpoint(tx, id, url, kinds)
    if (!added) throw refused({ code: 'webhooks.already-there', url })
    await sql.insertSecret(tx, id, secret)
  })
  return { id, secret: showSecret(secret) }
}
