import {
  type Charge,
  ChargeRefused,
  type GatewayMessage,
  GatewayUnavailable,
  type Offer,
  type PaymentGateway,
  type Started,
} from '../gateway.ts'
import type { PaymentAttempt, PaymentNews } from '../payment.ts'
import { makePayuClient, type PayuClient, type PayuClientOptions } from './client.ts'
import { readNotification } from './notification.ts'
import { makeOffers, offersOf } from './offers.ts'
import { type OrderTerms, orderRequest } from './order-request.ts'
import { askRefund, type PayuLog, sendRefund } from './refunds.ts'
import { PayuMisconfigured, PayuRefused } from './refused.ts'
import type { CreatedOrder, PayuOrder } from './shapes.ts'
import { isSigned } from './signature.ts'
import { TOLD } from './statuses.ts'

export interface PayuGatewayOptions extends Omit<OrderTerms, 'language'> {
  readonly baseUrl: PayuClientOptions['baseUrl']
  readonly clientId: string
  readonly clientSecret: string
  /** The second keys: notifications signed with any of them are PayU's, so that one can be replaced. */
  readonly secondKeys: readonly string[]
  /** Whether this POS takes BLIK codes typed in the shop; PayU then sends nobody to its BLIK page. */
  readonly blikCode: boolean
  /** Of PayU's page; left out: the one most buyers with the shop's currency speak. */
  readonly language?: string | undefined
  readonly currency: string
  readonly log: PayuLog
  readonly now?: (() => number) | undefined
  /** For tests that will not wait. */
  readonly http?: PayuClientOptions['http']
  readonly retry?: PayuClientOptions['retry']
}

/** PayU behind the shape of a gateway. */
export interface PayuGateway extends PaymentGateway {
  readonly posId: string
  /**
   * Whether PayU has signed this notification for this POS.
   *
   * @param body byte by byte as it came
   * @param signature the header `OpenPayu-Signature`
   */
  isGenuine(body: Buffer, signature: string | undefined): boolean
  readMessage(body: Buffer): GatewayMessage
  /**
   * Asks PayU, with the keys of the settings, what it offers now.
   *
   * @throws PayuMisconfigured when it does not know the keys, GatewayUnavailable when it cannot be asked
   */
  check(): Promise<readonly Offer[]>
  /** It holds connections. */
  close(): Promise<void>
}

/** A visitor waits for the list of methods. */
const OFFERS_WITHIN_MS = 4_000
const LANGUAGES: Readonly<Record<string, string>> = { PLN: 'pl', CZK: 'cs', HUF: 'hu', RON: 'ro' }

/** One POS of PayU: `card`, `payu` and the BLIK code. */
export function makePayuGateway(options: PayuGatewayOptions): PayuGateway {
  const { currency, log, now = Date.now, language = LANGUAGES[currency] ?? 'en' } = options
  const { posId } = options
  const name = `payu-${posId}`
  const client = makePayuClient(options)
  const { blikCode } = options
  const listPayMethods = () => client.listPayMethods(language, OFFERS_WITHIN_MS)
  const onFailure = (err: unknown) => {
    const level = err instanceof PayuMisconfigured ? 'error' : 'warn'
    log[level]({ err }, 'PayU does not tell its pay methods; the last known ones are offered')
  }
  const offers = makeOffers({ blikCode, listPayMethods, onFailure, now })

  return {
    // An attempt keeps its POS by it, for ever.
    name,
    posId,
    offers,
    start: async (charge) => {
      const order = orderRequest(charge, { ...options, language }, now())
      const created = await client.createOrder(order).catch((error) => {
        throw refusedCharge(error, charge)
      })
      return startedBy(created, charge, options)
    },
    async retrieve(attempt) {
      if (attempt.reference === null) return undefined
      const order = await client.findOrder(attempt.reference)
      if (order?.status === 'CANCELED') await logReason(client, log, attempt, attempt.reference)
      return order && newsOf(name, attempt, order)
    },
    capture: (attempt) => capture(client, attempt),
    cancel: (attempt) => cancel(client, attempt),
    refund: (refund, attempt) => sendRefund(client, log, refund, attempt),
    retrieveRefund: (refund, attempt) => askRefund(client, name, refund, attempt),
    isGenuine: (body, signature) => isSigned(body, signature, options.secondKeys),
    readMessage: (body) => readNotification({ posId, gateway: name }, body),
    check: async () => offersOf(await listPayMethods(), blikCode),
    close: () => client.close(),
  }
}

