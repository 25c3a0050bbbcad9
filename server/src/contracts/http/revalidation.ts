import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * For a route's `onSend`, where the answer is the same for everybody and may change at any moment: whoever keeps it, a
 * browser or a cache in between, asks each time whether it is still good, and is answered 304 without a body when it is.
 * A refusal is not kept: some caches would by themselves.
 */
export async function revalidate(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (reply.statusCode !== 200 || typeof payload !== 'string') {
    reply.header('cache-control', 'no-store')
    return payload
  }
  const tag = `"${hash('sha1', payload, 'base64url')}"`
  reply.headers({ 'cache-control': 'public, no-cache', etag: tag })
  if (!isKept(request, tag)) return payload
  reply.code(304).removeHeader('content-type')
  // Fastify takes a HEAD's body away itself, and tells how long it would have been.
  return request.method === 'HEAD' ? payload : null
}

/** Whether the client has what the tag stands for (RFC 9110, 13.1.2). A proxy that compresses makes a tag a weak one. */
export function isKept({ headers }: FastifyRequest, tag: string): boolean {
  const kept = headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, '')) ?? []
  return kept.includes(tag) || kept.includes('*')
}
