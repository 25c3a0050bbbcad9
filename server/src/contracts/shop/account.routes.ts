import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { maskHash, register, type SessionOrigin, signIn, signOut } from '../../identity/index.ts'
import { allPresentedBy } from '../http/front-door.ts'
import { answers } from './answers.ts'
import type { ShopContext } from './context.ts'
import { clearSessionCookies, setSessionCookies } from './cookies.ts'
import { Done, LoginAnswer, LoginBody, RegisterAnswer, RegisterBody } from './schemas.ts'

const TAG = ['Sign in']

/** Registration, login, logout. */
export function accountRoutes(context: ShopContext): FastifyPluginAsyncTypebox {
  const { db, mails, passwordPolicy: policy } = context

  return async (app) => {
    app.post(
      '/register',
      {
        config: { sameSite: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'User registration',
          description:
            'Names are compared without regard to case. The answer shows the layout of the stored hash, never the hash.',
          body: RegisterBody,
          response: answers(RegisterAnswer, { validates: true, business: { 409: '2001 email/username already used' } }),
        },
      },
      async (request) => {
        const { username, password, first_name = '', email } = request.body
        const wish = { username, password, firstName: first_name, email, address: request.ip }
        const { passwordHash } = await register(db, { ...context.signIn, policy, mails }, wish)
        return { username, password: maskHash(passwordHash), first_name, email }
      },
    )

    app.post(
      '/login',
      {
        config: { sameSite: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Login',
          description: 'Sets the cookies `sessionid` and `csrftoken`. `username` may be the e-mail too.',
          body: LoginBody,
          response: answers(LoginAnswer, { validates: true, business: { 404: '3001 user or password not match' } }),
        },
      },
      async (request, reply) => {
        const { username, password } = request.body
        const { customerId, token } = await signIn(db, context.signIn, {
          name: username,
          password,
          origin: originOf(request),
          replaced: await allPresentedBy(context, request),
        })
        setSessionCookies(context, request, reply, token)
        return { status: 'OK' as const, user: customerId }
      },
    )

    app.route({
      method: ['GET', 'POST'],
      url: '/logout',
      config: { sameSite: true },
      schema: {
        tags: TAG,
        summary: 'Logout',
        description: 'Ends the session at once, on every server. Signed in or not, the answer is the same.',
        response: answers(Done),
      },
      handler: async (request, reply) => {
        for (const presented of await allPresentedBy(context, request)) await signOut(db, presented)
        clearSessionCookies(context, request, reply)
        return { status: 'OK' as const, message: 'user logout' }
      },
    })
  }
}

/** Where a session is opened from. */
export function originOf(request: FastifyRequest): SessionOrigin {
  return { kind: 'cookie', address: request.ip, agent: request.headers['user-agent'] ?? '' }
}
