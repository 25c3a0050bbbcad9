import type { Answer } from './shop-client.ts'

/** What no client should ever read: stack traces, SQL, hashes. */
const INSIDES =
  /\bat .+:\d+:\d+|node_modules|\/src\/|\.ts\b|RangeError|TypeError|SyntaxError|\b(select|insert into|update|delete from) .+ (from|where|set|values)\b|violates|relation "|invalid input syntax|postgres|\$argon2id\$v=19\$m=\d+,t=\d,p=\d\$[A-Za-z0-9]/i

export function showsInsides(text: string): boolean {
  return INSIDES.test(text)
}

export type Contract = 'shop' | 'whoami' | 'accounts'

/** What is wrong with a refusal of this contract, in words; undefined for a good one. */
export function flawInRefusal({ status, headers, text, body }: Answer, contract: Contract): string | undefined {
  if (status < 400 || status >= 500) return `the status is ${status}`
  if (headers['content-type'] !== 'application/json; charset=utf-8') return `it is ${headers['content-type']}`
  if (showsInsides(text)) return 'it tells what is nobody’s business'
  if (!isRecord(body)) return 'it is no JSON object'
  if (status === 405 && !headers.allow) return 'it lacks Allow'
  if (status === 429 && !headers['retry-after']) return 'it lacks Retry-After'
  if (contract === 'accounts' && status === 401 && 'detail' in body && headers['www-authenticate'] !== 'JWT') {
    return 'it lacks WWW-Authenticate'
  }
  return IS_OF[contract](status, body) ? undefined : `it has not the shape of the ${contract} contract`
}

const IS_OF: Readonly<Record<Contract, (status: number, body: Record<string, unknown>) => boolean>> = {
  shop(status, body) {
    const keys = Object.keys(body).join()
    const { code, details, detail, message } = body
    if (typeof message !== 'string' || message === '') return false
    if (keys === 'detail,message') {
      if (typeof detail !== 'string' || status === 409 || status === 422) return false
      return status === 404 ? message === 'not found' : message === detail
    }
    if (keys !== 'code,message,details') return false
    if (code === null) return status === 400 && message === 'Validation error' && areProblems(details)
    const isBusiness = Number.isInteger(code) && Number(code) >= 1_000 && [400, 404, 409, 422].includes(status)
    return isBusiness && (details === null || typeof details === 'string') && !message.endsWith('.')
  },
  whoami(status, body) {
    const { status: number, message } = body
    if (Object.keys(body).join() !== 'status,message' || typeof message !== 'string' || message === '') return false
    return WHOAMI_NUMBERS[status]?.includes(Number(number)) ?? false
  },
  accounts(status, body) {
    const keys = Object.keys(body).join()
    if (keys === 'detail') return typeof body.detail === 'string' && body.detail !== ''
    if (keys === 'error') return status === 401 && body.error === 'Please provide right login and a password'
    return status === 400 && areProblems(body)
  },
}

/** Which of its own numbers the whoami contract may put beside an HTTP status. */
const WHOAMI_NUMBERS: Readonly<Record<number, readonly number[]>> = {
  400: [101, 103, 105, 199, 206, 208, 212],
  401: [203, 301],
  403: [202],
  404: [211],
  405: [211],
  413: [199],
  415: [199],
  429: [204],
}

/** A status and a body, exactly. */
export interface Refusal {
  readonly status: number
  readonly body: object
}

