import type { AvatarProblem, IdentityRefusal } from '../../identity/index.ts'
import type { WireTable } from '../../kernel/refused.ts'
import { weaknessText } from '../http/password-weakness.ts'
import type { HttpRefusal, WireReply } from '../http/refusals.ts'

/** What only this contract says. */
export type AccountsOwnRefusal = { code: 'accounts.field-not-editable' } | { code: 'accounts.bad-form' }

export type AccountsRefusal = HttpRefusal | AccountsOwnRefusal | IdentityRefusal

const CHALLENGE = { 'www-authenticate': 'JWT' }

/** The accounts contract's reply to every refusal it can meet, in the shapes of Django REST framework. */
export const accountsReplies = {
  'http.invalid': ({ problems }) => ({ status: 400, body: problems }),
  'http.malformed': ({ problem }) => detail(400, problem),
  'http.bad-request': ({ problem }) => detail(400, problem),
  'http.media-type': ({ mediaType }) => detail(415, `Unsupported media type "${mediaType}" in request.`),
  'http.too-large': () => detail(413, 'Request body is too large.'),
  'http.not-found': () => detail(404, 'Not found.'),
  'http.page-not-found': () => detail(404, 'Invalid page.'),
  'http.method-not-allowed': ({ method, allowed }) =>
    detail(405, `Method "${method}" not allowed.`, { allow: allowed.join(', ') }),
  'http.csrf-missing': () => detail(403, 'CSRF Failed: CSRF token missing.'),
  'http.csrf-incorrect': () => detail(403, 'CSRF Failed: CSRF token incorrect.'),
  'http.cross-site': () => detail(403, 'CSRF Failed: Origin checking failed.'),
  'http.key-reused': () => detail(422, 'Idempotency-Key was used with another request.'),
  'http.unavailable': ({ retryAfterSeconds }) =>
    detail(503, 'Service temporarily unavailable, try again later.', { 'retry-after': String(retryAfterSeconds) }),

  'accounts.field-not-editable': () => detail(400, 'Invalid signature.'),
  'accounts.bad-form': () => detail(400, 'Multipart form parse error.'),

  'identity.not-signed-in': () => detail(401, 'Authentication credentials were not provided.', CHALLENGE),
  'identity.bad-jwt': ({ problem }) =>
    detail(401, problem === 'expired' ? 'Signature has expired.' : 'Error decoding signature.', CHALLENGE),
  'identity.session-not-found': () => detail(404, 'Not found.'),
  'identity.username-is-an-email': () => field('username', 'A username with an @ must be your own email address.'),
  'identity.wrong-credentials': () => ({ status: 401, body: { error: 'Please provide right login and a password' } }),
  'identity.customer-not-found': () => detail(404, 'Not found.'),
  'identity.already-used': ({ fields }) => ({
    status: 400,
    body: Object.fromEntries(fields.map((name) => [name, [`user with this ${name} already exists.`]])),
  }),
  'identity.password-too-weak': ({ reasons }) => ({ status: 400, body: { password: reasons.map(weaknessText) } }),
  'identity.bad-token': () => detail(400, 'Invalid or expired token.'),
  'identity.password-needed': () => detail(400, 'The password is required.'),
  'identity.bad-avatar': ({ problem }) => field('avatar', AVATAR_PROBLEMS[problem]),
  'identity.too-many-tries': ({ retryAfterSeconds }) => throttled(retryAfterSeconds),
  'identity.busy': ({ retryAfterSeconds }) => throttled(retryAfterSeconds),
} satisfies WireTable<AccountsRefusal, WireReply>

const AVATAR_PROBLEMS: Readonly<Record<AvatarProblem, string>> = {
  'too-large': 'Ensure this file is at most 5 MB.',
  'too-many-pixels': 'Ensure this image has at most 40 megapixels.',
  'not-an-image': 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.',
}

/** Whatever was no refusal: its message is for the log alone. */
export const accountsFailure: WireReply = detail(500, 'Internal server error.')

function detail(status: number, text: string, headers: Record<string, string> = {}): WireReply {
  return { status, body: { detail: text }, headers }
}

function field(name: string, problem: string): WireReply {
  return { status: 400, body: { [name]: [problem] } }
}

function throttled(seconds: number): WireReply {
  return detail(429, `Request was throttled. Expected available in ${seconds} seconds.`, {
    'retry-after': String(seconds),
  })
}
