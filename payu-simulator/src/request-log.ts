import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from './clock.ts'
import type { Call } from './faults/fault.ts'

/** A call that a shop made. */
export interface LoggedRequest {
  readonly at: number
  readonly call: Call
  readonly method: string
  readonly path: string
  /** As it came, but for secrets. */
  readonly body: string
  /** 0: the connection was cut before an answer. */
  readonly httpStatus: number
}

const ENTRIES_MAX = 1000
const SECRET = /(client_secret=)[^&]*/g

/** Remembers the last calls, in the order in which they ended. */
export function logRequests(app: FastifyInstance, clock: Clock, log: LoggedRequest[]): void {
  const note = ({ routeOptions, method, url: path, body: bytes }: FastifyRequest, httpStatus: number) => {
    const { call } = routeOptions.config
    if (!call) return
    const body = (Buffer.isBuffer(bytes) ? bytes.toString('utf8') : '').replace(SECRET, '$1…')
    log.push({ at: clock.now(), call, method, path, body, httpStatus })
    if (log.length > ENTRIES_MAX) log.shift()
  }
  app.addHook('onRequest', async (request, reply) => {
    // Not Fastify's onResponse: a connection that is cut ends no reply, but closes it all the same.
    reply.raw.once('close', () => note(request, reply.raw.writableFinished ? reply.statusCode : 0))
  })
}
