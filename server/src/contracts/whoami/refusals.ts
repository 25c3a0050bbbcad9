import type { IdentityRefusal } from '../../identity/index.ts'
import type { WireTable } from '../../kernel/refused.ts'
import type { FieldProblems, HttpRefusal, WireReply } from '../http/refusals.ts'

/** What only this contract says. */
export type WhoamiOwnRefusal =
  | { code: 'whoami.immutable' } // the e-mail or the time of joining; the contract has one message for both
  | { code: 'whoami.cleared'; field: string }
  | { code: 'whoami.passwords-differ' }

export type WhoamiRefusal = HttpRefusal | WhoamiOwnRefusal | IdentityRefusal

const INVALID_TOKEN = say(401, 203, 'Invalid access token')
const NOTHING_SUCH = say(404, 211, 'No such endpoint')

/**
 * The whoami contract's reply to every refusal it can meet. Its numbers: 1xx bad input, 2xx illegal operation, 3xx
 * unauthorised, 4xx internal.
 */
export const whoamiReplies = {
  'http.invalid': ({ problems }) => invalid(problems),
  'http.malformed': ({ problem }) => say(400, 199, problem),
  'http.bad-request': ({ problem }) => say(400, 199, problem),
  'http.media-type': ({ mediaType }) => say(415, 199, `Unsupported media type "${mediaType}"`),
  'http.too-large': () => say(413, 199, 'Request body is too large'),
  'http.not-found': () => NOTHING_SUCH,
  'http.page-not-found': () => NOTHING_SUCH,
  'http.method-not-allowed': ({ method, allowed }) =>
    say(405, 211, `Method ${method} not allowed`, { allow: allowed.join(', ') }),
  'http.csrf-missing': () => say(403, 202, 'Invalid CSRF token'),
  'http.csrf-incorrect': () => say(403, 202, 'Invalid CSRF token'),
  'http.cross-site': () => say(403, 202, 'Invalid CSRF token'),
  'http.key-reused': () => say(422, 199, 'Idempotency-Key was used with another request'),
  'http.unavailable': ({ retryAfterSeconds }) => later(503, 401, 'Service unavailable', retryAfterSeconds),

  'whoami.immutable': () => say(400, 206, 'Email is immutable'),
  'whoami.cleared': ({ field }) => say(400, 103, `${field} is required`),
  'whoami.passwords-differ': () => say(400, 105, 'Password do not match'),

  'identity.not-signed-in': () => INVALID_TOKEN,
  'identity.bad-jwt': () => INVALID_TOKEN,
  'identity.session-not-found': () => NOTHING_SUCH,
  'identity.username-is-an-email': () => say(400, 199, 'A username with an @ must be your own email address'),
  'identity.wrong-credentials': () => say(401, 301, 'Authentication failed'),
  'identity.customer-not-found': () => INVALID_TOKEN,
  'identity.already-used': ({ fields }) => say(400, 208, `${fields.join(' and ')} already registered`),
  'identity.password-too-weak': () => say(400, 212, 'Password is too weak'),
  'identity.bad-token': () => say(400, 199, 'Invalid or expired token'),
  'identity.password-needed': () => say(400, 103, 'password is required'),
  'identity.bad-avatar': () => say(400, 199, 'Not an image that can be used'),
  'identity.too-many-tries': ({ retryAfterSeconds }) => later(429, 204, 'Rate limit exceeded', retryAfterSeconds),
  'identity.busy': ({ retryAfterSeconds }) => later(429, 204, 'Rate limit exceeded', retryAfterSeconds),
} satisfies WireTable<WhoamiRefusal, WireReply>

/** Whatever was no refusal: its message is for the log alone. */
export const whoamiFailure: WireReply = say(500, 401, 'Server failed')

function say(http: number, status: number, message: string, headers: Record<string, string> = {}): WireReply {
  return { status: http, body: { status, message }, headers }
}

function later(http: number, status: number, message: string, seconds: number): WireReply {
  return say(http, status, message, { 'retry-after': String(seconds) })
}

/** One message for the first field that is wrong: this contract has no place for more. */
function invalid(problems: FieldProblems): WireReply {
  const [field = '', found] = Object.entries(problems)[0] ?? []
  const problem = Array.isArray(found) ? (found[0] ?? '') : 'Invalid data.'
  const isMissing = /required|may not be (null|blank)/.test(problem)
  return isMissing ? say(400, 103, `${field} is required`) : say(400, 199, `${field}: ${problem}`)
}
