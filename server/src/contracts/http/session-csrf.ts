import type { FastifyRequest } from 'fastify'
import { deriveKeys, isSame, mac } from '../../kernel/signing.ts'
import type { Credential } from './credentials.ts'
import type { HttpRefusal } from './refusals.ts'

/**
 * Makes and checks the CSRF tokens that go with a session's cookie. They are bound to the session by arithmetic, so there
 * is nothing to store or look up, and live as long as it does.
 */
export interface CsrfTokens {
  of(sessionToken: string): string
  matches(sessionToken: string, given: string): boolean
}

/** @param secretKeys the first one makes tokens; those behind it are still good */
export function makeCsrfTokens(secretKeys: readonly string[]): CsrfTokens {
  const keys = deriveKeys(secretKeys, 'tradepost shop csrf token')
  return {
    of: (sessionToken) => mac(keys[0], sessionToken),
    matches: (sessionToken, given) => keys.some((key) => isSame(mac(key, sessionToken), given)),
  }
}

/**
 * Why an unsafe request may be forged. A browser sends cookies unasked, so with one (or with the SESSIONID header, for
 * which the shop's documents ask it too) it needs the token; what only a script can send needs none.
 */
export function findSessionForgery(
  csrf: CsrfTokens,
  { headers }: FastifyRequest,
  credential: Credential | undefined,
): HttpRefusal | undefined {
  if (!credential?.needsCsrf) return undefined
  const given = headers['x-csrftoken'] ?? headers.csrftoken
  if (typeof given !== 'string' || given === '') return { code: 'http.csrf-missing' }
  return csrf.matches(credential.token, given) ? undefined : { code: 'http.csrf-incorrect' }
}
