import type { TSchema } from 'typebox'
import { withReplies } from '../http/documented-replies.ts'
import { type WhoamiRefusal, whoamiReplies } from './refusals.ts'

/** What the reference says a signed-in call takes, any one of them. */
export const READS = [{ accessToken: [] }, { bearer: [] }, { jwt: [] }, { session: [] }]
/** Every unsafe call takes a CSRF token besides. */
export const CHANGES = READS.map((credential) => ({ ...credential, csrfTicket: [] }))

/** The answers for a route's `schema.response`: the good one, and what only this route refuses. */
export function responses<T extends TSchema>(good: T, ...refusals: WhoamiRefusal[]): { 200: T } {
  const replies = refusals.map((refusal) => whoamiReplies[refusal.code](refusal as never))
  return withReplies({ 200: good }, replies) as unknown as { 200: T }
}
