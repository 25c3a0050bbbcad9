import { createHash, timingSafeEqual } from 'node:crypto'

export interface Signature {
  /** Node's name for it, such as `md5`. */
  readonly algorithm: string
  readonly bytes: Buffer
}

/** As PayU and its SDK write them; real messages are MD5. What is not here is not believed. */
const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha384', 'sha512']
const HEX_LENGTHS: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64, sha384: 96, sha512: 128 }

/**
 * Reads `sender=checkout;signature=<hex>;algorithm=MD5;content=DOCUMENT`: pairs in any order, a `;` at the end allowed.
 * Undefined for what is not that: an algorithm we do not know, a hash of another length, a pair said twice.
 */
export function parseSignature(header: string): Signature | undefined {
  const values = new Map<string, string>()
  for (const pair of header.split(';')) {
    const [name = '', ...value] = pair.split('=')
    const key = name.trim().toLowerCase()
    if (key === '') continue
    if (values.has(key)) return undefined
    values.set(key, value.join('=').trim())
  }
  const hex = values.get('signature') ?? ''
  const algorithm = algorithmCalled(values.get('algorithm') ?? '')
  if (!algorithm || hex.length !== HEX_LENGTHS[algorithm] || !/^[0-9a-f]+$/i.test(hex)) return undefined
  return { algorithm, bytes: Buffer.from(hex, 'hex') }
}

/** With or without the dash; a bare `SHA` is SHA-1, as in PayU's own SDK. */
function algorithmCalled(name: string): string | undefined {
  const plain = name.toLowerCase().replace(/^sha-/, 'sha')
  return ALGORITHMS.find((algorithm) => algorithm === (plain === 'sha' ? 'sha1' : plain))
}

/**
 * Whether the body was signed with one of the POS's second keys: the hash of the bytes as they came, the key behind
 * them. Several keys are tried so that a key can be changed while messages signed with the old one are still repeated.
 */
export function isSigned(body: Buffer, header: string | undefined, secondKeys: readonly string[]): boolean {
  const signature = header === undefined ? undefined : parseSignature(header)
  if (!signature) return false
  return secondKeys
    .map((key) => createHash(signature.algorithm).update(body).update(key, 'utf8').digest())
    .map((wanted) => timingSafeEqual(wanted, signature.bytes))
    .includes(true)
}
