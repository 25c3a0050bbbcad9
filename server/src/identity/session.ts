import { hash, randomBytes } from 'node:crypto'

declare const presented: unique symbol

/** The hash of a token that a client presents: what sessions are looked up by. Whether it is a live one, a statement tells. */
export type Presented = Buffer & { readonly [presented]: true }

export type SessionKind = 'cookie' | 'access' | 'jwt'

/** How long sessions last: `idleDays` after their last use, and never longer than `maxDays`. */
export interface SessionTerms {
  readonly idleDays: number
  readonly maxDays: number
}

/** Where a session was opened from, for its owner's eyes. */
export interface SessionOrigin {
  readonly kind: SessionKind
  readonly address: string
  readonly agent: string
}

/** A new session's token: 256 random bits in base64url. It is told to the client once and never stored. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** SHA-256 is enough for a token of 256 random bits; a slow hash protects guessable secrets. */
export function presentToken(token: string): Presented {
  return hash('sha256', `tradepost session ${token}`, 'buffer') as Presented
}
