import type { FastifyReply } from 'fastify'
import type { WireReply } from './refusals.ts'

/** Sends what no route's schema describes, as it is. */
export function sendWire(reply: FastifyReply, { status, body, headers = {} }: WireReply): FastifyReply {
  // Fastify would close the connection on a body that is too large, and the answer would be lost with what is unread:
  // Node reads the rest away, for no longer than a request may take.
  if (status === 413) reply.removeHeader('connection')
  return reply
    .code(status)
    .headers(headers)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(body)
}
