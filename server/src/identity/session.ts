import { hash, randomBytes } from 'node:crypto'
import type { SessionId } from '../kernel/ids.ts'

declare const presented: unique symbol

/** The hash of a token that a client presents: what sessions are looked up by. Whether it is a live one, a statement tells. */
export type Presented = Buffer & { readonly [presented]: true }

export type SessionKind = 'cookie' | 'access' | 'jwt'

/** How long sessions last: `idleDays` after their last use, and never longer than `maxDays`; each kind has its own. */
export type SessionTerms = Readonly<Record<SessionKind, { readonly idleDays: number; readonly maxDays: number }>>

/** Where a session was opened from, for its owner's eyes. */
export interface SessionOrigin {
  readonly kind: SessionKind
  readonly address: string
  readonly agent: string
}

/** A session as its owner sees it. */
export interface ListedSession {
  readonly id: SessionId
  readonly kind: SessionKind
  readonly createdAt: Date
  /** To within half a minute or so. */
  readonly seenAt: Date
  /** When it ends if it is not used any more. */
  readonly liveUntil: Date
  readonly address: string
  readonly agent: string
  /** Whether it is the one that asks. */
  readonly isCurrent: boolean
}

/** A new session's token: 256 random bits in base64url. It is told to the client once and never stored. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** SHA-256 is enough for a token of 256 random bits; a slow hash protects guessable secrets. */
export function presentToken(token: string): Presented {
  return hash('sha256', `tradepost session ${token}`, 'buffer') as Presented
}

/**
 * A session that is named by its id, which a signature vouches for. No token that a client makes up can hash to this: the
 * two kinds of text that are hashed begin differently.
 */
export function presentSession(id: SessionId): Presented {
  return hash('sha256', `tradepost signed session ${id}`, 'buffer') as Presented
}
