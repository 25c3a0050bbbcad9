import type { Socket } from 'node:net'
import { join } from 'node:path'
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RawServerDefault,
} from 'fastify'
import type { Config } from './config.ts'
import { isOutOfReach } from './contracts/http/failure.ts'
import { sendWire } from './contracts/http/send.ts'
import { healthRoutes } from './contracts/operations/health.routes.ts'
import { describeApi } from './contracts/operations/reference.ts'
import { makeCsrfTokens, shopContract } from './contracts/shop/index.ts'
import { payPath, testGatewayPages } from './contracts/test-gateway/index.ts'
import { makeHasher, makeThrottle, SessionActivity, UNTHROTTLED } from './identity/index.ts'
import { startJobs } from './jobs.ts'
import { VERSION } from './kernel/version.ts'
import type { PaymentMethod } from './orders/index.ts'
import { type Gateways, makeTestGateway, makeTransferGateway, type PaymentGateway } from './payments/index.ts'
import type { Database } from './store/database.ts'

/** Which gateway serves which method, as the settings have it. */
export function makeGateways(config: Config, db: Database): Gateways {
  const gateways = new Map<PaymentMethod, PaymentGateway>()
  if (config.testGateway) {
    const testGateway = makeTestGateway(db, (attemptId) => config.publicUrl + payPath(attemptId))
    gateways.set('card', testGateway).set('payu', testGateway)
  }
  if (config.transfer) gateways.set('transfer', makeTransferGateway())
  return gateways
}

/** A request's body in JSON: far more than any of ours, far less than would hurt. */
const BODY_BYTES_MAX = 64 * 1_024

/**
 * Puts the server together: every contract under its prefix, the reference, the health checks, the jobs. It listens to
 * nothing yet. Closing it ends the jobs and lets running requests finish; the database is the caller's to close.
 */
export async function buildApp(config: Config, db: Database): Promise<FastifyInstance> {
  let closing = false
  const app: FastifyInstance = Fastify<RawServerDefault>({
    logger: {
      level: config.logLevel,
      base: null,
      serializers: { req: (request: FastifyRequest) => ({ method: request.method, path: pathOf(request) }) },
    },
    // One line a request, below; Fastify's own are two.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: requestIds(),
    bodyLimit: BODY_BYTES_MAX,
    trustProxy: config.trustProxy,
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 16_384 },
    clientErrorHandler: refuseBrokenHttp,
    // A path that cannot be decoded reaches no contract; all of them understand this.
    frameworkErrors: (_error, _request, reply) => {
      sendWire(reply as unknown as FastifyReply, {
        status: 400,
        body: { detail: 'Bad request.', message: 'Bad request.' },
      })
    },
  })
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    reply.header('x-content-type-options', 'nosniff')
  })
  app.addHook('onResponse', async (request, reply) => {
    const facts = {
      method: request.method,
      path: pathOf(request),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    }
    request.log.info(facts, 'answered')
  })

  const sessionTerms = { idleDays: config.sessionIdleDays, maxDays: config.sessionMaxDays }
  const sessionActivity = new SessionActivity(db, sessionTerms)
  const gateways = makeGateways(config, db)
  const jobs = startJobs({ db, gateways, sessionActivity, log: app.log })
  app.addHook('onClose', async () => jobs.stop())

  describeApi(app, { publicUrl: config.publicUrl, version: VERSION })
  app.register(healthRoutes(db, () => closing))
  app.register(
    shopContract({
      db,
      signIn: { hasher: makeHasher(), terms: sessionTerms, throttle: config.throttle ? makeThrottle() : UNTHROTTLED },
      passwordPolicy: config.passwordPolicy,
      sessionActivity,
      hold: config.hold,
      gateways,
      transferAccount: config.transfer,
      publicUrl: config.publicUrl,
      csrf: makeCsrfTokens(config.secretKey),
      picturesDir: join(config.dataDir, 'pictures'),
    }),
    { prefix: '/api' },
  )
  if (config.testGateway) app.register(testGatewayPages(db))
  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'))
  // Contracts have handlers of their own; this is for the pages and checks outside of them.
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { statusCode = 500 } = error
    const [status, detail] =
      statusCode < 500
        ? [statusCode, 'Bad request.']
        : isOutOfReach(error)
          ? [503, 'Try again later.']
          : [500, 'Internal server error.']
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    sendWire(reply, { status, body: { detail } })
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ detail: 'Not found.' }))
  await app.ready()
  return app
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
  const [status, text] =
    error.code === 'HPE_HEADER_OVERFLOW' ? [431, 'Request Header Fields Too Large'] : [400, 'Bad Request']
  const body = JSON.stringify({ detail: `${text}.`, message: `${text}.` })
  const headers = [
    'content-type: application/json; charset=utf-8',
    `content-length: ${body.length}`,
    'connection: close',
  ]
  socket.end([`HTTP/1.1 ${status} ${text}`, ...headers, '', body].join('\r\n'))
}
