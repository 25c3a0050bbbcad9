import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Keys for one purpose, in the order of the secret keys they are made of: the first one signs, all of them verify. */
export type Keys = readonly [Buffer, ...Buffer[]]

/**
 * A key of its own for each purpose, so that what is signed for one is worth nothing for another (HKDF-SHA256, RFC 5869).
 *
 * @param secretKeys at least one
 */
export function deriveKeys(secretKeys: readonly string[], purpose: string): Keys {
  const [first, ...others] = secretKeys.map((secretKey) => Buffer.from(hkdfSync('sha256', secretKey, '', purpose, 32)))
  if (!first) throw new Error('there is no key to sign with')
  return [first, ...others]
}

/** HMAC-SHA256, in base64url. */
export function mac(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** Takes the same time wherever the two differ. */
export function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
