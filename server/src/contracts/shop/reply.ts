import type { FastifyRequest } from 'fastify'
import type { Refusal } from '../../kernel/refused.ts'
import type { WireReply } from '../http/refusals.ts'
import { shopFailure, shopReplies } from './refusals.ts'

const replies = shopReplies as unknown as Readonly<Record<string, (refusal: Refusal) => WireReply>>

/** This contract's reply to a refusal of any room. A code the table lacks is a bug, and is logged and answered as one. */
export function replyTo(refusal: Refusal, request: FastifyRequest): WireReply {
  const reply = replies[refusal.code]
  if (reply) return reply(refusal)
  request.log.error({ refusal }, 'a refusal that the shop contract has no reply for')
  return shopFailure
}
