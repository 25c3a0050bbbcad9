import { join } from 'node:path'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { MountedSimulator } from 'payu-simulator'
import { RememberedPages } from './catalogue/index.ts'
import type { Config } from './config.ts'
import { accountPages } from './contracts/account-pages/index.ts'
import { accountsContract, accountsFailure, accountsReplyTo } from './contracts/accounts/index.ts'
import { answerFailure } from './contracts/http/failure.ts'
import type { HttpRefusal, WireReply } from './contracts/http/refusals.ts'
import { answerNotFound } from './contracts/http/reply-to.ts'
import { rememberRoutes } from './contracts/http/routes-by-path.ts'
import { makeServer, ownUrl } from './contracts/http/server.ts'
import { makeCsrfTokens } from './contracts/http/session-csrf.ts'
import { mediaFiles } from './contracts/media/index.ts'
import { healthRoutes } from './contracts/operations/health.routes.ts'
import { describeApi, unlisted } from './contracts/operations/reference.ts'
import { notifyPath, payuNotifications, returnPage, returnPath } from './contracts/payu/index.ts'
import { type ShopContext, shopContract, shopReplyTo } from './contracts/shop/index.ts'
import { describeEvent, describeWebhooks } from './contracts/webhooks/index.ts'
import { makeCsrfTickets, whoamiContract, whoamiReplyTo } from './contracts/whoami/index.ts'
import { type EventReceiver, orderMails } from './events/index.ts'
import {
  makeAvatarIntake,
  makeHasher,
  makeJwts,
  makeStandInPoint,
  makeThrottle,
  SessionActivity,
  UNTHROTTLED,
} from './identity/index.ts'
import { type StartJobs, startJobs } from './jobs.ts'
import { VERSION } from './kernel/version.ts'
import { type MailSeal, type MailSender, makeFolderSender, makeMailSeal, makeSmtpSender } from './mail/index.ts'
import { type MediaStore, makeDiskStore, makeS3Store } from './media/index.ts'
import type { PaymentMethod } from './orders/index.ts'
import {
  type Gateways,
  makePayuGateway,
  makeTransferGateway,
  type PaymentGateway,
  type PayuGateway,
  type PayuGatewayOptions,
} from './payments/index.ts'
import { SIMULATOR_PATH } from './simulated-payu.ts'
import type { Database } from './store/database.ts'
import { makePoster, type Poster, queueDeliveries } from './webhooks/index.ts'

/** What PayU needs to know besides the settings. */
export interface PayuSurroundings {
  /** Takes PayU's place; not in production. */
  readonly simulator?: MountedSimulator | undefined
  /** Where this server listens, from this machine; asked when it does. */
  readonly ownUrl: () => string
  readonly log: PayuGatewayOptions['log']
}

/** PayU, or the simulator in its place; undefined when there is neither. */
export function makePayu(config: Config, { simulator, ownUrl, log }: PayuSurroundings): PayuGateway | undefined {
  const { publicUrl, returnUrl, shopName, currency, production } = config
  const shared = {
    continueUrl: (orderId: string) => returnUrl?.replaceAll('{order}', orderId) ?? publicUrl + returnPath(orderId),
    ...{ shopName, currency, production, log },
  }
  if (config.payu) {
    const { url: baseUrl, posId } = config.payu
    return makePayuGateway({ ...config.payu, ...shared, baseUrl, notifyUrl: publicUrl + notifyPath(posId) })
  }
  const pos = simulator?.pointsOfSale[0]
  if (!pos) return undefined
  // They talk within the machine: PUBLIC_URL need not lead to it from here.
  return makePayuGateway({
    ...pos,
    ...shared,
    secondKeys: [pos.secondKey],
    blikCode: pos.blik !== 'redirect',
    baseUrl: () => ownUrl() + SIMULATOR_PATH,
    notifyUrl: () => ownUrl() + notifyPath(pos.posId),
  })
}

