import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { openFrontDoor } from '../http/front-door.ts'
import { answerNotFound, replyWith } from '../http/reply-to.ts'
import { rememberRoutes } from '../http/routes-by-path.ts'
import { authRoutes } from './auth.routes.ts'
import type { WhoamiContext } from './context.ts'
import { findTicketForgery } from './csrf.ts'
import { whoamiFailure, whoamiReplies } from './refusals.ts'
import { whoamiRoutes } from './whoami.routes.ts'

export type { WhoamiContext } from './context.ts'
export { makeCsrfTickets } from './csrf.ts'

/** How this contract replies. */
export const whoamiReplyTo = replyWith(whoamiReplies, whoamiFailure)

/** The whoami contract: access tokens and the profile. Mounted under its prefix, `/api/v1`. */
export function whoamiContract(context: WhoamiContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    const methodsOf = rememberRoutes(app)
    openFrontDoor(app, context, {
      replyTo: whoamiReplyTo,
      failure: whoamiFailure,
      findForgery: (request, credential) => findTicketForgery(context.tickets, request, credential),
    })
    app.setNotFoundHandler(answerNotFound(methodsOf, whoamiReplyTo))
    app.register(authRoutes(context, app.prefix))
    app.register(whoamiRoutes(context))
  }
}
