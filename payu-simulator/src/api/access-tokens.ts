import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'

export const TOKEN_SECONDS = 43_199

export interface AccessToken {
  readonly posId: string
  readonly grantType: 'client_credentials' | 'trusted_merchant'
  readonly expiresAt: number
}

/** Tokens in force. They are not kept over a restart: a shop has to cope with a token that went bad anyway. */
export class AccessTokens {
  readonly #tokens = new Map<string, AccessToken>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issue(posId: string, grantType: AccessToken['grantType']): string {
    const token = randomUUID()
    this.#tokens.set(token, { posId, grantType, expiresAt: this.#clock.now() + TOKEN_SECONDS * 1000 })
    return token
  }

  find(token: string): AccessToken | 'expired' | undefined {
    const found = this.#tokens.get(token)
    return found && found.expiresAt <= this.#clock.now() ? 'expired' : found
  }
}
