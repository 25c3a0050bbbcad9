import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Call, CallFault } from './fault.ts'
import type { Faults } from './faults.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Which of PayU's calls a route is. */
    call?: Call
  }
}

/** Makes the calls of a shop fail as the switches say. */
export function failCalls(app: FastifyInstance, faults: Faults): void {
  const taken = new WeakMap<FastifyRequest, CallFault[]>()

  app.addHook('onRequest', async (request, reply) => {
    const { call } = request.routeOptions.config
    if (!call) return
    const found = faults.takeForCall(call)
    taken.set(request, found)
    for (const fault of found) {
      if (fault.kind === 'slow' || fault.when === 'after') continue
      if (fault.kind === 'cut') return cut(request, reply)
      return reply.code(fault.httpStatus).send(errorBody(fault.httpStatus))
    }
  })

  // The work is done by now; slow is an answer that comes late.
  app.addHook('onSend', async (request, reply, payload) => {
    let answer = payload
    for (const fault of taken.get(request) ?? []) {
      if (fault.kind === 'slow') await sleep(fault.seconds * 1000, undefined, { ref: false })
      else if (fault.when === 'before') continue
      else if (fault.kind === 'cut') return cut(request, reply)
      else {
        reply.code(fault.httpStatus).removeHeader('location').type('application/json; charset=utf-8')
        answer = JSON.stringify(errorBody(fault.httpStatus))
      }
    }
    return answer
  })
}

/** Never resolves: Fastify would go on to write an answer, and take it for sent. */
function cut(request: FastifyRequest, reply: FastifyReply): Promise<never> {
  reply.hijack()
  request.raw.socket.destroy()
  return new Promise(() => {})
}

/** What PayU says with such a status: not always in the same shape. */
function errorBody(httpStatus: number): object {
  if (httpStatus === 429) return {}
  if (httpStatus === 503) return { status: { statusCode: 'SERVICE_NOT_AVAILABLE', severity: 'ERROR' } }
  if (httpStatus === 408) return { status: { statusCode: 'TIMEOUT', severity: 'ERROR' } }
  return { status: { statusCode: httpStatus < 500 ? 'ERROR_INTERNAL' : 'GENERAL_ERROR', severity: 'ERROR' } }
}
