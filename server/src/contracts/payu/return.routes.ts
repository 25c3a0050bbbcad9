import { hash } from 'node:crypto'
import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import { type Presented, presentToken } from '../../identity/index.ts'
import type { OrderId } from '../../kernel/ids.ts'
import { Refused } from '../../kernel/refused.ts'
import { getOrder, type Order } from '../../orders/index.ts'
import { confirmPayment, findPayment, type Gateways, type PaymentAttempt, paymentState } from '../../payments/index.ts'
import type { Database } from '../../store/database.ts'
import { credentialOf } from '../http/credentials.ts'
import { logCause } from '../http/failure.ts'
import { idIn } from '../http/ids.ts'
import { laterPage, orderPage, STYLE, strangerPage } from './return-page.ts'

/** Where a gateway sends buyers back to, below the shop's public address. */
export const returnPath = (orderId: string) => `/payments/return/${orderId}`

export interface ReturnContext {
  readonly db: Database
  readonly gateways: Gateways
  readonly shopName: string
}

/**
 * The page buyers come back to when the shop has none of its own (`RETURN_URL`). Coming back proves nothing, and the
 * gateway's notification may be slower than the buyer: so the gateway is asked. Nobody but the order's owner, by the
 * browser's session, is told anything.
 */
export function returnPage({ db, gateways, shopName }: ReturnContext): FastifyPluginAsync {
  /** The payment as it stands now; a gateway that is out of reach leaves it as it was known. */
  async function lookAgain(presented: Presented, order: Order): Promise<PaymentAttempt | undefined> {
    const payment = await findPayment(db, order.id)
    // Of a transfer, confirming would say that it was sent.
    if (!payment || paymentState(payment) !== 'pending' || payment.method === 'transfer') return payment
    return confirmPayment(db, gateways, presented, order.id)
  }

  return async (app) => {
    app.get<{ Params: { order_uuid: string }; Querystring: { look?: unknown } }>(
      returnPath(':order_uuid'),
      { schema: { hide: true } },
      async (request, reply) => {
        const credential = credentialOf(request.headers)
        if (!credential || credential.isJwt) return sendPage(reply, strangerPage())
        const presented = presentToken(credential.token)
        const id = idIn<OrderId>(request.params.order_uuid)
        const order = await unlessRefused(getOrder(db, presented, id))
        if (!order) return sendPage(reply, strangerPage())
        const payment = await lookAgain(presented, order).catch((error) => {
          if (!(error instanceof Refused)) throw error
          logCause(request, error)
          return findPayment(db, id)
        })
        // What was paid meanwhile shows on the order, too.
        const now = (await unlessRefused(getOrder(db, presented, id))) ?? order
        return sendPage(reply, orderPage(shopName, now, payment, looksIn(request.query.look)))
      },
    )

    app.setErrorHandler((error, request, reply) => {
      request.log.error({ err: error }, 'request failed')
      return sendPage(reply.code(503), laterPage())
    })
  }
}

/** How often the page has looked already, by its own count. */
function looksIn(text: unknown): number {
  return typeof text === 'string' && /^\d{1,3}$/.test(text) ? Number(text) : 0
}

async function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  const styleHash = hash('sha256', STYLE, 'base64')
  return reply
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`,
      'referrer-policy': 'no-referrer',
    })
    .send(html)
}
