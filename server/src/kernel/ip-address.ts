import { BlockList, isIP } from 'node:net'

// What is not for everybody, after IANA's registries of special-purpose addresses.
const NOT_PUBLIC_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const
// Of IPv6 only 2000::/3 is given out at all. In there: protocols of the IETF and Teredo, documentation, and 6to4, which
// carries IPv4 addresses of any kind.
const NOT_PUBLIC_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const

const notPublic = new BlockList()
for (const [network, bits] of NOT_PUBLIC_V4) notPublic.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of NOT_PUBLIC_V6) notPublic.addSubnet(network, bits, 'ipv6')
const givenOut = new BlockList()
givenOut.addSubnet('2000::', 3, 'ipv6')

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether an IP address can be anybody's on the internet: no loopback, private network, link-local or the like. */
export function isPublicAddress(address: string): boolean {
  const bare = address.split('%', 1)[0] ?? ''
  if (isIP(bare) === 4) return !notPublic.check(bare, 'ipv4')
  return isIP(bare) === 6 && givenOut.check(bare, 'ipv6') && !notPublic.check(bare, 'ipv6')
}

/** Whether it is this machine; never for what is no IP address. */
export function isLoopback(address: string): boolean {
  return isIP(address) !== 0 && loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** IPv4 in IPv6's clothes (`::ffff:203.0.113.7`), as a server that listens on `::` sees its callers, undressed. */
export function undressed(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/i, '')
}
