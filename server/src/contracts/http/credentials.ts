import type { IncomingHttpHeaders } from 'node:http'
import { parseCookie } from 'cookie'

/**
 * A token that a request carries, of whatever contract, and whether a browser may have sent it unasked: a cookie goes
 * along with every request, so an unsafe one needs a CSRF token too. The shop's documents ask for it with their
 * SESSIONID header as well.
 */
export interface Credential {
  readonly token: string
  readonly needsCsrf: boolean
}

const TOKEN_LENGTH_MAX = 4_096

/** What was said on purpose, in a header, wins over the cookie. */
export function credentialOf(headers: IncomingHttpHeaders): Credential | undefined {
  const [scheme, value] = headers.authorization?.split(' ', 2) ?? []
  if (value && /^(bearer|jwt)$/i.test(scheme ?? '')) return credential(value, false)
  const accessToken = headers['x-access-token']
  if (typeof accessToken === 'string' && accessToken) return credential(accessToken, false)
  const sessionId = headers.sessionid
  if (typeof sessionId === 'string' && sessionId) return credential(sessionId, true)
  const cookie = headers.cookie && sessionCookie(headers.cookie)
  return cookie ? credential(cookie, true) : undefined
}

function credential(token: string, needsCsrf: boolean): Credential | undefined {
  return token.length <= TOKEN_LENGTH_MAX ? { token, needsCsrf } : undefined
}

function sessionCookie(header: string): string | undefined {
  return parseCookie(header).sessionid || undefined
}
