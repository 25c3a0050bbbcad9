import type { TSchema } from 'typebox'
import { Problem } from './schemas.ts'

/** What the reference says a signed-in call takes, any one of them. */
export const READS = [{ accessToken: [] }, { bearer: [] }, { jwt: [] }, { session: [] }]
/** Every unsafe call takes a CSRF token besides. */
export const CHANGES = READS.map((credential) => ({ ...credential, csrfTicket: [] }))

/** The answers for a route's `schema.response`: the good one, and the shape of all refusals. */
export function responses<T extends TSchema>(good: T): { 200: T } {
  const refusal = { ...Problem, description: 'A refusal: its number and message' } as TSchema
  return { 200: good, '4xx': refusal } as { 200: T }
}
