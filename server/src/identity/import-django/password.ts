import { parseEncoded } from '../passwords/index.ts'

/** As in Django, no password matches what begins like this. */
const UNUSABLE = '!'
const SUPPORTED = ['pbkdf2_sha256', 'scrypt', 'bcrypt_sha256', 'argon2']
/** Far longer than any hash we can check. */
const UNUSABLE_LENGTH_MAX = 200

/**
 * A user's password as Django stores it; an empty one, as one that nobody can sign in by. What is wrong is told without a
 * character of it: it might be a password.
 */
export function decidePasswordHash(encoded: string): string | { problem: string } {
  if (encoded === '') return UNUSABLE
  if (encoded.startsWith(UNUSABLE)) return encoded.slice(0, UNUSABLE_LENGTH_MAX)
  if (parseEncoded(encoded)) return encoded
  const [, algorithm] = /^([a-z0-9_]{2,24})\$/.exec(encoded) ?? []
  if (algorithm === undefined) return { problem: 'is no password hash of Django' }
  if (!SUPPORTED.includes(algorithm)) {
    return { problem: `is a hash of the kind ${algorithm}: only ${SUPPORTED.join(', ')} can be checked` }
  }
  return { problem: `is a ${algorithm} hash that is damaged, or would cost too much to check` }
}

export function isUsable(passwordHash: string): boolean {
  return !passwordHash.startsWith(UNUSABLE)
}
