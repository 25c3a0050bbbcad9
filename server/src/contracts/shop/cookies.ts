import { stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ShopContext } from './context.ts'

/** Gives the client its session: the cookie that signs in, and the token its scripts have to send along. */
export function setSessionCookies(
  context: ShopContext,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
): void {
  const maxAge = context.signIn.terms.cookie.maxDays * 86_400
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
