import { newId } from '../kernel/ids.ts'
import type { Db } from '../store/database.ts'
import { signedHeaders } from './deliver.ts'
import type { Endpoint } from './endpoint.ts'
import { getEndpoint } from './endpoints.ts'
import type { Outcome } from './ladder.ts'
import type { Poster } from './post.ts'
import { findGoodSecrets } from './webhooks.sql.ts'

/**
 * Sends a message of the kind `test` at once, also to an endpoint that is switched off, and tells what came back. It is
 * tried once and leaves no trace.
 *
 * @param which the endpoint's id or its address
 * @throws webhooks.endpoint-not-found
 */
export async function sendTest(
  db: Db,
  poster: Poster,
  which: string,
): Promise<{ endpoint: Endpoint; message: string; outcome: Outcome }> {
  const endpoint = await getEndpoint(db, which)
  const { secrets = [] } = (await findGoodSecrets(db, endpoint.id)) ?? {}
  const message = `msg_test_${newId()}`
  const body = JSON.stringify({ type: 'test', timestamp: new Date().toISOString(), data: {} })
  const outcome = await poster.post(endpoint.url, signedHeaders(secrets, message, body), body)
  return { endpoint, message, outcome }
}
