import { deriveKeys, mac } from '../../kernel/signing.ts'

/** Where a name stands among the customers, a bigint in digits: always the same, and nobody outside can tell where. */
export type StandInPoint = (nameKey: string) => string

/**
 * Gives each name a point on the ring of all customers. If the name is nobody's, the customer who comes next stands in:
 * a password is checked against their hash, and refused. So it costs what a customer's would, in time, in the queue and
 * on the processor, whatever the mixture of hashes in the store is at the moment.
 *
 * @see docs/adr/0013-a-name-that-is-nobodys-has-a-stand-in.md
 */
export function makeStandInPoint(secretKeys: readonly string[]): StandInPoint {
  const [key] = deriveKeys(secretKeys, 'tradepost stand-in')
  return (nameKey) => Buffer.from(mac(key, nameKey), 'base64url').readBigInt64BE().toString()
}
