/**
 * Whom an address stands for. Who has one IPv6 address has the 2^64 beside it: they are one. An IPv4 address in IPv6's
 * clothes is itself.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  const [before = '', after = ''] = address.toLowerCase().split('%', 1)[0]?.split('::') ?? []
  const [start, end] = [before, after].map((part) => (part ? part.split(':') : []))
  const groups = [
    ...(start ?? []),
    ...Array(Math.max(0, 8 - (start?.length ?? 0) - (end?.length ?? 0))).fill('0'),
    ...(end ?? []),
  ]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
