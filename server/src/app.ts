import type { Socket } from 'node:net'
import { join } from 'node:path'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RawServerDefault,
} from 'fastify'
import type { Config } from './config.ts'
import { accountPages } from './contracts/account-pages/index.ts'
import { accountsContract, accountsFailure, accountsReplyTo } from './contracts/accounts/index.ts'
import { answerFailure } from './contracts/http/failure.ts'
import type { HttpRefusal } from './contracts/http/refusals.ts'
import { answerNotFound } from './contracts/http/reply-to.ts'
import { rememberRoutes } from './contracts/http/routes-by-path.ts'
import { sendWire } from './contracts/http/send.ts'
import { makeCsrfTokens } from './contracts/http/session-csrf.ts'
import { mediaFiles } from './contracts/media/index.ts'
import { healthRoutes } from './contracts/operations/health.routes.ts'
import { describeApi } from './contracts/operations/reference.ts'
import { notifyPath, payuNotifications, returnPage, returnPath } from './contracts/payu/index.ts'
import { type ShopContext, shopContract, shopReplyTo } from './contracts/shop/index.ts'
import { payPath, testGatewayPages } from './contracts/test-gateway/index.ts'
import { makeCsrfTickets, whoamiContract, whoamiReplyTo } from './contracts/whoami/index.ts'
import { makeHasher, makeJwts, makeThrottle, SessionActivity, UNTHROTTLED } from './identity/index.ts'
import { startJobs } from './jobs.ts'
import { VERSION } from './kernel/version.ts'
import { type MailSender, makeFolderSender, makeMailSeal, makeSmtpSender } from './mail/index.ts'
import { type MediaStore, makeDiskStore, makeS3Store } from './media/index.ts'
import type { PaymentMethod } from './orders/index.ts'
import {
  type Gateways,
  makePayuGateway,
  makeTestGateway,
  makeTransferGateway,
  type PaymentGateway,
  type PayuGateway,
  type PayuGatewayOptions,
} from './payments/index.ts'
import type { Database } from './store/database.ts'

/** PayU, as the settings have it; undefined without them. */
export function makePayu(config: Config, log: PayuGatewayOptions['log'] = console): PayuGateway | undefined {
  const { payu, publicUrl, returnUrl, shopName, currency, production } = config
  if (!payu) return undefined
  return makePayuGateway({
    ...payu,
    baseUrl: payu.url,
    notifyUrl: publicUrl + notifyPath(payu.posId),
    continueUrl: (orderId) => returnUrl?.replaceAll('{order}', orderId) ?? publicUrl + returnPath(orderId),
    ...{ shopName, currency, production, log },
  })
}

/** Which gateway serves which method, as the settings have it. */
export function makeGateways(config: Config, db: Database, payu = makePayu(config)): Gateways {
  const gateways = new Map<PaymentMethod, PaymentGateway>()
  if (payu) gateways.set('card', payu).set('payu', payu)
  else if (config.testGateway) {
    const testGateway = makeTestGateway(db, (attemptId) => config.publicUrl + payPath(attemptId))
    gateways.set('card', testGateway).set('payu', testGateway)
  }
  if (config.transfer) gateways.set('transfer', makeTransferGateway())
  return gateways
}

/** Where uploaded files go, as the settings have it. */
export function makeMediaStore({ media, dataDir }: Config): MediaStore {
  return media ? makeS3Store(media) : makeDiskStore(join(dataDir, 'media'))
}

/** Where mails go, as the settings have it. */
export function makeMailSender({ mail, dataDir }: Config): MailSender {
  return mail.smtpUrl ? makeSmtpSender(mail.smtpUrl, mail.from) : makeFolderSender(join(dataDir, 'mail'), mail.from)
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
    frameworkErrors: (_error, request, reply) => refuseUndecodable(request, reply as unknown as FastifyReply),
  })
  // Outside of the contracts nothing takes a body: whatever comes is not looked at.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, body, done) => {
    body.resume()
    done(null)
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
      address: request.ip,
      ms: Math.round(reply.elapsedTime),
    }
    request.log.info(facts, 'answered')
  })

  const { sessionIdleDays: idleDays, sessionMaxDays: maxDays, jwtDays } = config
  const sessionTerms = {
    cookie: { idleDays, maxDays },
    // The contract: 24 hours since last use.
    access: { idleDays: 1, maxDays },
    jwt: { idleDays: jwtDays, maxDays: jwtDays },
  }
  const sessionActivity = new SessionActivity(db, sessionTerms)
  const payu = makePayu(config, app.log)
  const gateways = makeGateways(config, db, payu)
  const media = makeMediaStore(config)
  const seal = makeMailSeal(config.secretKeys)
  const mailDeliverer = { sender: makeMailSender(config), seal }
  const jobs = startJobs({ db, gateways, sessionActivity, mailDeliverer, media, log: app.log })
  app.addHook('onClose', async () => {
    await jobs.stop()
    await payu?.close()
  })

  const methodsOf = rememberRoutes(app)
  describeApi(app, { publicUrl: config.publicUrl, version: VERSION })
  app.register(healthRoutes(db, () => closing))
  app.register(mediaFiles(media))

  const door = { db, jwts: makeJwts(config.secretKeys), sessionActivity, publicUrl: config.publicUrl }
  const { passwordPolicy } = config
  const letterhead = { shopName: config.shopName, publicUrl: config.publicUrl }
  const throttle = config.throttle ? makeThrottle() : UNTHROTTLED
  const mails = { letterhead, seal, throttle }
  const signIn = { hasher: makeHasher(), terms: sessionTerms, throttle }
  const csrf = makeCsrfTokens(config.secretKeys)
  const shop: ShopContext = {
    ...door,
    signIn,
    passwordPolicy,
    mails,
    csrf,
    hold: config.hold,
    gateways,
    transferAccount: config.transfer,
    picturesDir: join(config.dataDir, 'pictures'),
  }
  const tickets = makeCsrfTickets(config.secretKeys)
  app.register(shopContract(shop), { prefix: '/api' })
  app.register(whoamiContract({ ...door, signIn, passwordPolicy, mails, tickets }), { prefix: '/api/v1' })
  app.register(accountsContract({ ...door, signIn, passwordPolicy, mails, csrf, media }), {
    prefix: config.accountsPrefix,
  })
  app.register(accountPages({ db, signIn, passwordPolicy, mails }))
  app.register(payuNotifications(db, payu ? [payu] : []))
  app.register(returnPage({ db, gateways }))
  if (config.testGateway) app.register(testGatewayPages(db))
  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'))

  // At the root the accounts contract speaks for every path that is nobody else's.
  app.setErrorHandler(answerFailure({ replyTo: accountsReplyTo, failure: accountsFailure }))
  app.setNotFoundHandler(answerNotFound(methodsOf, accountsReplyTo))
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

/** A path that cannot be decoded is no route's: it is refused in the shape of the contract it begins with. */
function refuseUndecodable(request: FastifyRequest, reply: FastifyReply): void {
  const refusal: HttpRefusal = { code: 'http.bad-request', problem: 'Bad request.' }
  const { url } = request
  const replyTo = url.startsWith('/api/v1/') ? whoamiReplyTo : url.startsWith('/api/') ? shopReplyTo : accountsReplyTo
  sendWire(reply, replyTo(refusal, request))
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
