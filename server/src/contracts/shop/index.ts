import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { openFrontDoor } from '../http/front-door.ts'
import { answerNotFound } from '../http/reply-to.ts'
import { rememberRoutes } from '../http/routes-by-path.ts'
import { findSessionForgery } from '../http/session-csrf.ts'
import { accountRoutes } from './account.routes.ts'
import { accountLifeRoutes } from './account-life.routes.ts'
import { bucketRoutes } from './bucket.routes.ts'
import type { ShopContext } from './context.ts'
import { ordersRoutes } from './orders.routes.ts'
import { paymentRoutes } from './payment.routes.ts'
import { productsRoutes } from './products.routes.ts'
import { profileRoutes } from './profile.routes.ts'
import { replyTo, shopFailure } from './refusals.ts'
import { sessionsRoutes } from './sessions.routes.ts'

export type { ShopContext } from './context.ts'
export { replyTo as shopReplyTo } from './refusals.ts'

/** The shop contract: sessions, catalogue, bucket, orders and payment. Mounted under its prefix, `/api`. */
export function shopContract(context: ShopContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    const methodsOf = rememberRoutes(app)
    openFrontDoor(app, context, {
      replyTo,
      failure: shopFailure,
      findForgery: (request, credential) => findSessionForgery(context.csrf, request, credential),
    })
    app.setNotFoundHandler(answerNotFound(methodsOf, replyTo))

    app.register(accountRoutes(context))
    app.register(accountLifeRoutes(context))
    app.register(profileRoutes(context))
    app.register(sessionsRoutes(context))
    app.register(productsRoutes(context))
    app.register(bucketRoutes(context))
    app.register(ordersRoutes(context))
    app.register(paymentRoutes(context))
  }
}
