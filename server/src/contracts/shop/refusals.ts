import type { BucketRefusal } from '../../bucket/index.ts'
import type { CatalogueRefusal } from '../../catalogue/index.ts'
import type { IdentityRefusal } from '../../identity/index.ts'
import { toDecimal } from '../../kernel/money.ts'
import type { WireTable } from '../../kernel/refused.ts'
import type { OrderRefusal } from '../../orders/index.ts'
import type { PaymentRefusal } from '../../payments/index.ts'
import { weaknessText } from '../http/password-weakness.ts'
import type { FieldProblems, HttpRefusal, WireReply } from '../http/refusals.ts'
import { replyWith } from '../http/reply-to.ts'

/** What only this contract tells apart: a taken name reads otherwise on a profile than at registration. */
export type ShopOwnRefusal = { code: 'shop.profile-name-taken'; fields: readonly string[] }

export type ShopRefusal =
  | HttpRefusal
  | ShopOwnRefusal
  | IdentityRefusal
  | CatalogueRefusal
  | BucketRefusal
  | OrderRefusal
  | PaymentRefusal

const NO_CREDENTIALS = 'Authentication credentials were not provided.'

/** The shop contract's reply to every refusal there is. The spelling is the contract's own. */
export const shopReplies = {
  'http.invalid': ({ problems }) => invalid(problems),
  'http.malformed': ({ problem }) => plain(400, problem),
  'http.bad-request': ({ problem }) => plain(400, problem),
  'http.media-type': ({ mediaType }) => plain(415, `Unsupported media type "${mediaType}" in request.`),
  'http.too-large': () => plain(413, 'Request body is too large.'),
  'http.not-found': () => notFound('Not found.'),
  'http.page-not-found': () => notFound('Invalid page.'),
  'http.method-not-allowed': ({ method, allowed }) =>
    plain(405, `Method "${method}" not allowed.`, { allow: allowed.join(', ') }),
  'http.csrf-missing': () => plain(403, 'CSRF Failed: CSRF token missing.'),
  'http.csrf-incorrect': () => plain(403, 'CSRF Failed: CSRF token incorrect.'),
  'http.cross-site': () => plain(403, 'CSRF Failed: Origin checking failed.'),
  'http.key-reused': () => business(422, 1005, 'Idempotency-Key was used with another request'),
  'http.unavailable': ({ retryAfterSeconds }) =>
    plain(503, 'Service temporarily unavailable, try again later.', { 'retry-after': String(retryAfterSeconds) }),

  'shop.profile-name-taken': ({ fields }) => business(409, 2001, 'email already used', takenText(fields)),

  'identity.not-signed-in': () => plain(403, NO_CREDENTIALS),
  'identity.username-is-an-email': () =>
    invalid({ username: ['A username with an @ must be your own email address.'] }),
  'identity.bad-jwt': () => plain(403, NO_CREDENTIALS),
  'identity.session-not-found': () => notFound('Not found.'),
  'identity.wrong-credentials': () => business(404, 3001, 'user or password not match', 'Wrong password or username'),
  'identity.customer-not-found': () => notFound('Not found.'),
  'identity.already-used': ({ fields }) => business(409, 2001, 'email/username already used', takenText(fields)),
  'identity.password-too-weak': ({ reasons }) => invalid({ password: reasons.map(weaknessText) }),
  'identity.bad-token': () =>
    business(400, 2002, 'token is not valid', 'it is unknown, was used, or has expired: ask for another mail'),
  'identity.password-needed': () => invalid({ password: ['This field is required.'] }),
  'identity.too-many-tries': ({ retryAfterSeconds }) => throttled(retryAfterSeconds),
  'identity.busy': ({ retryAfterSeconds }) => throttled(retryAfterSeconds),
  'identity.bad-avatar': ({ problem }) =>
    invalid({ avatar: [`This image cannot be used: ${problem.replaceAll('-', ' ')}.`] }),

  'catalogue.product-not-found': () => notFound('Not found.'),
  'catalogue.picture-not-found': () => notFound('Not found.'),

  'bucket.already-in': () => business(409, 1041, 'Product already in bucket'),
  'bucket.not-available': () => business(409, 1042, 'Product not avaliable'),
  'bucket.not-enough': ({ lines }) =>
    business(
      409,
      1043,
      'not enough products in magazines',
      lines.map(({ productId, asked, available }) => `${productId}: ${asked} asked, ${available} available`).join('; '),
    ),
  'bucket.full': ({ linesMax }) => business(409, 1044, 'bucket is full', `at most ${linesMax} different products`),
  'bucket.line-not-found': () => notFound('Not found.'),

  'orders.method-not-offered': ({ method }) => invalid({ payment: [`"${method}" is not a valid choice.`] }),
  'orders.mixed-currencies': () =>
    business(409, 1002, 'order not created', 'the products are priced in several currencies'),
  'orders.empty-bucket': () => business(409, 1083, 'bucket is empty'),
  'orders.too-many-unpaid': ({ unpaidMax }) =>
    business(409, 1009, 'too many unpaid orders', `at most ${unpaidMax}: pay or cancel one`),
  'orders.sum-differs': ({ expectedMinor, sumMinor }) =>
    business(
      409,
      1004,
      'order sum is not as expected',
      `expected ${toDecimal(expectedMinor)}, is ${toDecimal(sumMinor)}`,
    ),
  'orders.not-found': () => business(404, 1001, 'order not found'),
  'orders.wrong-status': ({ status }) => business(409, 1003, 'wrong order status for that step', `order is ${status}`),

  'payments.method-not-offered': ({ method }) => invalid({ method: [`"${method}" is not a valid choice.`] }),
  'payments.blik-code-not-taken': ({ method }) => invalid({ blik_code: [`"${method}" takes no BLIK code.`] }),
  'payments.blik-code-refused': () =>
    invalid({ blik_code: ['This BLIK code was not accepted: ask your bank for a new one.'] }),
  'payments.charge-refused': () => business(409, 1008, 'payment refused by gateway', 'choose another method'),
  'payments.not-chosen': () => business(409, 1006, 'payment method not chosen'),
  'payments.gateway-failed': () =>
    business(503, 1007, 'payment gateway not available', 'try again later', { 'retry-after': '5' }),
} satisfies WireTable<ShopRefusal, WireReply>

/** Whatever was no refusal: its message is for the log alone. */
export const shopFailure: WireReply = plain(500, 'Internal server error.')

/** This contract's reply to a refusal of any room. */
export const replyTo = replyWith(shopReplies, shopFailure)

function business(
  status: number,
  code: number,
  message: string,
  details: string | null = null,
  headers: Record<string, string> = {},
): WireReply {
  return { status, body: { code, message, details }, headers }
}

function invalid(problems: FieldProblems): WireReply {
  return { status: 400, body: { code: null, message: 'Validation error', details: problems } }
}

function plain(status: number, text: string, headers: Record<string, string> = {}): WireReply {
  return { status, body: { detail: text, message: text }, headers }
}

function throttled(seconds: number): WireReply {
  return plain(429, `Request was throttled. Expected available in ${seconds} seconds.`, {
    'retry-after': String(seconds),
  })
}

function notFound(detail: string): WireReply {
  return { status: 404, body: { detail, message: 'not found' } }
}

function takenText(fields: readonly string[]): string {
  return `customer with this ${fields.join(' and ')} is already in db`
}
