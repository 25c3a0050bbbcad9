import type { FastifyReply } from 'fastify'
import type { WireReply } from './refusals.ts'

/** Sends what no route's schema describes, as it is. */
export function sendWire(reply: FastifyReply, { status, body, headers = {} }: WireReply): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(body)
}
