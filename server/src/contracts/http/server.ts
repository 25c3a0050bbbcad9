import { isIP, type Socket } from 'node:net'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RawServerDefault,
} from 'fastify'
import { isPublicAddress, undressed } from '../../kernel/ip-address.ts'
import { serializersWhenAsked } from './compilers.ts'
import type { HttpRefusal, WireReply } from './refusals.ts'
import { sendWire } from './send.ts'
import { makeValidatorCompiler } from './validation.ts'

export interface ServerOptions {
  readonly logLevel: string
  /** Its number in the log, where several processes write one. */
  readonly worker?: number | undefined
  /** Proxies whose X-Forwarded-… headers are believed. */
  readonly trustProxy: string | false
  /** How to refuse a path that cannot be decoded, and so is no contract's. */
  readonly replyTo: (refusal: HttpRefusal, request: FastifyRequest) => WireReply
}

/** A request's body in JSON: far more than any of ours, far less than would hurt. */
const BODY_BYTES_MAX = 64 * 1_024

/**
 * An HTTP server without a route: its limits, its log of one line a request, the headers that every answer has, and what
 * happens to requests that never reach a route. It listens to nothing yet.
 */
export function makeServer({ logLevel, worker, trustProxy, replyTo }: ServerOptions): FastifyInstance {
  const app: FastifyInstance = Fastify<RawServerDefault>({
    logger: {
      level: logLevel,
      base: worker === undefined ? null : { worker },
      serializers: { req: (request: FastifyRequest) => ({ method: request.method, path: pathOf(request) }) },
    },
    // One line a request, below; Fastify's own are two.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIds(),
    bodyLimit: BODY_BYTES_MAX,
    trustProxy,
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    // What still comes in while the server stops is a running request like the others; its connection is closed behind it.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 16_384 },
    schemaController: { compilersFactory: makeCompilers() },
    clientErrorHandler: refuseBrokenHttp,
    frameworkErrors(_error, request, reply) {
      const refusal: HttpRefusal = { code: 'http.bad-request', problem: 'Bad request.' }
      reply.headers(everyAnswers(request))
      sendWire(reply as unknown as FastifyReply, replyTo(refusal, request))
    },
  })
  // Outside of the contracts nothing takes a body: whatever comes is not looked at.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, body, done) => {
    body.resume()
    done(null)
  })
  // Node would answer 417 by itself, without a word. What is expected need not be met, so it is overlooked.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  // What runs for every request has no promise that Fastify would wait for.
  app.addHook('onRequest', (request, reply, done) => {
    // Node keeps an address that was asked for once; otherwise a client that goes away in the midst takes it along.
    void request.socket.remoteAddress
    reply.headers(everyAnswers(request))
    done()
  })
  if (trustProxy === false) warnOfProxy(app)
  app.addHook('onResponse', (request, reply, done) => {
    const facts = {
      method: request.method,
      path: pathOf(request),
      status: reply.statusCode,
      address: request.ip,
      ms: Math.round(reply.elapsedTime),
    }
    request.log.info(facts, 'answered')
    done()
  })
  return app
}

/** Fastify's own would be loaded, if only to be replaced; its types know no others. */
function makeCompilers(): object {
  const [validators, serializers] = [makeValidatorCompiler(), serializersWhenAsked()]
  return { buildValidator: () => validators, buildSerializer: () => serializers }
}

/**
 * Once: behind a proxy that is not trusted all customers have one address, and are throttled as one. From outside the
 * header is something that a stranger made up.
 */
function warnOfProxy(app: FastifyInstance): void {
  let isSaid = false
  app.addHook('onRequest', ({ headers, ip, log }, _reply, done) => {
    if (!isSaid && headers['x-forwarded-for'] !== undefined && !isPublicAddress(undressed(ip))) {
      isSaid = true
      log.warn({ proxy: ip }, 'requests come through a proxy, and count as its own: name it in TRUST_PROXY')
    }
    done()
  })
}

/** Where this machine reaches the server once it listens. */
export function ownUrl({ server }: FastifyInstance): string {
  const listening = server.address()
  if (typeof listening !== 'object' || !listening) throw new Error('the server does not listen yet')
  const { address, port } = listening
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  return `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

/** What every answer says, whatever else it does. */
function everyAnswers({ id }: FastifyRequest): Record<string, string> {
  return { 'x-request-id': id, 'x-content-type-options': 'nosniff' }
}

/** Without the query, which may hold what is nobody's business. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? ''
}

/** Ids that differ between servers and restarts, and cost nothing to make. */
function requestIds(): () => string {
  const start = Math.floor(Math.random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0')
  let count = 0
  return () => `${start}-${(++count).toString(36)}`
}

/** What is no HTTP at all never becomes a request: it is answered on the bare connection. */
function refuseBrokenHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, text] = BROKEN_HTTP[error.code ?? ''] ?? [400, 'Bad Request']
  const body = JSON.stringify({ detail: `${text}.`, message: `${text}.` })
  const headers = [
    'content-type: application/json; charset=utf-8',
    `content-length: ${body.length}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ]
  socket.end([`HTTP/1.1 ${status} ${text}`, ...headers, '', body].join('\r\n'))
  // Who goes on sending would go on for ever: nobody measures the time of what is no request.
  setTimeout(() => socket.destroy(), 1_000).unref()
}

const BROKEN_HTTP: Readonly<Record<string, readonly [status: number, text: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}
