import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Simulation } from '../simulation.ts'
import { type AccessTokens, TOKEN_SECONDS } from './access-tokens.ts'
import { formOf, mediaTypeOf } from './bodies.ts'

const GRANTS = ['client_credentials', 'trusted_merchant'] as const

/** `POST /pl/standard/user/oauth/authorize`: its errors are OAuth's, not PayU's status. */
export function oauthRoutes(app: FastifyInstance, { pointsOfSale }: Simulation, tokens: AccessTokens): void {
  app.post('/pl/standard/user/oauth/authorize', { config: { call: 'oauth' } }, async (request, reply) => {
    const refuse = (httpStatus: number, error: string, error_description: string) =>
      reply.code(httpStatus).send({ error, error_description })
    if (mediaTypeOf(request) !== 'application/x-www-form-urlencoded') {
      return refuse(401, 'unauthorized', 'Full authentication is required to access this resource')
    }
    const form = formOf(request)
    const grantType = GRANTS.find((grant) => grant === form.get('grant_type'))
    if (!form.get('grant_type')) return refuse(400, 'invalid_request', 'Missing grant type')
    if (!grantType) return refuse(400, 'unsupported_grant_type', 'Unsupported grant type')
    const pos = pointsOfSale.find(({ clientId }) => clientId === form.get('client_id'))
    if (!pos || !isSame(pos.clientSecret, form.get('client_secret') ?? '')) {
      return refuse(401, 'invalid_client', 'Bad client credentials')
    }
    if (grantType === 'trusted_merchant' && !(form.get('email') && form.get('ext_customer_id'))) {
      return refuse(400, 'invalid_request', 'email and ext_customer_id are required')
    }
    return {
      access_token: tokens.issue(pos.posId, grantType),
      token_type: 'bearer',
      expires_in: TOKEN_SECONDS,
      grant_type: grantType,
    }
  })
}

function isSame(secret: string, given: string): boolean {
  const [a, b] = [Buffer.from(secret), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
