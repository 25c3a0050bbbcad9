import { GatewayUnavailable } from '../gateway.ts'

/** A JSON object that came over the wire: nothing in it is to be trusted to be there, or to be of its type. */
export type Wire = Readonly<Record<string, unknown>>

export function isWire(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object under that name; empty when there is none. */
export function wireIn(object: Wire, name: string): Wire {
  const value = object[name]
  return isWire(value) ? value : {}
}

/** The text under that name; undefined when there is none, an empty one, or one that no database keeps. */
export function textIn(object: Wire, name: string): string | undefined {
  const value = object[name]
  const isText = typeof value === 'string' && value !== '' && value.isWellFormed() && !value.includes('\0')
  return isText ? value : undefined
}

/** The objects in a list under that name; none when there is no such list. PayU writes `false` for an empty one. */
export function listIn(object: Wire, name: string): readonly Wire[] {
  const value = object[name]
  return Array.isArray(value) ? value.filter(isWire) : []
}

/**
 * An amount in minor units, above zero: nobody pays or gets back nothing. PayU writes them as text, and nothing but digits
 * will do: what is no whole number is undefined, never rounded.
 */
export function minorIn(object: Wire, name: string): number | undefined {
  const value = object[name]
  return typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : undefined
}

/** @throws GatewayUnavailable when it is missing: the answer is not in PayU's protocol */
export function demand<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new GatewayUnavailable(`PayU's answer lacks ${what}`)
  return value
}
