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
  /** A signed token instead of one that is looked up. */
  readonly isJwt: boolean
}

const TOKEN_LENGTH_MAX = 4_096

/** What was said on purpose, in a header, wins over the cookie. */
export function credentialOf(headers: IncomingHttpHeaders): Credential | undefined {
  return credentialsOf(headers)[0]
}

/** All that the request carries: what is to end, ends whichever of them it came by. */
export function credentialsOf(headers: IncomingHttpHeaders): Credential[] {
  const [scheme, value] = headers.authorization?.split(' ', 2) ?? []
  return [
    /^jwt$/i.test(scheme ?? '') ? credential(value, false, true) : undefined,
    /^bearer$/i.test(scheme ?? '') ? credential(value, false) : undefined,
    credential(headers['x-access-token'], false),
    credential(headers.sessionid, true),
    credential(headers.cookie && sessionCookie(headers.cookie), true),
  ].filter((found) => found !== undefined)
}

// Tokens that are looked up hold no dots, a JWT holds two.
const JWT = /^[^.]+\.[^.]+\.[^.]+$/

function credential(
  token: string | string[] | undefined,
  needsCsrf: boolean,
  isJwt = typeof token === 'string' && JWT.test(token),
): Credential | undefined {
  return typeof token === 'string' && token && token.length <= TOKEN_LENGTH_MAX
    ? { token, needsCsrf, isJwt }
    : undefined
}

function sessionCookie(header: string): string | undefined {
  return parseCookie(header).sessionid || undefined
}
