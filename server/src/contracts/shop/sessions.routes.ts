import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { endOtherSessions, endSession, type ListedSession, listSessions } from '../../identity/index.ts'
import type { SessionId } from '../../kernel/ids.ts'
import { presentedBy } from '../http/front-door.ts'
import { idIn } from '../http/ids.ts'
import { Type } from '../http/type.ts'
import { answers, SIGNED_IN, SIGNED_IN_TO_CHANGE } from './answers.ts'
import type { ShopContext } from './context.ts'
import { wrapAll } from './paging.ts'
import * as schemas from './schemas.ts'

const TAG = ['Sessions']
const ENDED = { status: 'OK' as const, message: 'session ended' }

/** Where the customer is signed in, by whichever contract, and ending it. Our own, not of the shop's documents. */
export function sessionsRoutes({ db }: ShopContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/sessions',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'Where the customer is signed in',
          description: 'All live sessions, whichever contract opened them, the last used first.',
          security: SIGNED_IN,
          response: answers(schemas.page(schemas.Session), { signedIn: true }),
        },
      },
      async (request) => {
        const items = await listSessions(db, presentedBy(request))
        return wrapAll(items, sessionToWire)
      },
    )

    app.delete(
      '/sessions',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'End all other sessions',
          security: SIGNED_IN_TO_CHANGE,
          response: answers(schemas.Done, { signedIn: true }),
        },
      },
      async (request) => {
        await endOtherSessions(db, presentedBy(request))
        return { status: 'OK' as const, message: 'other sessions ended' }
      },
    )

    app.delete(
      '/sessions/:session_uuid',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'End one session',
          security: SIGNED_IN_TO_CHANGE,
          params: Type.Object({ session_uuid: Type.String() }),
          response: answers(schemas.Done, { signedIn: true, notFound: true }),
        },
      },
      async (request) => {
        await endSession(db, presentedBy(request), idIn<SessionId>(request.params.session_uuid))
        return ENDED
      },
    )
  }
}

function sessionToWire(session: ListedSession) {
  return {
    session_uuid: session.id,
    kind: session.kind,
    current: session.isCurrent,
    date_created: session.createdAt.toISOString(),
    last_seen: session.seenAt.toISOString(),
    expires: session.liveUntil.toISOString(),
    address: session.address,
    agent: session.agent,
  }
}
