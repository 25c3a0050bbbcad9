import { isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import { Refused } from '../../kernel/refused.ts'
import type { HttpRefusal } from './refusals.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The bytes of the body, kept where an Idempotency-Key asks whether it is the same. */
    rawBody: Buffer | null
  }
}

/**
 * Reads JSON bodies strictly: bytes that are no UTF-8 are refused, not replaced, so that what is stored is what was sent.
 * No body at all reads as an empty object: which fields are missing is the schema's to say. Keys that would reach an
 * object's prototype are refused.
 */
export function readJsonBodies(app: FastifyInstance): void {
  app.decorateRequest('rawBody', null)
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (request.headers['idempotency-key'] !== undefined) request.rawBody = body
    if (body.length === 0) return done(null, {})
    if (!isUtf8(body)) return done(malformed('JSON parse error - the body is not valid UTF-8.'))
    parse(request, body.toString('utf8'), (error, value) => {
      done(error ? malformed('JSON parse error - the body is not valid JSON.') : null, value)
    })
  })
  app.addHook('preValidation', async (request) => {
    if (request.body === undefined) request.body = {}
  })
}

function malformed(problem: string): Refused<HttpRefusal> {
  return new Refused<HttpRefusal>({ code: 'http.malformed', problem })
}
