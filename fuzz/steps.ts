import fc from 'fast-check'
import { SANDBOX_POS } from 'payu-simulator'
import { ODD_VALUES } from '../test/support/value-schema.ts'
import type { Operation } from './reference.ts'
import { plain, WAYS, type Wish, wishOf } from './wishes.ts'

/** What happens next, to whom. */
export type Step = { readonly who: number } & (
  | { readonly kind: 'asks'; readonly wishes: readonly Wish[]; readonly isPipelined: boolean }
  /** What is no HTTP, or not quite. */
  | { readonly kind: 'says'; readonly bytes: string }
  /** At PayU, for the order paid for so many orders ago. */
  | { readonly kind: 'pays'; readonly back: number; readonly action: 'pay' | 'fail' | 'decline' }
  | { readonly kind: 'reads mails' }
)

const JSON_TYPE = ['content-type', 'application/json'] as const

/** @param operations all of the reference's, and what it leaves out */
export function stepsOf(operations: readonly Operation[]): fc.Arbitrary<Step> {
  const who = fc.nat(PEOPLE - 1)
  const any = fc.oneof(
    { weight: 12, arbitrary: fc.oneof(...operations.filter(({ url }) => !SLOW.test(url)).map(wishOf)) },
    { weight: 2, arbitrary: hidden },
    // Passwords are hashed, and some answers wait on purpose.
    { weight: 1, arbitrary: fc.oneof(...operations.filter(({ url }) => SLOW.test(url)).map(wishOf)) },
  )
  const good = fc.constantFrom(...JOURNEYS)
  const find = (method: string, url: string) => operations.find((it) => it.method === method && it.url === url)
  const asGood = good.map((journey) =>
    journey.map(([method, url, body]) => goodWish(find(method, url), method, url, body)),
  )
  const signed = any.filter(({ framing, method }) => framing === 'length' && method !== 'HEAD')
  return fc.oneof(
    {
      weight: 60,
      arbitrary: fc.record({
        kind: fc.constant('asks' as const),
        who,
        wishes: fc.tuple(any),
        isPipelined: fc.constant(false),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('asks' as const),
        who,
        wishes: asGood,
        isPipelined: fc.constant(false),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('asks' as const),
        who,
        wishes: fc.array(signed, { minLength: 2, maxLength: 5 }),
        isPipelined: fc.constant(true),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('says' as const), who, bytes: fc.constantFrom(...NO_HTTP) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('pays' as const),
        who,
        back: fc.nat(5),
        action: fc.constantFrom('pay' as const, 'pay' as const, 'fail' as const, 'decline' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reads mails' as const), who }) },
  )
}

export const PEOPLE = 6
const SLOW = /login|obtain_token|register|create_user|password|verification|\/profile\/|logout|revoke|api\/sessions/

type Call = readonly [method: string, url: string, body?: object]
const ORDER = '/api/orders/:order_uuid'
const fill = (quantity = 1): Call => ['POST', '/api/bucket', { product: '{shop product 0}', quantity }]
/** What customers do who mean it. */
const JOURNEYS: readonly (readonly Call[])[] = [
  [
    ['DELETE', '/api/bucket'],
    fill(2),
    ['POST', '/api/orders', {}],
    ['PUT', `${ORDER}/payment`, { method: 'payu' }],
    fill(),
  ],
  [
    ['DELETE', '/api/bucket'],
    fill(3),
    ['POST', '/api/orders', { payment: 'card' }],
    ['PUT', `${ORDER}/payment`, { method: 'card' }],
  ],
  [
    ['DELETE', '/api/bucket'],
    fill(),
    ['POST', '/api/orders', {}],
    ['PUT', `${ORDER}/payment`, { method: 'payu', blik_code: '777123' }],
  ],
  [
    ['DELETE', '/api/bucket'],
    fill(),
    ['POST', '/api/orders', {}],
    ['PUT', `${ORDER}/payment`, { method: 'transfer' }],
    fill(),
  ],
  [
    ['POST', `${ORDER}/payment/confirm`],
    ['GET', ORDER],
  ],
  [
    ['PUT', `${ORDER}/set_canceled`],
    ['GET', ORDER],
  ],
  [
    fill(5),
    ['GET', '/api/bucket'],
    ['PATCH', '/api/bucket/:bucket_uuid', { quantity: 2 }],
    ['DELETE', '/api/bucket/:bucket_uuid'],
  ],
  [
    ['GET', '/api/profile'],
    ['GET', '/get_profile/'],
    ['GET', '/api/v1/whoami'],
    ['GET', '/api/sessions'],
    ['GET', '/api/orders'],
  ],
  [['POST', '/api/email-verification', {}]],
]

function goodWish(operation: Operation | undefined, method: string, url: string, body: object | undefined): Wish {
  const path = url.replace(/:(\w+)/, '{own $1 0}')
  const headers = body ? [...WAYS.session, JSON_TYPE] : WAYS.session
  return { ...plain, operation, method, path, headers, body: body && JSON.stringify(body) }
}

// What the reference does not show, and what is not there.

const oddJson = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(...ODD_VALUES))
const amount = fc.oneof(fc.constantFrom('44900', '89800', '1', '0', '-1', '1e3', '99999999999999999999', '१'), oddJson)
const status = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      'NEW',
      'PENDING',
      'WAITING_FOR_CONFIRMATION',
      'COMPLETED',
      'CANCELED',
      'REJECTED',
      'FINALIZED',
    ),
  },
  { weight: 1, arbitrary: oddJson },
)
const mostly = <T>(usual: T, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd })
const payuOrder = fc.record(
  {
    orderId: mostly<unknown>('{shop payu-order 0}', oddJson),
    extOrderId: mostly<unknown>('{shop attempt 0}', fc.oneof(fc.uuid(), fc.constant('{shop attempt 3}'), oddJson)),
    status,
    totalAmount: amount,
    currencyCode: mostly<unknown>('PLN', oddJson),
    merchantPosId: mostly<unknown>(SANDBOX_POS.posId, oddJson),
    orderCreateDate: fc.constantFrom('2026-11-21T04:00:00.000+01:00', '+275760-09-13T00:00:00.001Z', '0000-00-00', 'x'),
  },
  { requiredKeys: [] },
)
const refund = fc.record(
  { refundId: oddJson, extRefundId: fc.oneof(fc.uuid(), oddJson), amount, status, currencyCode: fc.constant('PLN') },
  { requiredKeys: [] },
)
const told = fc.oneof(
  fc.record({ order: payuOrder, properties: oddJson }, { requiredKeys: ['order'] }),
  fc.record({ orderId: fc.constant('{shop payu-order 0}'), extOrderId: fc.constant('{shop attempt 0}'), refund }),
  oddJson,
)
const notification: fc.Arbitrary<Wish> = fc
  .record({
    told: told.map((value) => JSON.stringify(value) ?? ''),
    signs: fc.constantFrom<('good' | 'bad')[]>('good', 'good', 'bad'),
    pos: mostly(SANDBOX_POS.posId, fc.constantFrom('1', '%00', 'x'.repeat(300))),
    type: mostly('application/json', fc.constantFrom('text/plain', '///')),
  })
  .map(({ told, signs, pos, type }) => ({
    ...plain,
    ...{ method: 'POST', path: `/payu/${pos}/notify`, headers: [['content-type', type]] as const, body: told, signs },
  }))

