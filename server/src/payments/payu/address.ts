import { isIP } from 'node:net'

/**
 * An IP address as PayU wants it: IPv4 with dots, IPv6 in full, eight groups of four digits. IPv4 in IPv6's clothes
 * (`::ffff:203.0.113.7`) is IPv4. Undefined for what is no address of anybody: `0.0.0.0`, `::`, words.
 */
export function payuAddress(text: string): string | undefined {
  const [address = ''] = text.trim().split('%')
  const version = isIP(address)
  if (version === 0) return undefined
  if (version === 4) return address === '0.0.0.0' ? undefined : address
  const groups = groupsOf(address)
  const [high = 0, low = 0] = groups.slice(6)
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return payuAddress([high >> 8, high & 255, low >> 8, low & 255].join('.'))
  }
  if (groups.every((group) => group === 0)) return undefined
  return groups.map((group) => group.toString(16).padStart(4, '0')).join(':')
}

/** The eight numbers of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const dotted = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a, b, c, d) => {
    return [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':')
  })
  const [before = '', after] = dotted.split('::')
  const numbers = (part: string) =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16))
  const head = numbers(before)
  const tail = after === undefined ? [] : numbers(after)
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]
}
