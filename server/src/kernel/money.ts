/** Money is an integer of minor units (grosze, cents); its currency stands beside it. */
export type Minor = number

/** The highest price of one piece: 10 million in major units. A full bucket at that price is still exact in a double. */
export const PRICE_MINOR_MAX: Minor = 1_000_000_000

const DECIMAL = /^(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,2}))?$/

/** `300000` → `"3000.00"`. */
export function toDecimal(minor: Minor): string {
  const digits = String(Math.abs(minor)).padStart(3, '0')
  return `${minor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** `"3000"`, `"3000.0"`, `"3000.00"` → `300000`; undefined for anything else: signs, exponents, a third decimal. */
export function fromDecimal(text: string): Minor | undefined {
  const match = DECIMAL.exec(text)
  if (!match) return undefined
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
}

/** `100000` → `1000`: for the few places where a contract shows money as a JSON number. */
export function toMajorNumber(minor: Minor): number {
  return minor / 100
}
