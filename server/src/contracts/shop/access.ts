import { stringifySetCookie } from 'cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { findCaller, notSignedIn, type Presented, presentToken } from '../../identity/index.ts'
import { Refused } from '../../kernel/refused.ts'
import { credentialOf } from '../http/credentials.ts'
import type { HttpRefusal } from '../http/refusals.ts'
import type { ShopContext } from './context.ts'
import type { CsrfTokens } from './csrf.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Only for customers who are signed in. */
    signedIn?: boolean
    /** Refuses what another site made the browser send: for unsafe routes that need no CSRF token. */
    sameSite?: boolean
  }
  interface FastifyRequest {
    presented: Presented | null
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Checks the door before anything of the request is read: a stranger hears 403 before 400. Only what can be told without
 * the database is told here; whether the session lives, the route's own statement finds out in its one round trip.
 */
export function guardRoutes(app: FastifyInstance, { db, csrf, sessionActivity, publicUrl }: ShopContext): void {
  const ownOrigin = new URL(publicUrl).origin
  app.decorateRequest('presented', null)

  app.addHook('onRequest', async (request, reply) => {
    const { signedIn, sameSite } = request.routeOptions.config
    if (signedIn || sameSite) reply.header('cache-control', 'no-store')
    if (sameSite) refuseCrossSite(request, ownOrigin)
    if (!signedIn) return
    const credential = credentialOf(request.headers)
    if (!credential) throw notSignedIn()
    request.presented = presentToken(credential.token)
    if (!credential.needsCsrf || SAFE_METHODS.has(request.method)) return
    const forgery = findForgery(csrf, credential.token, request)
    if (forgery) throw (await findCaller(db, request.presented)) ? new Refused<HttpRefusal>(forgery) : notSignedIn()
  })

  app.addHook('onResponse', async (request, reply) => {
    if (request.presented && reply.statusCode < 400) sessionActivity.note(request.presented)
  })
}

/** Whoever presents a token on a route for signed-in customers. */
export function presentedBy(request: FastifyRequest): Presented {
  if (!request.presented) throw notSignedIn()
  return request.presented
}

function findForgery(csrf: CsrfTokens, sessionToken: string, { headers }: FastifyRequest): HttpRefusal | undefined {
  const given = headers['x-csrftoken'] ?? headers.csrftoken
  if (typeof given !== 'string' || given === '') return { code: 'http.csrf-missing' }
  return csrf.matches(sessionToken, given) ? undefined : { code: 'http.csrf-incorrect' }
}

function refuseCrossSite({ headers, protocol, host }: FastifyRequest, ownOrigin: string): void {
  const { origin } = headers
  const site = headers['sec-fetch-site']
  const isOwn =
    origin === undefined
      ? site !== 'cross-site' && site !== 'same-site'
      : origin === ownOrigin || origin === `${protocol}://${host}`
  if (!isOwn) throw new Refused<HttpRefusal>({ code: 'http.cross-site' })
}

/** Gives the client its session: the cookie that signs in, and the token its scripts have to send along. */
export function setSessionCookies(
  context: ShopContext,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
): void {
  const maxAge = context.signIn.terms.maxDays * 86_400
  const csrfToken = context.csrf.of(token)
  reply.header('set-cookie', [
    cookie(context, request, 'sessionid', token, maxAge),
    cookie(context, request, 'csrftoken', csrfToken, maxAge),
  ])
}

export function clearSessionCookies(context: ShopContext, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('set-cookie', [
    cookie(context, request, 'sessionid', '', 0),
    cookie(context, request, 'csrftoken', '', 0),
  ])
}

function cookie(
  { publicUrl }: ShopContext,
  request: FastifyRequest,
  name: string,
  value: string,
  maxAge: number,
): string {
  return stringifySetCookie({
    name,
    value,
    path: '/',
    sameSite: 'lax',
    maxAge,
    httpOnly: name === 'sessionid',
    secure: request.protocol === 'https' || publicUrl.startsWith('https:'),
  })
}