/** How each contract says what all of them have to say. */
export const REFUSALS: Readonly<Record<Contract, ContractRefusals>> = {
  shop: {
    notSignedIn: plain(403, 'Authentication credentials were not provided.'),
    badJwt: plain(403, 'Authentication credentials were not provided.'),
    expiredJwt: plain(403, 'Authentication credentials were not provided.'),
    csrfMissing: plain(403, 'CSRF Failed: CSRF token missing.'),
    csrfIncorrect: plain(403, 'CSRF Failed: CSRF token incorrect.'),
    crossSite: plain(403, 'CSRF Failed: Origin checking failed.'),
    wrongPassword: {
      status: 404,
      body: { code: 3001, message: 'user or password not match', details: 'Wrong password or username' },
    },
    notFound: { status: 404, body: { detail: 'Not found.', message: 'not found' } },
    malformed: (text) => plain(400, text),
    mediaType: (type) => plain(415, `Unsupported media type "${type}" in request.`),
    tooLarge: plain(413, 'Request body is too large.'),
    missing: (fields) => ({
      status: 400,
      body: { code: null, message: 'Validation error', details: required(fields) },
    }),
    throttled: (seconds) => plain(429, `Request was throttled. Expected available in ${seconds} seconds.`),
  },
  whoami: {
    notSignedIn: numbered(401, 203, 'Invalid access token'),
    badJwt: numbered(401, 203, 'Invalid access token'),
    expiredJwt: numbered(401, 203, 'Invalid access token'),
    csrfMissing: numbered(403, 202, 'Invalid CSRF token'),
    csrfIncorrect: numbered(403, 202, 'Invalid CSRF token'),
    crossSite: numbered(403, 202, 'Invalid CSRF token'),
    wrongPassword: numbered(401, 301, 'Authentication failed'),
    notFound: numbered(404, 211, 'No such endpoint'),
    malformed: (text) => numbered(400, 199, text),
    mediaType: (type) => numbered(415, 199, `Unsupported media type "${type}"`),
    tooLarge: numbered(413, 199, 'Request body is too large'),
    // There is room for one.
    missing: ([field]) => numbered(400, 103, `${field} is required`),
    throttled: () => numbered(429, 204, 'Rate limit exceeded'),
  },
  accounts: {
    notSignedIn: detail(401, 'Authentication credentials were not provided.'),
    badJwt: detail(401, 'Error decoding signature.'),
    expiredJwt: detail(401, 'Signature has expired.'),
    csrfMissing: detail(403, 'CSRF Failed: CSRF token missing.'),
    csrfIncorrect: detail(403, 'CSRF Failed: CSRF token incorrect.'),
    crossSite: detail(403, 'CSRF Failed: Origin checking failed.'),
    wrongPassword: { status: 401, body: { error: 'Please provide right login and a password' } },
    notFound: detail(404, 'Not found.'),
    malformed: (text) => detail(400, text),
    mediaType: (type) => detail(415, `Unsupported media type "${type}" in request.`),
    tooLarge: detail(413, 'Request body is too large.'),
    missing: (fields) => ({ status: 400, body: required(fields) }),
    throttled: (seconds) => detail(429, `Request was throttled. Expected available in ${seconds} seconds.`),
  },
}

export interface ContractRefusals {
  readonly notSignedIn: Refusal
  /** Whatever calls itself a JWT and is none of ours. */
  readonly badJwt: Refusal
  readonly expiredJwt: Refusal
  readonly csrfMissing: Refusal
  readonly csrfIncorrect: Refusal
  readonly crossSite: Refusal
  readonly wrongPassword: Refusal
  readonly notFound: Refusal
  malformed(text: string): Refusal
  mediaType(type: string): Refusal
  readonly tooLarge: Refusal
  /** Fields that are required and not there, in the order of the contract's schema. */
  missing(fields: readonly string[]): Refusal
  throttled(seconds: string | undefined): Refusal
}

/** An answer as a {@link Refusal}, to compare the two. */
export function refusalIn({ status, body }: Answer): Refusal {
  return { status, body }
}

function plain(status: number, text: string): Refusal {
  return { status, body: { detail: text, message: text } }
}

function numbered(status: number, number: number, message: string): Refusal {
  return { status, body: { status: number, message } }
}

function detail(status: number, text: string): Refusal {
  return { status, body: { detail: text } }
}

function required(fields: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(fields.map((name) => [name, ['This field is required.']]))
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

/** The fields that a validation error of this contract names: `delivery.city`. */
export function fieldsNamedIn({ body }: Answer, contract: Contract): string[] {
  if (contract === 'shop') return namedFields(body?.details)
  if (contract === 'accounts') return namedFields(body)
  // The document has one message for both that never change.
  if (body?.status === 206) return ['email', 'first_join']
  return /^\w+(?= is required$|: )/.exec(String(body?.message)) ?? []
}

/** `details` of a validation error of the shop. */
export function namedFields(details: unknown, above = ''): string[] {
  if (!isRecord(details)) return []
  return Object.entries(details).flatMap(([name, problem]) =>
    Array.isArray(problem) ? [above + name] : namedFields(problem, `${above + name}.`),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
