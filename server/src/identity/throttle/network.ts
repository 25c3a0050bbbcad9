import { undressed } from '../../kernel/ip-address.ts'

/**
 * Whom an address stands for. Who has one IPv6 address has the 2^64 beside it: they are one. An IPv4 address in IPv6's
 * clothes is itself.
 */
export function networkOf(caller: string): string {
  const address = undressed(caller)
  if (!address.includes(':')) return address
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
