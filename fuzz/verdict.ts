import { flawInRefusal, showsInsides } from '../test/support/refusal-shape.ts'
import type { Answer } from '../test/support/shop-client.ts'
import { contractOf } from '../test/support/shop-world.ts'
import type { Wish } from './wishes.ts'

/** What may be answered instead of a route's own by whoever reads HTTP, and never gets as far as a route. */
const BARE = new Set([400, 408, 413, 431])

/** What is wrong with an answer, in words; undefined for a good one. */
export function flawIn(wish: Wish, answer: Answer): string | undefined {
  const { status, headers, text } = answer
  if (status >= 500) return `the status is ${status}`
  if (status >= 400 && showsInsides(text)) return 'it tells what is nobody’s business'
  // Node answers a missing Host by itself, without a word.
  if (isBare(answer) && text === '') return undefined
  if (headers['x-content-type-options'] !== 'nosniff') return `${status} lacks X-Content-Type-Options`
  if (isBare(answer)) return undefined
  if (!headers['x-request-id']) return `${status} lacks X-Request-Id`
  if (String(headers['content-type']).startsWith('text/html') && !headers['content-security-policy']) {
    return `${status} is a page without Content-Security-Policy`
  }
  return wish.operation ? flawInDocumented(wish, answer) : undefined
}

/** Answered before it was a request of anybody's. */
function isBare({ status, headers }: Answer): boolean {
  return BARE.has(status) && headers.connection === 'close' && !headers['x-request-id']
}

function flawInDocumented({ operation, method }: Wish, answer: Answer): string | undefined {
  if (!operation) return undefined
  const { status, headers, body } = answer
  if (operation.signedIn && headers['cache-control'] !== 'no-store') return `${status} may be kept by caches`
  const types = operation.answers.get(status)
  if (!types) return `${status} is not documented`
  const type = String(headers['content-type']).split(';')[0] ?? ''
  if (method !== 'HEAD' && status !== 304) {
    if (!types.has(type) && !isPicture(types, type))
      return `${status} comes as ${headers['content-type']}, which is not documented`
    const isValid = types.get(type)
    if (isValid && !isValid(body))
      return `${status} is not as documented: ${JSON.stringify(isValid.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`))}`
  }
  const contract = contractOf(operation.url)
  if (status < 400 || contract === 'none') return undefined
  const flaw = flawInRefusal(answer, contract)
  return flaw && `${status}: ${flaw}`
}

function isPicture(types: ReadonlyMap<string, unknown>, type: string): boolean {
  return type.startsWith('image/') && [...types.keys()].some((each) => each.startsWith('image/'))
}
