import type { TSchema } from 'typebox'
import { anyOf } from '../http/documented-replies.ts'
import { Business, Invalid, Plain } from './schemas.ts'

/** What the reference says a route for signed-in customers takes, any one of them. */
export const SIGNED_IN = [{ session: [] }, { accessToken: [] }, { bearer: [] }, { jwt: [] }]
/** The same for a route that changes something: a session then needs its CSRF token. */
export const SIGNED_IN_TO_CHANGE = [{ session: [], csrf: [] }, { accessToken: [] }, { bearer: [] }, { jwt: [] }]

interface Refusals {
  /** The route validates what it is given. */
  readonly validates?: true
  /** The route is for signed-in customers, unsafe ones with a CSRF token. */
  readonly signedIn?: true
  /** The plain 404 of an unknown id. */
  readonly notFound?: true
  /** Business errors by status, with their codes in words. */
  readonly business?: Readonly<Record<number, string>>
}

/** The answers of a route for its `schema.response`: the good one, which is also what is serialised, and the refusals. */
export function answers<T extends TSchema>(good: T, refusals: Refusals = {}): { 200: T } {
  const { validates, signedIn, notFound, business = {} } = refusals
  const shapes: Record<number, TSchema[]> = {}
  const words: Record<number, string> = {}
  function add(status: number, shape: TSchema, description: string): void {
    shapes[status] = [...(shapes[status] ?? []), shape]
    words[status] = description
  }
  if (validates) add(400, Invalid, 'Validation error: what is wrong with each field')
  if (signedIn) add(403, Plain, 'Not signed in, or without a good CSRF token')
  if (notFound) add(404, Plain, 'Not found')
  for (const [status, description] of Object.entries(business)) add(Number(status), Business, description)
  const refused = Object.entries(shapes).map(([status, all]) => [status, anyOf(all, words[Number(status)] ?? '')])
  return { 200: good, ...Object.fromEntries(refused) }
}
