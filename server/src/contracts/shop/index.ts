import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { findCaller, notSignedIn } from '../../identity/index.ts'
import type { Refusal } from '../../kernel/refused.ts'
import type { Db } from '../../store/database.ts'
import { logCause, refusalBehind } from '../http/failure.ts'
import { readJsonBodies } from '../http/json-body.ts'
import { rememberRoutes } from '../http/routes-by-path.ts'
import { sendWire } from '../http/send.ts'
import { makeValidatorCompiler } from '../http/validation.ts'
import { guardRoutes } from './access.ts'
import { accountRoutes } from './account.routes.ts'
import { bucketRoutes } from './bucket.routes.ts'
import type { ShopContext } from './context.ts'
import { ordersRoutes } from './orders.routes.ts'
import { paymentRoutes } from './payment.routes.ts'
import { productsRoutes } from './products.routes.ts'
import { profileRoutes } from './profile.routes.ts'
import { shopFailure } from './refusals.ts'
import { replyTo } from './reply.ts'

export type { ShopContext } from './context.ts'
export { type CsrfTokens, makeCsrfTokens } from './csrf.ts'

/** The shop contract: sessions, catalogue, bucket, orders and payment. Mounted under its prefix, `/api`. */
export function shopContract(context: ShopContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    const methodsOf = rememberRoutes(app)
    readJsonBodies(app)
    app.setValidatorCompiler(makeValidatorCompiler())
    guardRoutes(app, context)

    app.setErrorHandler(async (error, request, reply) => {
      const refusal = refusalBehind(error, request)
      if (!refusal) {
        request.log.error({ err: error }, 'request failed')
        return sendWire(reply, shopFailure)
      }
      logCause(request, error)
      return sendWire(reply, replyTo(await whatStrangersHear(context.db, refusal, request), request))
    })
    app.setNotFoundHandler((request, reply) => {
      const allowed = methodsOf(request.url)
      const refusal =
        allowed.length === 0
          ? { code: 'http.not-found' }
          : { code: 'http.method-not-allowed', method: request.method, allowed }
      return sendWire(reply, replyTo(refusal, request))
    })

    app.register(accountRoutes(context))
    app.register(profileRoutes(context))
    app.register(productsRoutes(context))
    app.register(bucketRoutes(context))
    app.register(ordersRoutes(context))
    app.register(paymentRoutes(context))
  }
}

/** What is wrong with the request itself is nothing that a stranger should hear: 403 goes before 400. */
async function whatStrangersHear(db: Db, refusal: Refusal, { presented }: FastifyRequest): Promise<Refusal> {
  const isOfTheRequest = refusal.code.startsWith('http.') && refusal.code !== 'http.unavailable'
  if (!isOfTheRequest || !presented) return refusal
  try {
    return (await findCaller(db, presented)) ? refusal : notSignedIn().refusal
  } catch {
    return refusal // whoever it is, this is still what is wrong
  }
}
