import type { Database, Db } from '../store/database.ts'
import { type Endpoint, refused } from './endpoint.ts'
import { newSecret, showSecret } from './signature.ts'
import * as sql from './webhooks.sql.ts'

/** With how many of its deliveries wait, and how many were given up in the last month. */
export async function listEndpoints(db: Db): Promise<(Endpoint & sql.EndpointCounts)[]> {
  return await sql.listEndpoints(db)
}

/**
 * @param which its id or its address
 * @throws webhooks.endpoint-not-found
 */
export async function getEndpoint(db: Db, which: string): Promise<Endpoint> {
  const endpoint = (await sql.findEndpoint(db, which)) ?? (await sql.findEndpoint(db, spelledOut(which)))
  if (!endpoint) throw refused({ code: 'webhooks.endpoint-not-found', endpoint: which })
  return endpoint
}

/** @throws webhooks.endpoint-not-found */
export async function removeEndpoint(db: Db, which: string): Promise<Endpoint> {
  const endpoint = await getEndpoint(db, which)
  await sql.deleteEndpoint(db, endpoint.id)
  return endpoint
}

/** What waits for it goes on waiting; what happens meanwhile is not sent there. @throws webhooks.endpoint-not-found */
export async function switchOff(db: Db, which: string): Promise<Endpoint> {
  const endpoint = await getEndpoint(db, which)
  await sql.setOff(db, endpoint.id, 'by-operator')
  return { ...endpoint, off: 'by-operator' }
}

/** What waits for it is sent; what happened meanwhile can be replayed. @throws webhooks.endpoint-not-found */
export async function switchOn(db: Db, which: string): Promise<Endpoint> {
  const endpoint = await getEndpoint(db, which)
  await sql.setOff(db, endpoint.id, null)
  return { ...endpoint, off: null }
}

/**
 * Signs with a new secret, and for some hours with the old one too, so that the receiver can change over.
 *
 * @returns the new secret: it is not shown again
 * @throws webhooks.endpoint-not-found
 */
export async function rotateSecret(
  db: Database,
  which: string,
  { oldIsGoodForHours }: { oldIsGoodForHours: number },
): Promise<{ endpoint: Endpoint; secret: string }> {
  const endpoint = await getEndpoint(db, which)
  const secret = newSecret()
  await db.transaction(async (tx) => {
    await sql.expireNewestSecret(tx, endpoint.id, oldIsGoodForHours)
    await sql.insertSecret(tx, endpoint.id, secret)
  })
  return { endpoint, secret: showSecret(secret) }
}

/** `https://erp.example` is stored as `https://erp.example/`. */
function spelledOut(which: string): string {
  return URL.canParse(which) ? new URL(which).href : which
}
