import { lookup as lookUp } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress } from '../kernel/ip-address.ts'

export function isIpAddress(host: string): boolean {
  return isIP(host) !== 0
}

/** Nobody outside shall make us speak to our own network. */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress'

  constructor(host: string) {
    super(`${host} is in a private network; WEBHOOK_PRIVATE_ADDRESSES=allow permits that`)
  }
}

/**
 * Looks a name up as connecting does, and refuses it when any of its addresses is not public. The connection goes to the
 * very addresses that were looked at: a name that leads elsewhere a moment later changes nothing.
 */
export const lookUpPublic: LookupFunction = (hostname, options, callback) => {
  lookUp(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, [])
    if (!addresses.every(({ address }) => isPublicAddress(address))) return callback(new PrivateAddress(hostname), [])
    if (options.all) return callback(null, addresses)
    const [first] = addresses
    callback(null, first?.address ?? '', first?.family)
  })
}
