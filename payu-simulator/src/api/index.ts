import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Order } from '../orders/order.ts'
import type { PointOfSale } from '../points-of-sale.ts'
import type { Simulation } from '../simulation.ts'
import { AccessTokens } from './access-tokens.ts'
import { captureRoutes } from './captures.routes.ts'
import { catalogueRoutes } from './catalogue.routes.ts'
import { oauthRoutes } from './oauth.routes.ts'
import { orderRoutes } from './orders.routes.ts'
import { notFound, otherPos, PayuError, unauthorized } from './payu-error.ts'
import { refundRoutes } from './refunds.routes.ts'

/** What the routes behind a token share. */
export interface Door {
  /** The point of sale whose token came with the request. */
  posOf(request: FastifyRequest): PointOfSale
  isTrusted(request: FastifyRequest): boolean
  /** @throws PayuError 404, or 403 for another shop's */
  getOrder(request: FastifyRequest, orderId: string): Order
}

/** PayU's REST API, as a shop calls it. */
export function payuApi(app: FastifyInstance, simulation: Simulation): void {
  const tokens = new AccessTokens(simulation.clock)
  app.addHook('onRequest', async (_request, reply) => void reply.header('correlation-id', randomUUID()))
  app.setErrorHandler(answerError(simulation))
  oauthRoutes(app, simulation, tokens)
  app.register(
    async (api) => {
      const door = openDoor(api, simulation, tokens)
      orderRoutes(api, simulation, door)
      captureRoutes(api, simulation, door)
      refundRoutes(api, simulation, door)
      catalogueRoutes(api, simulation, door)
      api.all('/*', async () => {
        throw notFound('There is no such resource')
      })
    },
    { prefix: '/api/v2_1' },
  )
}

const EXPIRED = { error: 'invalid_token', error_description: 'Access token expired' }

function openDoor(app: FastifyInstance, { ledger, pointOfSale }: Simulation, tokens: AccessTokens): Door {
  const tokenOf = ({ headers }: FastifyRequest) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? []
    return token === undefined ? undefined : tokens.find(token)
  }
  const access = (request: FastifyRequest) => {
    const token = tokenOf(request)
    if (!token || token === 'expired') throw unauthorized()
    return token
  }
  app.addHook('onRequest', async (request, reply) => {
    if (tokenOf(request) === 'expired') return reply.code(401).send(EXPIRED)
    access(request)
  })
  return {
    posOf: (request) => pointOfSale(access(request).posId),
    isTrusted: (request) => access(request).grantType === 'trusted_merchant',
    getOrder(request, orderId) {
      const order = ledger.find(orderId)
      if (!order) throw notFound('There is no such order')
      if (order.posId !== access(request).posId) throw otherPos()
      return order
    },
  }
}

function answerError({ say }: Simulation) {
  return (error: Error & { statusCode?: number }, _request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof PayuError) return reply.code(error.httpStatus).send(error.body)
    // Fastify's own, for a body or path it cannot read.
    if (error.statusCode && error.statusCode < 500) {
      const status = { statusCode: 'ERROR_SYNTAX', severity: 'ERROR', statusDesc: error.message }
      return reply.code(error.statusCode === 415 ? 400 : error.statusCode).send({ status })
    }
    say(`bug in the simulator: ${error.stack}`)
    return reply.code(500).send({ status: { statusCode: 'GENERAL_ERROR', severity: 'ERROR' } })
  }
}
