import { HTTP_TERMS, type HttpTerms, makePayuHttp, type PayuAnswer } from './http.ts'
import { acceptedBody, PayuRefused } from './refused.ts'
import { RETRY_TERMS, type RetryTerms, withRetries } from './retry.ts'
import {
  type CreatedOrder,
  type OrderRequest,
  orderOf,
  type PayMethod,
  type PayuOrder,
  type PayuRefund,
  type PayuTransaction,
  payMethodOf,
  refundOf,
  transactionOf,
} from './shapes.ts'
import { PayuToken } from './token.ts'
import { demand, isWire, listIn, textIn, type Wire, wireIn } from './wire.ts'

export interface PayuClientOptions {
  /** Without a path, such as `https://secure.payu.com`; a function where it is known only once the server listens. */
  readonly baseUrl: string | (() => string)
  readonly clientId: string
  readonly clientSecret: string
  readonly now?: (() => number) | undefined
  readonly http?: HttpTerms | undefined
  readonly retry?: RetryTerms | undefined
}

/** What to send back. The same one again gives the refund that is there; no `extRefundId` is ever used for another. */
export interface RefundRequest {
  readonly extRefundId: string
  readonly description: string
  /** Minor units, as text. */
  readonly amount: string
  readonly currencyCode: string
}

/**
 * PayU's REST API 2.1, as much of it as a shop needs. Each call refuses with `PayuRefused` what PayU says no to, and
 * throws `GatewayUnavailable` when nobody can tell. What may reach PayU twice is tried again within a small budget.
 */
export interface PayuClient {
  /** Safe to repeat: an order that is there already, by its `extOrderId`, is recovered. */
  createOrder(order: OrderRequest): Promise<CreatedOrder>
  /** Undefined: PayU knows no such order. */
  findOrder(orderId: string): Promise<PayuOrder | undefined>
  /** The only place that tells why a payment was canceled. */
  listTransactions(orderId: string): Promise<PayuTransaction[]>
  /** All of what the buyer's bank has blocked. */
  captureOrder(orderId: string): Promise<void>
  cancelOrder(orderId: string): Promise<void>
  refundOrder(orderId: string, refund: RefundRequest): Promise<PayuRefund>
  listRefunds(orderId: string): Promise<PayuRefund[]>
  findRefund(orderId: string, refundId: string): Promise<PayuRefund | undefined>
  /** @param withinMs less than other calls get: somebody only wants to see what there is */
  listPayMethods(language: string, withinMs: number): Promise<PayMethod[]>
  close(): Promise<void>
}

type Method = 'GET' | 'POST' | 'DELETE'

export function makePayuClient(options: PayuClientOptions): PayuClient {
  const { clientId, clientSecret, now = Date.now, retry = RETRY_TERMS } = options
  const http = makePayuHttp(options.http ?? HTTP_TERMS)
  const token = new PayuToken(() => withRetries({ ...retry, budgetMs: retry.budgetMs / 2 }, obtainToken), now)

  function urlOf(path: string): string {
    const { baseUrl } = options
    return (typeof baseUrl === 'string' ? baseUrl : baseUrl()).replace(/\/+$/, '') + path
  }

  function obtainToken(withinMs: number): Promise<PayuAnswer> {
    return http.call({
      method: 'POST',
      url: urlOf('/pl/standard/user/oauth/authorize'),
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
      }).toString(),
      withinMs,
    })
  }

  async function once(method: Method, path: string, body: unknown, withinMs: number): Promise<PayuAnswer['body']> {
    const send = async (bearer: string) =>
      http.call({
        method,
        url: urlOf(`/api/v2_1${path}`),
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${bearer}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        withinMs,
      })
    const bearer = await token.get()
    let answer = await send(bearer)
    if (answer.status === 401) {
      // PayU may end a token before its time; a new one that is refused too is no matter of time.
      token.forget(bearer)
      answer = await send(await token.get())
    }
    return withLocation(acceptedBody(answer), answer.location)
  }

  const again = (method: Method, path: string, body?: unknown, budgetMs = retry.budgetMs) =>
    withRetries({ ...retry, budgetMs }, (withinMs) => once(method, path, body, withinMs))

  return {
    async createOrder(order) {
      try {
        const body = demandObject(await again('POST', '/orders', order))
        const orderId = demand(textIn(body, 'orderId'), 'orderId')
        return { orderId, redirectUri: textIn(body, 'redirectUri'), isRecovered: false }
      } catch (error) {
        const orderId = recoverable(error, order.extOrderId)
        if (orderId) return { orderId, redirectUri: undefined, isRecovered: true }
        throw error
      }
    },

    findOrder: (orderId) =>
      unlessUnknown(async () => {
        const [order] = listIn(demandObject(await again('GET', `/orders/${encodeURIComponent(orderId)}`)), 'orders')
        return orderOf(demand(order, 'orders'))
      }),

    async listTransactions(orderId) {
      const body = demandObject(await again('GET', `/orders/${encodeURIComponent(orderId)}/transactions`))
      return listIn(body, 'transactions').map(transactionOf)
    },

    async captureOrder(orderId) {
      await once('POST', `/orders/${encodeURIComponent(orderId)}/captures`, undefined, retry.budgetMs)
    },

    async cancelOrder(orderId) {
      await once('DELETE', `/orders/${encodeURIComponent(orderId)}`, undefined, retry.budgetMs)
    },

    async refundOrder(orderId, refund) {
      const body = demandObject(await again('POST', `/orders/${encodeURIComponent(orderId)}/refunds`, { refund }))
      return refundOf(wireIn(body, 'refund'))
    },

    async listRefunds(orderId) {
      const body = await again('GET', `/orders/${encodeURIComponent(orderId)}/refunds`)
      const refunds = isWire(body) ? listIn(body, 'refunds') : body.filter(isWire)
      return refunds.map(refundOf)
    },

    findRefund: (orderId, refundId) =>
      unlessUnknown(async () => {
        const path = `/orders/${encodeURIComponent(orderId)}/refunds/${encodeURIComponent(refundId)}`
        return refundOf(demandObject(await again('GET', path)))
      }),

    async listPayMethods(language, withinMs) {
      const path = `/paymethods?lang=${encodeURIComponent(language)}`
      const body = demandObject(await again('GET', path, undefined, withinMs))
      demand(Array.isArray(body.payByLinks) ? body.payByLinks : undefined, 'payByLinks')
      return listIn(body, 'payByLinks').map(payMethodOf)
    },

    close: () => http.close(),
  }
}

/** Some answers have where to send the buyer in the header only. */
function withLocation(body: PayuAnswer['body'], location: string | undefined): PayuAnswer['body'] {
  return isWire(body) && location && !textIn(body, 'redirectUri') ? { ...body, redirectUri: location } : body
}

function demandObject(body: PayuAnswer['body']): Wire {
  return demand(isWire(body) ? body : undefined, 'an object')
}

/** The order behind `ERROR_ORDER_NOT_UNIQUE`, if it is the one that was to be made. */
function recoverable(error: unknown, extOrderId: string): string | undefined {
  if (!(error instanceof PayuRefused) || error.statusCode !== 'ERROR_ORDER_NOT_UNIQUE') return undefined
  return (textIn(error.body, 'extOrderId') ?? extOrderId) === extOrderId ? textIn(error.body, 'orderId') : undefined
}

async function unlessUnknown<T>(find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find()
  } catch (error) {
    if (error instanceof PayuRefused && error.httpStatus === 404) return undefined
    throw error
  }
}