/** Which gateway serves which method, as the settings have it. */
export function makeGateways(config: Config, payu: PayuGateway | undefined): Gateways {
  const gateways = new Map<PaymentMethod, PaymentGateway>()
  if (payu) gateways.set('card', payu).set('payu', payu)
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

/** Who is told of what happens to orders, as the settings have it. */
export function makeEventReceivers(config: Config, seal: MailSeal): EventReceiver[] {
  const { orderMails: areMailed, shopName, publicUrl, transfer } = config
  const mails = orderMails({ letterhead: { shopName, publicUrl }, transferAccount: transfer, seal })
  return [...(areMailed ? [mails] : []), queueDeliveries]
}

/** How webhooks go out, as the settings have it. */
export function makeWebhookPoster({ webhooksMayBePrivate }: Config): Poster {
  return makePoster({ mayBePrivate: webhooksMayBePrivate })
}

/** What a process is told beside the settings. */
export interface Circumstances {
  /** Takes PayU's place, in this process; outside production only. */
  readonly simulator?: MountedSimulator | undefined
  /** Which of several processes this is, for the log. */
  readonly worker?: number | undefined
  /** Who runs the jobs; a simulation does it by itself, in its own time. */
  readonly runJobs?: StartJobs | undefined
}

/**
 * Puts the server together: every contract under its prefix, the reference, the health checks, the jobs. It listens to
 * nothing yet. Closing it ends the jobs and the simulator and lets running requests finish; the database is the caller's
 * to close.
 */
export async function buildApp(
  config: Config,
  db: Database,
  { simulator, worker, runJobs = startJobs }: Circumstances = {},
): Promise<FastifyInstance> {
  if (simulator && config.production) throw new Error('in production whoever reaches the simulator could pay any order')
  const { logLevel, trustProxy } = config
  const app = makeServer({ logLevel, trustProxy, worker, replyTo: replyAtPath })
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  const { sessionIdleDays: idleDays, sessionMaxDays: maxDays, jwtDays } = config
  const sessionTerms = {
    cookie: { idleDays, maxDays },
    // The contract: 24 hours since last use.
    access: { idleDays: 1, maxDays },
    jwt: { idleDays: jwtDays, maxDays: jwtDays },
  }
  const sessionActivity = new SessionActivity(db, sessionTerms)
  const payu = makePayu(config, { simulator, ownUrl: () => ownUrl(app), log: app.log })
  const gateways = makeGateways(config, payu)
  // Wrong keys are in the log before the first buyer meets them.
  if (config.payu) app.addHook('onListen', async () => void payu?.offers())
  const media = makeMediaStore(config)
  const seal = makeMailSeal(config.secretKeys)
  const mailDeliverer = { sender: makeMailSender(config), seal }
  const jobs = runJobs({
    ...{ db, gateways, sessionActivity, mailDeliverer, media, log: app.log },
    eventReceivers: makeEventReceivers(config, seal),
    describeEvent,
    webhookPoster: makeWebhookPoster(config),
  })
  app.addHook('onClose', async () => {
    await jobs.stop()
    await payu?.close()
  })

  const methodsOf = rememberRoutes(app)
  describeApi(app, { publicUrl: config.publicUrl, version: VERSION, webhooks: describeWebhooks() })
  app.register(healthRoutes(db, () => closing))
  app.register(mediaFiles(media))

  const door = { db, jwts: makeJwts(config.secretKeys), sessionActivity, publicUrl: config.publicUrl }
  const { passwordPolicy } = config
  const letterhead = { shopName: config.shopName, publicUrl: config.publicUrl }
  const throttle = config.throttle ? makeThrottle(db, config.secretKeys) : UNTHROTTLED
  const mails = { letterhead, seal, throttle }
  const standInPoint = makeStandInPoint(config.secretKeys)
  const signIn = { hasher: makeHasher({ processes: config.workers }), terms: sessionTerms, throttle, standInPoint }
  // The library is loaded with the first hash: what is wrong with it is not for the first customer to find out.
  app.addHook('onListen', async () => {
    signIn.hasher
      .hash('nobody')
      .catch((err) => app.log.error({ err }, 'passwords cannot be hashed: nobody can sign in'))
  })
  const csrf = makeCsrfTokens(config.secretKeys)
  const shop: ShopContext = {
    ...door,
    signIn,
    passwordPolicy,
    mails,
    csrf,
    media,
    hold: config.hold,
    unpaidOrdersMax: config.unpaidOrdersMax,
    gateways,
    transferAccount: config.transfer,
    pages: new RememberedPages(),
    picturesDir: join(config.dataDir, 'pictures'),
  }
  const tickets = makeCsrfTickets(config.secretKeys)
  app.register(shopContract(shop), { prefix: '/api' })
  app.register(whoamiContract({ ...door, signIn, passwordPolicy, mails, tickets, media }), { prefix: '/api/v1' })
  const avatars = makeAvatarIntake()
  app.register(accountsContract({ ...door, signIn, passwordPolicy, mails, csrf, media, avatars }), {
    prefix: config.accountsPrefix,
  })
  app.register(accountPages({ db, signIn, passwordPolicy, mails }))
  app.register(payuNotifications(db, payu ? [payu] : []))
  app.register(returnPage({ db, gateways, shopName: config.shopName }))
  if (simulator) app.register(unlisted(simulator.plugin), { prefix: SIMULATOR_PATH })
  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'))

  // At the root the accounts contract speaks for every path that is nobody else's.
  app.setErrorHandler(answerFailure({ replyTo: accountsReplyTo, failure: accountsFailure }))
  app.setNotFoundHandler(answerNotFound(methodsOf, accountsReplyTo))
  await app.ready()
  return app
}

/** In the shape of the contract that the path begins with, for requests that come to no route. */
function replyAtPath(refusal: HttpRefusal, request: FastifyRequest): WireReply {
  const { url } = request
  const replyTo = url.startsWith('/api/v1/') ? whoamiReplyTo : url.startsWith('/api/') ? shopReplyTo : accountsReplyTo
  return replyTo(refusal, request)
}
