import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from '../../kernel/refused.ts'
import type { WireReply } from './refusals.ts'
import { sendWire } from './send.ts'

/** A contract's whole table of replies; its own type has made sure that it is whole. */
type Replies = { readonly [code: string]: (refusal: never) => WireReply }

/**
 * How a contract replies to a refusal of any room. A code its table lacks is a bug, and is logged and answered as one.
 */
export function replyWith(replies: Replies, failure: WireReply) {
  return (refusal: Refusal, request: FastifyRequest): WireReply => {
    const reply = replies[refusal.code]
    if (reply) return reply(refusal as never)
    request.log.error({ refusal }, 'a refusal that the contract has no reply for')
    return failure
  }
}

/** Tells an unknown path from a known one asked with an unknown method. */
export function answerNotFound(
  methodsOf: (url: string) => string[],
  replyTo: (refusal: Refusal, request: FastifyRequest) => WireReply,
) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const allowed = methodsOf(request.url)
    const { method } = request
    const refusal =
      allowed.length === 0 ? { code: 'http.not-found' } : { code: 'http.method-not-allowed', method, allowed }
    return sendWire(reply, replyTo(refusal, request))
  }
}
