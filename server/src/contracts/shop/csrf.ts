import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Makes and checks CSRF tokens. They are bound to the session by arithmetic, so there is nothing to store or look up. */
export interface CsrfTokens {
  of(sessionToken: string): string
  matches(sessionToken: string, presented: string): boolean
}

export function makeCsrfTokens(secretKey: string): CsrfTokens {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'tradepost shop csrf token', 32))
  const of = (sessionToken: string) => createHmac('sha256', key).update(sessionToken).digest('base64url')
  return {
    of,
    matches(sessionToken, presented) {
      const expected = Buffer.from(of(sessionToken))
      const given = Buffer.from(presented)
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
  }
}
