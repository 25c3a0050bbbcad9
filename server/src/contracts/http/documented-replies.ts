import { STATUS_CODES } from 'node:http'
import type { RouteOptions } from 'fastify'
import type { Refusal } from '../../kernel/refused.ts'
import type { WireReply } from './refusals.ts'

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

interface Described {
  readonly description?: string
  readonly examples?: unknown[]
  readonly required?: readonly string[]
  readonly anyOf?: readonly Described[]
}
type Answers = Record<string, Described>

/**
 * Adds these to the answers that the reference shows of a route, as examples. A status that is described already keeps its
 * words, and is given a further shape where these have another one.
 */
export function withReplies(response: unknown, replies: readonly WireReply[]): Answers {
  const answers = { ...(response as Answers | undefined) }
  const own = new Set<string>()
  for (const { status, body } of replies) {
    const key = String(status)
    const known = answers[key]
    if (known && !own.has(key)) {
      answers[key] = withShape(known, body)
      continue
    }
    own.add(key)
    const examples = [...(known?.examples ?? []), body]
    const shape = { type: 'object', additionalProperties: true }
    answers[key] = { ...shape, description: STATUS_CODES[status] ?? '', examples } as Answers[string]
  }
  return answers
}

/** A status whose answers may have any of several shapes. */
export function anyOf<S extends object>(shapes: readonly S[], description: string) {
  const [only] = shapes
  return only && shapes.length === 1 ? { ...only, description } : { anyOf: shapes, description }
}

function withShape(known: Described, body: unknown): Described {
  const names = Object.keys(body as object)
  const shapes = known.anyOf ?? [known]
  // Without names it is whatever the contract says.
  const isKnown = shapes.some(({ required }) => !required || required.join() === names.join())
  if (isKnown) return known
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
  return anyOf([...shapes, { type: 'object', required: names, properties, examples: [body] }], known.description ?? '')
}

/** What a route may refuse before its own work begins, as it says of itself in its `config`. */
export function refusalsAtTheDoor({ method, config = {} }: RouteOptions): Refusal[] {
  const { signedIn, sameSite, csrf, throttled } = config
  const isUnsafe = [method].flat().some((each) => !SAFE_METHODS.includes(each))
  const refusals: (Refusal & Record<string, unknown>)[] = [{ code: 'http.unavailable', retryAfterSeconds: 2 }]
  if (isUnsafe) {
    refusals.push({ code: 'http.malformed', problem: 'JSON parse error - the body is not valid JSON.' })
    refusals.push({ code: 'http.media-type', mediaType: 'text/plain' }, { code: 'http.too-large' })
  }
  if (signedIn) refusals.push({ code: 'identity.not-signed-in' })
  if (csrf || (signedIn && isUnsafe)) refusals.push({ code: 'http.csrf-missing' })
  if (sameSite) refusals.push({ code: 'http.cross-site' })
  if (throttled) refusals.push({ code: 'identity.busy', retryAfterSeconds: 1 })
  return refusals
}
