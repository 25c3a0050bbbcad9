import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { signIn, signOut } from '../../identity/index.ts'
import { allPresentedBy } from '../http/front-door.ts'
import { responses } from './answers.ts'
import type { WhoamiContext } from './context.ts'
import { giveTicket } from './csrf.ts'
import type { WhoamiRefusal } from './refusals.ts'
import * as schemas from './schemas.ts'

const TAG = ['Whoami: sign in']
const OK = { status: 0, message: 'OK' } as const
const REQUIRED: WhoamiRefusal = { code: 'http.invalid', problems: { username: ['This field is required.'] } }

/** CSRF tokens, and access tokens. */
export function authRoutes(context: WhoamiContext, prefix: string): FastifyPluginAsyncTypebox {
  const { db, tickets, publicUrl } = context

  return async (app) => {
    for (const url of ['/token', '/csrf']) {
      app.get(
        url,
        {
          schema: {
            tags: TAG,
            summary: 'A CSRF token',
            description:
              'Bound to the credential that comes along, or to an anonymous cookie that is set; good for 10 minutes. Send it as `X-CSRF-Token` with every call that changes something.',
            response: responses(schemas.Token),
          },
        },
        async (request, reply) => {
          reply.header('cache-control', 'no-store')
          const isSecure = request.protocol === 'https' || publicUrl.startsWith('https:')
          return { ...OK, token: giveTicket(tickets, request, reply, { prefix, isSecure }) }
        },
      )
    }

    app.post(
      '/auth/login',
      {
        config: { csrf: true, sameSite: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Sign in',
          description:
            'An access token for `X-Access-Token`, good for 24 hours after its last use. `username` may be the e-mail.',
          security: [{ csrfTicket: [] }],
          body: schemas.LoginBody,
          response: responses(schemas.Token, REQUIRED, { code: 'identity.wrong-credentials' }),
        },
      },
      async (request) => {
        const { username: name, password } = request.body
        const origin = { kind: 'access', address: request.ip, agent: request.headers['user-agent'] ?? '' } as const
        const { token } = await signIn(db, context.signIn, { name, password, origin })
        return { ...OK, token }
      },
    )

    app.get(
      '/auth/revoke',
      {
        config: { sameSite: true },
        schema: { tags: TAG, summary: 'Sign out', description: 'Always succeeds.', response: responses(schemas.Ok) },
      },
      async (request) => {
        for (const presented of await allPresentedBy(context, request)) await signOut(db, presented)
        return OK
      },
    )
  }
}
