import type { TSchema } from 'typebox'
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
  const answers: Record<number, TSchema> = { 200: good }
  if (validates)
    answers[400] = { ...Invalid, description: 'Validation error: what is wrong with each field' } as TSchema
  if (signedIn) answers[403] = { ...Plain, description: 'Not signed in, or without a good CSRF token' } as TSchema
  if (notFound) answers[404] = { ...Plain, description: 'Not found' } as TSchema
  for (const [status, description] of Object.entries(business)) {
    answers[Number(status)] = { ...Business, description } as TSchema
  }
  return answers as { 200: T }
}
