import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { openFrontDoor } from '../http/front-door.ts'
import { replyWith } from '../http/reply-to.ts'
import { findSessionForgery } from '../http/session-csrf.ts'
import { accountsRoutes, profileFormRoutes } from './accounts.routes.ts'
import type { AccountsContext } from './context.ts'
import { accountsFailure, accountsReplies } from './refusals.ts'

export type { AccountsContext } from './context.ts'
export { accountsFailure } from './refusals.ts'

/** How this contract replies; at the root it speaks for every path that is nobody else's. */
export const accountsReplyTo = replyWith(accountsReplies, accountsFailure)

/** The accounts contract: registration, JWTs, the profile with its avatar. Mounted at the root, or under a prefix. */
export function accountsContract(context: AccountsContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    openFrontDoor(app, context, {
      replyTo: accountsReplyTo,
      failure: accountsFailure,
      findForgery: (request, credential) => findSessionForgery(context.csrf, request, credential),
    })
    app.register(accountsRoutes(context))
    app.register(profileFormRoutes(context))
  }
}