const FORMS = ['/verify-email', '/reset-password', '/forgot-password']
const mailToken = fc.constantFrom(
  '{own mail 0}',
  '{own mail 1}',
  '{other mail 0}',
  'x',
  '',
  '%00',
  'x'.repeat(3_000),
  '%ff',
)
const page: fc.Arbitrary<Wish> = fc
  .record({
    path: fc.constantFrom(...FORMS),
    token: mailToken,
    method: fc.constantFrom('GET', 'POST', 'HEAD'),
    rest: fc.constantFrom(
      '',
      '&password=onlydarkside&again=onlydarkside',
      '&password=x&again=y',
      '&name={own email 0}',
      '&name=%00',
      '&name=nobody',
    ),
    type: mostly('application/x-www-form-urlencoded', fc.constantFrom('application/json', 'multipart/form-data', '')),
    site: fc.constantFrom(
      [],
      [['origin', 'https://evil.example']] as const,
      [['sec-fetch-site', 'cross-site']] as const,
    ),
  })
  .map(({ path, token, method, rest, type, site }) => {
    if (method !== 'POST') return { ...plain, method, path: `${path}?token=${token}` }
    return {
      ...plain,
      method,
      path,
      headers: [['content-type', type], ...site] as const,
      body: `token=${token}${rest}`,
    }
  })

const NOWHERE = [
  ...[
    '/',
    '/nowhere',
    '/api',
    '/api/',
    '/api/nowhere',
    '/api/v1',
    '/api/v2/whoami',
    '/api/v1/nowhere',
    '/API/products',
    '/%',
    '/%ZZ',
    '/%00',
  ],
  ...[
    '/docs',
    '/docs/static/index.css',
    '/docs/static/..%2f..%2fpackage.json',
    '/docs/json',
    '/openapi.json',
    '/health/live',
    '/health/ready',
  ],
  ...[
    '/payments/return/{own order_uuid 0}',
    '/payments/return/{other order_uuid 0}?look=3',
    '/payments/return/%00',
    '/media/avatars/..%2fx',
  ],
  ...[
    '/media/avatars/%00',
    '//evil.example',
    '/\\evil',
    '*',
    'http://evil.example/api/products',
    `/${'x'.repeat(9_000)}`,
    '/api/orders/a/b/c/d',
    '/payu/1',
  ],
]
const nowhere: fc.Arbitrary<Wish> = fc
  .record({
    path: fc.constantFrom(...NOWHERE),
    method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'OPTIONS', 'DELETE', 'HEAD', 'TRACE'),
    headers: fc.constantFrom(WAYS.session, []),
    body: fc.constantFrom(undefined, '{}', 'x'.repeat(100_000)),
  })
  .map(({ body, method, ...rest }) => ({ ...plain, ...rest, method, body: method === 'POST' ? body : undefined }))
const hidden = fc.oneof(notification, page, nowhere)

const START = 'POST /api/login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n'
/** Each has its one answer, or none, and ends the connection. */
const NO_HTTP = [
  'GARBAGE\r\n\r\n',
  'GET /api/products HTTP/1.1\r\n\r\n',
  'GET /api/products HTTP/9.9\r\nHost: shop\r\n\r\n',
  'FROBNICATE /api/products HTTP/1.1\r\nHost: shop\r\n\r\n',
  'GET /api/products HTTP/1.1\r\nHost: shop\r\nx: a\0b\r\n\r\n',
  'GET /api/products HTTP/1.1\r\nHost: a\r\nHost: b\r\n',
  'GET /api/products HTTP/1.1\r\n folded: x\r\nHost: a\r\n\r\n',
  'GET  /api/products\r\n\r\n',
  'GET /api/products HTTP/1.1\nHost: a\n\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET /api/products HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n',
  `${START}Content-Length: 1e3\r\n\r\n{}`,
  `${START}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  `${START}Transfer-Encoding: gzip\r\n\r\n{}`,
  `${START}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
  `${START}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`,
  `${START}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}`,
  `${START}Content-Length: 99999999999999999999\r\n\r\n{}`,
]
