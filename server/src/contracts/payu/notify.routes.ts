import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyPluginAsync } from 'fastify'
import { type PayuGateway, receiveMessage } from '../../payments/index.ts'
import type { Database } from '../../store/database.ts'

/** Where PayU tells how the orders of a POS go, below the shop's public address. */
export const notifyPath = (posId: string) => `/payu/${posId}/notify`

/** A message has some two kilobytes; more products make it longer. */
const BODY_BYTES_MAX = 256 * 1_024

/**
 * What PayU tells. Anything but 200 makes it tell the same again for days, so only a signature that is not PayU's is
 * refused. What is written down is taken, whatever is thought of it later; what could not be is 5xx, and comes again.
 *
 * It stands outside of the contracts: no cookie counts here, no CSRF token, no limit on tries.
 *
 * @param gateways one for each POS, which the path names: a key chosen by the body would be the sender's choice
 * @see https://developers.payu.com/europe/docs/payment-flows/lifecycle/
 */
export function payuNotifications(db: Database, gateways: readonly PayuGateway[]): FastifyPluginAsync {
  return async (app) => {
    // The signature is over the bytes as they came, whatever they call themselves.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX }, (_request, body, done) =>
      done(null, body),
    )

    app.post<{ Params: { posId: string } }>(
      notifyPath(':posId'),
      { bodyLimit: BODY_BYTES_MAX, schema: { hide: true } },
      async (request, reply) => {
        const { posId } = request.params
        const gateway = gateways.find((it) => it.posId === posId)
        if (!gateway) return reply.code(404).send()
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        if (!gateway.isGenuine(body, signatureIn(request.headers))) {
          request.log.warn({ posId, address: request.ip }, 'a PayU notification with a bad signature')
          return reply.code(400).send()
        }
        const outcome = await receiveMessage(db, gateway, body, (err) =>
          request.log.error({ err, posId }, 'a PayU notification could not be acted on; it will be tried again'),
        )
        if (outcome === 'unknown' || outcome === 'needs-a-person') {
          request.log.warn({ posId, outcome }, 'a PayU notification that a person should look at')
        }
        return reply.code(200).send()
      },
    )
  }
}

/** PayU sends it under two names; proxies may drop one. */
function signatureIn(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['openpayu-signature'] ?? headers['x-openpayu-signature']
  return Array.isArray(value) ? value[0] : value
}
