import type { FastifyInstance } from 'fastify'
import { readCardToken } from '../orders/means.ts'
import { type PayMethod, payMethodsOf } from '../orders/pay-methods.ts'
import { availableMinor } from '../orders/request-refund.ts'
import type { Simulation } from '../simulation.ts'
import { withOrWithoutSlash } from '../slashes.ts'
import type { Door } from './index.ts'
import { invalid, notFound, otherPos, PayuError } from './payu-error.ts'

const LANGUAGES = 'bg cs de el en es et fi fr hr hu it lt lv pl pt ro ru sk sl sv uk'.split(' ')

/** What a shop can offer, and the shop itself. */
export function catalogueRoutes(app: FastifyInstance, simulation: Simulation, door: Door): void {
  for (const path of withOrWithoutSlash(app, '/paymethods')) {
    app.get<{ Querystring: { lang?: unknown } }>(path, { config: { call: 'paymethods' } }, async (request) => {
      const { lang = 'pl' } = request.query
      if (!LANGUAGES.includes(String(lang))) throw invalid('lang', 'not a language')
      const payByLinks = payMethodsOf(door.posOf(request)).map((method) => shapeOf(method, simulation.publicUrl()))
      return { cardTokens: [], pexTokens: [], blikTokens: [], payByLinks, status: { statusCode: 'SUCCESS' } }
    })
  }

  app.get<{ Params: { shopId: string } }>('/shops/:shopId', { config: { call: 'shops' } }, async (request) => {
    const pos = door.posOf(request)
    const { shopId } = request.params
    if (shopId !== pos.posId) {
      throw simulation.pointsOfSale.some(({ posId }) => posId === shopId) ? otherPos() : notFound('No such shop')
    }
    const available = String(availableMinor(simulation, pos))
    const balance = { currencyCode: pos.currency, total: available, available }
    return { shopId, name: `Simulated shop ${shopId}`, currencyCode: pos.currency, balance }
  })

  app.delete<{ Params: { token: string } }>(
    '/tokens/:token',
    { config: { call: 'tokens' } },
    async (request, reply) => {
      if (!door.isTrusted(request)) {
        throw new PayuError(403, { statusCode: 'UNAUTHORIZED_REQUEST', statusDesc: 'Needs a trusted_merchant token' })
      }
      const { posId } = door.posOf(request)
      const { token } = request.params
      if (!readCardToken(token) || simulation.ledger.isDeadToken(posId, token)) throw notFound('No such token')
      simulation.ledger.killToken(posId, token)
      return reply.code(204).send()
    },
  )
}

function shapeOf({ value, name, status, minMinor, maxMinor }: PayMethod, publicUrl: string) {
  return {
    value,
    name,
    brandImageUrl: `${publicUrl}/brands/${value}.svg`,
    status,
    minAmount: minMinor,
    maxAmount: maxMinor,
  }
}
