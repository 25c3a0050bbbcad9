import type { CustomerId, SessionId } from '../kernel/ids.ts'
import { isUuid } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import { deriveKeys } from '../kernel/signing.ts'
import type { IdentityRefusal } from './refusals.ts'
import { type Presented, presentSession } from './session.ts'

/** What a JWT says of its bearer. It says so to the client; we go by the session it names. */
export interface JwtClaims {
  readonly sessionId: SessionId
  readonly customerId: CustomerId
  readonly username: string
  readonly email: string
  readonly expiresAt: Date
}

/** Signs and reads JSON Web Tokens (HS256, RFC 7519). Each names a row of the sessions table, which decides whether it lives. */
export interface Jwts {
  sign(claims: JwtClaims): Promise<string>
  /** @throws identity.bad-jwt */
  present(jwt: string): Promise<Presented>
}

/**
 * @param secretKeys the first one signs; those behind it still verify, so that keys can be changed without signing
 *   everybody out
 */
export function makeJwts(secretKeys: readonly string[]): Jwts {
  const keys = deriveKeys(secretKeys, 'tradepost jwt')

  return {
    async sign({ sessionId, customerId, username, email, expiresAt }) {
      const { SignJWT } = await import('jose') // no start waits for it
      return await new SignJWT({ user_id: customerId, username, email })
        .setProtectedHeader({ typ: 'JWT', alg: 'HS256' })
        .setJti(sessionId)
        .setIssuedAt()
        .setExpirationTime(expiresAt)
        .sign(keys[0])
    },

    async present(jwt) {
      const { errors, jwtVerify } = await import('jose')
      let problem: JwtProblem = 'undecodable'
      for (const key of keys) {
        try {
          const { payload } = await jwtVerify(jwt, key, { algorithms: ['HS256'], requiredClaims: ['exp', 'jti'] })
          if (typeof payload.jti === 'string' && isUuid(payload.jti)) return presentSession(payload.jti as SessionId)
        } catch (error) {
          if (error instanceof errors.JWTExpired) problem = 'expired'
        }
      }
      throw new Refused<IdentityRefusal>({ code: 'identity.bad-jwt', problem })
    },
  }
}

/** `undecodable`: no JWT at all, or not signed by us. */
export type JwtProblem = 'undecodable' | 'expired'
