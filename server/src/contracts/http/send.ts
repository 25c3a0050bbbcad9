import type { FastifyReply } from 'fastify'
import type { WireReply } from './refusals.ts'
import { isTooMuchToReadAway, lingering } from './unread-body.ts'

/** Sends what no route's schema describes, as it is. What is unread of the request is read away, or the connection closed. */
export function sendWire(reply: FastifyReply, { status, body, headers = {} }: WireReply): FastifyReply {
  const { raw } = reply.request
  const answer = JSON.stringify(body)
  // Fastify would close the connection on every body that is too large, and the answer would be lost with what is unread.
  reply.removeHeader('connection')
  reply.code(status).headers(headers).type('application/json; charset=utf-8')
  if (!isTooMuchToReadAway(raw)) return reply.serializer(String).send(answer)
  return reply
    .headers({ connection: 'close', 'content-length': Buffer.byteLength(answer) })
    .send(lingering(answer, raw))
}