function startedBy(
  { orderId: reference, redirectUri, isRecovered }: CreatedOrder,
  { blikCode }: Charge,
  { production }: PayuGatewayOptions,
): Started {
  if (isRecovered) return { reference, isRecovered }
  if (redirectUri === undefined) {
    // With a BLIK code the buyer confirms in the bank's app, and no page is needed.
    if (blikCode !== undefined) return { reference }
    throw new GatewayUnavailable(`PayU took the order ${reference}, but does not say where to pay`)
  }
  const protocol = URL.canParse(redirectUri) ? new URL(redirectUri).protocol : ''
  if (protocol !== 'https:' && (production || protocol !== 'http:')) {
    throw new GatewayUnavailable('PayU names a page to pay on that is no address of a page')
  }
  return { reference, redirectUri }
}

/** What PayU says no to is refused for good; everything else stays what it is. */
function refusedCharge(error: unknown, { blikCode }: Charge): unknown {
  return error instanceof PayuRefused
    ? new ChargeRefused(reasonOf(error, blikCode), error.message, { cause: error })
    : error
}

function reasonOf(refused: PayuRefused, blikCode: string | undefined): ChargeRefused['reason'] {
  if (refused.mentions(/BLOCKED|DISABLED/i)) return 'method'
  if (blikCode !== undefined && refused.mentions(/BLIK|AUTHORIZATION_?CODE/i)) return 'blik-code'
  return refused.mentions(/PAY_?METHOD/i) ? 'method' : 'other'
}

/** @throws GatewayUnavailable when PayU speaks of another order than it was asked for */
function newsOf(gateway: string, attempt: PaymentAttempt, order: PayuOrder): PaymentNews {
  const told = TOLD.get(order.status)
  if (!told) {
    throw new GatewayUnavailable(`PayU gives an order the status ${order.status.slice(0, 40)}, which nobody knows`)
  }
  if (order.extOrderId !== undefined && order.extOrderId.toLowerCase() !== attempt.id) {
    throw new GatewayUnavailable(`PayU's order ${order.orderId} is another attempt's`)
  }
  const { status: event, totalMinor: amountMinor, currency, orderId: reference } = order
  return { gateway, attemptId: attempt.id, event, told, amountMinor, currency, reference }
}

/** PayU has one word for all that came to nothing; why, only the transactions tell, and only staff want to know. */
async function logReason(client: PayuClient, log: PayuLog, attempt: PaymentAttempt, orderId: string): Promise<void> {
  try {
    const transactions = await client.listTransactions(orderId)
    if (transactions.length > 0) log.warn({ attemptId: attempt.id, orderId, transactions }, 'PayU canceled a payment')
  } catch {
    // It was a courtesy.
  }
}

/**
 * Takes what is blocked. An answer may be lost and a second asking be refused (code 108): what counts is how the order
 * stands afterwards.
 */
async function capture(client: PayuClient, { reference }: PaymentAttempt): Promise<void> {
  if (reference === null) throw new GatewayUnavailable("PayU's number of this payment is not known")
  try {
    await client.captureOrder(reference)
  } catch (error) {
    const order = await client.findOrder(reference)
    if (order?.status === 'COMPLETED') return
    throw asUnavailable(error)
  }
}

/**
 * Tells PayU that nobody wants it any more. What is final already stays as it is: money that came is told as news.
 * Blocked money is let go by the first DELETE and the order canceled by the second, on some POS.
 */
async function cancel(client: PayuClient, { reference }: PaymentAttempt): Promise<void> {
  if (reference === null) return
  let order = await client.findOrder(reference)
  const deletesMax = order?.status === 'WAITING_FOR_CONFIRMATION' ? 2 : 1
  for (let deletes = 0; deletes < deletesMax && order && !isFinal(order); deletes++) {
    await client.cancelOrder(reference).catch((error) => {
      throw asUnavailable(error)
    })
    if (deletes + 1 < deletesMax) order = await client.findOrder(reference)
  }
}

function isFinal({ status }: PayuOrder): boolean {
  return status === 'CANCELED' || status === 'COMPLETED'
}

function asUnavailable(error: unknown): unknown {
  return error instanceof PayuRefused ? new GatewayUnavailable(error.message, { cause: error }) : error
}
