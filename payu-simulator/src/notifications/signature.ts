import { hash } from 'node:crypto'

/** Each spelling that PayU's own SDK reads in the header, and the hash it means. `SHA` is SHA-256 there. */
export const SIGNATURE_ALGORITHMS = {
  MD5: 'md5',
  SHA: 'sha256',
  SHA1: 'sha1',
  'SHA-1': 'sha1',
  SHA256: 'sha256',
  'SHA-256': 'sha256',
  SHA384: 'sha384',
  'SHA-384': 'sha384',
  SHA512: 'sha512',
  'SHA-512': 'sha512',
} as const
export type SignatureAlgorithm = keyof typeof SIGNATURE_ALGORITHMS

/** A plain hash, no HMAC: the body's bytes as they go out, then the second key. */
export function signature(body: Buffer | string, secondKey: string, algorithm: SignatureAlgorithm): string {
  const bytes = Buffer.concat([Buffer.from(body), Buffer.from(secondKey)])
  return hash(SIGNATURE_ALGORITHMS[algorithm], bytes, 'hex')
}

/** The value of both signature headers. */
export function signatureHeader(body: Buffer | string, secondKey: string, algorithm: SignatureAlgorithm): string {
  return headerWith(signature(body, secondKey, algorithm), algorithm)
}

/** A header of the right shape with a signature that nothing could have. */
export function wrongSignatureHeader(body: Buffer | string, secondKey: string, algorithm: SignatureAlgorithm): string {
  const right = signature(body, secondKey, algorithm)
  return headerWith(`${right[0] === '0' ? '1' : '0'}${right.slice(1)}`, algorithm)
}

const headerWith = (value: string, algorithm: SignatureAlgorithm): string =>
  `sender=checkout;signature=${value};algorithm=${algorithm};content=DOCUMENT`
