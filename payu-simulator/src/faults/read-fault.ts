import { REFUND_ERRORS } from '../api/refund-errors.ts'
import { SIGNATURE_ALGORITHMS } from '../notifications/signature.ts'
import { REFUND_FAILURES } from '../orders/refund.ts'
import { CALLS, type Fault, type FaultKind } from './fault.ts'

type Field = (value: unknown, name: string) => unknown

const oneOf =
  (values: readonly string[], otherwise?: string): Field =>
  (value, name) => {
    const found = value ?? otherwise
    if (values.includes(found as string)) return found
    throw new RangeError(`${name}: one of ${values.join(', ')}`)
  }
const whole =
  (min: number, max: number, otherwise?: number): Field =>
  (value, name) => {
    const found = value ?? otherwise
    if (Number.isInteger(found) && (found as number) >= min && (found as number) <= max) return found
    throw new RangeError(`${name}: a whole number from ${min} to ${max}`)
  }
const maybe =
  (field: Field): Field =>
  (value, name) =>
    value === undefined ? undefined : field(value, name)
const seconds: Field = (value, name) => {
  if (typeof value === 'number' && value >= 0 && value <= 86_400) return value
  throw new RangeError(`${name}: seconds from 0 to 86400`)
}

const on = oneOf([...CALLS, 'any'], 'any')
const when = oneOf(['before', 'after'], 'before')
const which = {
  about: maybe(oneOf(['order', 'refund'])),
  status: maybe(oneOf(['PENDING', 'WAITING_FOR_CONFIRMATION', 'COMPLETED', 'CANCELED', 'FINALIZED'])),
}

/** What each kind of fault is made of. */
export const FAULT_FIELDS: Readonly<Record<FaultKind, Readonly<Record<string, Field>>>> = {
  error: { on, when, httpStatus: whole(400, 599, 500) },
  cut: { on, when },
  slow: { on, seconds },
  duplicate: { ...which, copies: whole(1, 10, 1) },
  parallel: which,
  reorder: which,
  silence: which,
  'wrong-amount': which,
  'bad-signature': which,
  'stray-canceled': which,
  delay: { ...which, seconds },
  algorithm: { ...which, algorithm: oneOf(Object.keys(SIGNATURE_ALGORITHMS)) },
  'refuse-refund': { literal: oneOf(Object.keys(REFUND_ERRORS), 'UNKNOWN_ERROR') },
  'fail-refund': { failure: oneOf(REFUND_FAILURES, 'BANK_DECLINED') },
}

/**
 * A fault out of what somebody sent, its defaults filled in.
 *
 * @throws RangeError that says what cannot be
 */
export function readFault(wanted: unknown): Fault {
  if (typeof wanted !== 'object' || wanted === null) throw new RangeError('a fault is an object')
  const given = wanted as Record<string, unknown>
  const kind = oneOf(Object.keys(FAULT_FIELDS))(given.kind, 'kind') as FaultKind
  const fields: Record<string, Field> = { ...FAULT_FIELDS[kind], times: maybe(whole(1, 1_000_000)) }
  const unknown = Object.keys(given).find((name) => name !== 'kind' && !Object.hasOwn(fields, name))
  if (unknown !== undefined) throw new RangeError(`${kind} has no ${unknown}, only ${Object.keys(fields).join(', ')}`)
  const read = Object.entries(fields).map(([name, field]) => [name, field(given[name], name)] as const)
  return Object.fromEntries([['kind', kind], ...read.filter(([, value]) => value !== undefined)]) as unknown as Fault
}
