import type { FastifyInstance, FastifyRequest } from 'fastify'

const BODY_BYTES_MAX = 1024 * 1024

/** Leaves every body as it came: each route says itself what it makes of which kind. */
export function takeBodiesRaw(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX }, (_request, body, done) =>
    done(null, body),
  )
}

export function mediaTypeOf(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

export function isEmptyBody({ body }: FastifyRequest): boolean {
  return !Buffer.isBuffer(body) || body.toString('utf8').trim() === ''
}

export function formOf({ body }: FastifyRequest): URLSearchParams {
  return new URLSearchParams(Buffer.isBuffer(body) ? body.toString('utf8') : '')
}
