import type { Answer } from './shop-client.ts'

/** What no client should ever read: stack traces, SQL, hashes. */
const INSIDES =
  /\bat .+:\d+:\d+|node_modules|\/src\/|\.ts\b|RangeError|TypeError|SyntaxError|\b(select|insert into|update|delete from) .+ (from|where|set|values)\b|violates|relation "|invalid input syntax|postgres|\$argon2id\$v=19\$m=\d+,t=\d,p=\d\$[A-Za-z0-9]/i

export function showsInsides(text: string): boolean {
  return INSIDES.test(text)
}

/** What is wrong with a refusal of the shop contract, in words; undefined for a good one. */
export function flawInRefusal({ status, headers, text, body }: Answer): string | undefined {
  if (status < 400 || status >= 500) return `the status is ${status}`
  if (headers['content-type'] !== 'application/json; charset=utf-8') return `it is ${headers['content-type']}`
  if (showsInsides(text)) return 'it tells what is nobody’s business'
  if (!isRecord(body)) return 'it is no JSON object'
  if (status === 405 && !headers.allow) return 'it lacks Allow'
  if (status === 429 && !headers['retry-after']) return 'it lacks Retry-After'
  return isOfContract(status, body) ? undefined : 'it has not the shape of the contract'
}

function isOfContract(status: number, body: Record<string, unknown>): boolean {
  const keys = Object.keys(body).join()
  const { code, details, detail, message } = body
  if (typeof message !== 'string' || message === '') return false
  if (keys === 'detail,message') {
    if (typeof detail !== 'string' || status === 409 || status === 422) return false
    return status === 404 ? message === 'not found' : message === detail
  }
  if (keys !== 'code,message,details') return false
  if (code === null) return status === 400 && message === 'Validation error' && areProblems(details)
  const isBusiness = Number.isInteger(code) && Number(code) >= 1_000 && [404, 409, 422].includes(status)
  return isBusiness && (details === null || typeof details === 'string') && !message.endsWith('.')
}

/** `{"email": ["Enter a valid email address."]}`; nested objects nest. */
function areProblems(details: unknown): boolean {
  if (!isRecord(details) || Object.keys(details).length === 0) return false
  return Object.values(details).every((problem) =>
    Array.isArray(problem)
      ? problem.length > 0 && problem.every((text) => typeof text === 'string' && text !== '')
      : areProblems(problem),
  )
}

/** The fields that a validation error names: `delivery.city`. */
export function namedFields(details: unknown, above = ''): string[] {
  if (!isRecord(details)) return []
  return Object.entries(details).flatMap(([name, problem]) =>
    Array.isArray(problem) ? [above + name] : namedFields(problem, `${above + name}.`),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
