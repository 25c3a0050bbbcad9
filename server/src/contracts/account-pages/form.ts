import { Refused } from '../../kernel/refused.ts'

/** What a page of ours is asked with. */
export interface PageRequest {
  Querystring: { token?: string | string[] }
  Body: URLSearchParams | undefined
}

/** The token a link carries; what cannot be one is none. */
export function tokenOf({ token }: PageRequest['Querystring']): string {
  return typeof token === 'string' ? token.slice(0, TOKEN_LENGTH_MAX) : ''
}

const TOKEN_LENGTH_MAX = 200

/** A field of the form, empty when it was left out; without what no database could store. */
export function fieldOf(body: PageRequest['Body'], name: string): string {
  return (body?.get(name) ?? '').replaceAll('\0', '')
}

/** The refusal in what was thrown, if it is one of these: the others are the error handler's. */
export function refusalIn<R extends { code: string }, C extends R['code']>(
  error: unknown,
  ...codes: readonly C[]
): Extract<R, { code: C }> {
  const refusal = error instanceof Refused ? error.refusal : undefined
  if (refusal && (codes as readonly string[]).includes(refusal.code)) return refusal as Extract<R, { code: C }>
  throw error
}
