import fc from 'fast-check'
import { FORM_TYPE, file, formOf, noise, text } from '../test/support/form-body.ts'
import type { ServedRoute } from '../test/support/shop-server.ts'
import { type Customer, goodBody } from '../test/support/shop-world.ts'
import { anyValueOf, badValuesOf, fieldsOf, ODD_VALUES, type ValueSchema } from '../test/support/value-schema.ts'
import type { Operation } from './reference.ts'

/** A request before its blanks are filled in: see {@link People}. */
export interface Wish {
  /** Undefined for what the reference knows nothing of. */
  readonly operation: Operation | undefined
  readonly method: string
  /** With its query, encoded, or broken. */
  readonly path: string
  readonly headers: Headers
  /** Bytes have no blanks. */
  readonly body: string | Buffer | undefined
  readonly framing: Framing
  /** As PayU signs. */
  readonly signs?: 'good' | 'bad'
}

export type Headers = readonly (readonly [name: string, value: string])[]
/** How the length of the body is told; by the last three a wrong one is. */
export type Framing = 'length' | 'chunked' | 'short' | 'both' | 'negative'

export const plain = { operation: undefined, headers: [], body: undefined, framing: 'length' } as const

const session = [
  ['cookie', 'sessionid={own session 0}; csrftoken={own csrf 0}'],
  ['x-csrftoken', '{own csrf 0}'],
  ['x-csrf-token', '{own session-ticket 0}'],
] as const
const accessTicket = ['x-csrf-token', '{own access-ticket 0}'] as const
/** By which a customer is heard, whatever the contract. */
export const WAYS: Readonly<Record<'session' | 'access' | 'bearer' | 'jwt', Headers>> = {
  session,
  access: [['x-access-token', '{own access 0}'], accessTicket],
  bearer: [['authorization', 'Bearer {own access 0}'], accessTicket],
  jwt: [
    ['authorization', 'JWT {own jwt 0}'],
    ['x-csrf-token', '{own jwt-ticket 0}'],
  ],
}
const ODD_WAYS: readonly Headers[] = [
  [],
  [['cookie', 'sessionid={own session 0}']],
  [
    ['cookie', 'sessionid={own session 0}'],
    ['x-csrftoken', '{other csrf 0}'],
    ['x-csrf-token', '{other session-ticket 0}'],
  ],
  [['sessionid', '{own session 0}']],
  [
    ['sessionid', '{own session 0}'],
    ['x-csrftoken', '{own csrf 0}'],
  ],
  [
    ['x-access-token', '{own access 0}'],
    ['x-csrf-token', '{other access-ticket 0}'],
  ],
  // Two people at once.
  [...session, ['x-access-token', '{other access 0}']],
  [...session, ['authorization', 'JWT {other jwt 0}']],
  // Somebody else, who asks for what is one's own.
  [
    ['x-access-token', '{other access 0}'],
    ['x-csrf-token', '{other access-ticket 0}'],
  ],
  [['x-access-token', '{own former 0}'], accessTicket],
  [['authorization', 'JWT {own former 0}']],
  [['cookie', 'sessionid={own former 0}; csrftoken={own csrf 0}'], session[1], session[2]],
  ...[
    'Bearer',
    'JWT',
    'JWT ',
    'Basic YTpi',
    'JWT a.b.c',
    'JWT {own jwt 0}x',
    'JWT {own access 0}',
    'Bearer x{own jwt 0}',
  ].map((value): Headers => [['authorization', value]]),
  [['authorization', `JWT eyJhbGciOiJub25lIn0.${'eyJ4IjoxfQ'}.`]],
  [['authorization', `Bearer ${'x'.repeat(9_000)}`]],
  [['cookie', `sessionid=${'\xff'}; csrftoken=%`]],
  [['cookie', `${'a=b; '.repeat(500)}sessionid="{own session 0}"`], session[1]],
]
const ODD_HEADERS: Headers = [
  ['accept', 'image/png'],
  ['accept', ';;;'],
  ['accept-encoding', 'gzip, br, bomb'],
  ['x-forwarded-for', '203.0.113.7'],
  ['x-forwarded-for', "'; drop table customers"],
  ['x-forwarded-for', `${'1.1.1.1, '.repeat(500)}::`],
  ['x-forwarded-proto', 'https'],
  ['x-forwarded-host', 'evil.example'],
  ['x-http-method-override', 'DELETE'],
  ['range', 'bytes=0-0'],
  ['if-none-match', '*'],
  ['if-none-match', 'W/"x", "y'],
  ['if-modified-since', 'yesterday'],
  ['user-agent', 'x'.repeat(4_000)],
  ['user-agent', '\xff\xfe'],
  ['user-agent', ''],
  ['x-request-id', 'x'.repeat(2_000)],
  ['host', 'evil.example'],
  ['host', '['],
  ['origin', 'https://evil.example'],
  ['origin', 'null'],
  ['sec-fetch-site', 'cross-site'],
  ['expect', '100-continue'],
  ['expect', 'more'],
  ['content-encoding', 'gzip'],
  ['__proto__', 'x'],
  ['cookie', 'sessionid=; sessionid={own session 0}'],
  ['x-long', 'x'.repeat(20_000)],
  ['openpayu-signature', 'signature'],
]
const TYPES = [
  ...[
    'application/json; charset=latin1',
    'application/json;charset="',
    'text/plain',
    'application/x-www-form-urlencoded',
  ],
  ...[
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'application/xml',
    '///',
    ';',
    '',
    '\xff',
    'APPLICATION/JSON',
  ],
]

const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
/** Bodies that are wrong as a whole, or by what no value of JSON can say. */
const WILD: readonly (string | Buffer)[] = [
  ...[
    '',
    ' ',
    '{',
    '}',
    'null',
    '[]',
    '""',
    '0',
    'true',
    '{}{}',
    '\ufeff{}',
    "{'a':1}",
    '{"a":1,}',
    '{"a":NaN}',
    '// {}',
  ],
  ...[deep(100), deep(30_000), `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, '['.repeat(60_000)],
  ...[
    '{"__proto__":{"x":1}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"a":{"__proto__":null}}',
    '{"\\u005f_proto__":1}',
  ],
  ...[
    '{"a":1e400}',
    '{"a":-0}',
    '{"a":9007199254740993}',
    `{"a":${'9'.repeat(5_000)}}`,
    '{"a":"\\ud800"}',
    '{"a":"\\u0000"}',
  ],
  ...[
    `"${'x'.repeat(70_000)}"`,
    `{"${'k'.repeat(60_000)}":1}`,
    `{${'"a":1,'.repeat(5_000)}"a":2}`,
    'x'.repeat(300_000),
  ],
  ...[
    Buffer.from('7b2261223a22ff227d', 'hex'),
    Buffer.from('c328', 'hex'),
    Buffer.from('{"a":1}', 'utf16le'),
    Buffer.alloc(1_000),
  ],
]

const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(...ODD_VALUES.filter((value) => typeof value === 'string' && value.length < 100).map(String)),
  fc.constantFrom('x'.repeat(300), 'x'.repeat(9_000), '..%2f..', '1', "'", '[', '-1', '1e9', '99999999999999999999'),
)
const oddSegment = oddText.filter((odd) => odd !== '' && odd !== '.' && odd !== '..').map(encode)

/** Lone surrogates have no percent-encoding: they go out as the sign for what cannot be written. */
function encode(odd: string): string {
  return encodeURIComponent(odd.toWellFormed())
}

/** What customers put where a path has a parameter: their own things mostly. */
const SHOPS: Readonly<Record<string, string>> = { uuid: 'product', name: 'avatar' }

function segmentFor(name: string): fc.Arbitrary<string> {
  const back = fc.nat(4)
  const shops = SHOPS[name]
  const [own, other] = shops
    ? [back.map((n) => `{shop ${shops} ${n}}`), fc.constant('{own order_uuid 0}')]
    : [back.map((n) => `{own ${name} ${n}}`), back.map((n) => `{other ${name} ${n}}`)]
  return fc.oneof(
    { weight: 8, arbitrary: own },
    { weight: 2, arbitrary: other },
    { weight: 1, arbitrary: fc.uuid() },
    { weight: 1, arbitrary: oddSegment },
  )
}

function queryFor(names: readonly string[]): fc.Arbitrary<string> {
  const value = fc.oneof(fc.integer({ min: 0, max: 3 }).map(String), fc.double().map(String), oddText).map(encode)
  const pair = fc.tuple(fc.constantFrom(...names, 'other', '__proto__[x]', 'page[]'), value)
  const pairs = fc.array(pair, { maxLength: 3 }).map((all) => all.map(([name, it]) => `${name}=${it}`).join('&'))
  const broken = fc.constantFrom('%', '%ZZ=%00', 'page=1&page=2', '&&&===', `a=${'x'.repeat(8_000)}`, 'page=%ff')
  return names.length > 0
    ? fc.oneof({ weight: 4, arbitrary: pairs }, { weight: 1, arbitrary: broken })
    : fc.oneof({ weight: 9, arbitrary: fc.constant('') }, { weight: 1, arbitrary: broken })
}

const pathEnd = fc.oneof(
  { weight: 40, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: fc.constant('/') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('%', '%ZZ', '%00', '//', '/..%2f', '/../../etc/passwd', ';x=1', '\xff', '%2e%2e', '/x'),
  },
)

/** Known texts that chance may put anywhere: nothing that is only another person's. */
const KNOWN = [
  ...['customer_uuid', 'order_uuid', 'bucket_uuid', 'username', 'email', 'password'].map((kind) => `{own ${kind} 0}`),
  ...['{shop product 0}', '{shop product 1}', '{shop product 2}', '{own mail 0}', '777123', '500500'],
]
const ME = { username: '{own username 0}', email: '{own email 0}', password: '{own password 0}' }

function goodJsonOf({ method, url, body }: Operation): Record<string, unknown> {
  const route = { method, url, signedIn: false, schema: { body } } as unknown as ServedRoute
  const good = goodBody(route, { person: ME } as unknown as Customer, {
    tent: '{shop product 0}',
    stove: '{shop product 1}',
  })
  const newcomer = { username: '{fresh name 0}', email: '{fresh name 0}@fuzz.example' }
  const more: Readonly<Record<string, object>> = {
    '/api/register': newcomer,
    '/create_user/': newcomer,
    '/api/profile/:customer_uuid': { username: ME.username, email: ME.email },
    '/api/orders': { expected_sum: undefined },
    '/api/email-verification/confirm': { token: '{own mail 0}' },
    '/api/password-reset/confirm': { token: '{own mail 0}' },
  }
  return { ...(good as object), ...more[url] }
}

function jsonFor(operation: Operation, schema: ValueSchema): fc.Arbitrary<string | Buffer> {
  const good = goodJsonOf(operation)
  const wrong = fieldsOf(schema).flatMap(([name, field]) =>
    badValuesOf(field).map(({ json }) =>
      JSON.stringify({ ...good, [name]: 0 }).replace(`"${name}":0`, () => `"${name}":${json}`),
    ),
  )
  const less = Object.keys(good).map((name) => JSON.stringify({ ...good, [name]: undefined }))
  const more = [
    '"__proto__":{"a":1}',
    '"constructor":1',
    '"is_staff":true',
    ...Object.keys(good).map((name) => `"${name}":null`),
  ]
  const twice = more.map(
    (extra) => `${JSON.stringify(good).slice(0, -1)}${Object.keys(good).length > 0 ? ',' : ''}${extra}}`,
  )
  const others = fc
    .constantFrom('username', 'email')
    .map((name) => JSON.stringify({ ...good, [name]: `{other ${name} 0}` }))
  const isAboutPeople = 'email' in (schema.properties ?? {}) || 'username' in (schema.properties ?? {})
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(JSON.stringify(good)) },
    { weight: 8, arbitrary: anyValueOf(schema, KNOWN).map((value) => JSON.stringify(value)) },
    { weight: 5, arbitrary: fc.constantFrom(...wrong, ...less, ...twice) },
    { weight: 2, arbitrary: fc.constantFrom(...WILD) },
    { weight: 1, arbitrary: isAboutPeople ? others : fc.constant('{}') },
  )
}

const PICTURES = [
  await noise(40),
  await noise(8),
  Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  Buffer.alloc(20_000),
  Buffer.alloc(0),
]
const part = fc.oneof(
  fc.tuple(fc.constantFrom('first_name', 'last_name', 'patronymic'), oddText).map(([name, value]) => text(name, value)),
  fc.constantFrom(...PICTURES, PICTURES[0] as Buffer).map((picture) => file(picture)),
  fc.constantFrom(
    text('avatar', ''),
    text('email', 'x'),
    text('__proto__', 'x'),
    text('', 'x'),
    text('first_name', Buffer.from('ff', 'hex')),
  ),
)
const form = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => formOf(parts))
const cutForm = fc
  .tuple(form, fc.constantFrom(1, 1, 1, 0.95, 0.5, 0.1))
  .map(([whole, share]) => whole.subarray(0, whole.length * share))

const framing: fc.Arbitrary<Framing> = fc.oneof(
  { weight: 30, arbitrary: fc.constant<Framing>('length') },
  { weight: 4, arbitrary: fc.constant<Framing>('chunked') },
  { weight: 1, arbitrary: fc.constantFrom<Framing>('short', 'both', 'negative') },
)
const oddHeaders = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Headers>([]) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom(...ODD_HEADERS), { minLength: 1, maxLength: 2 }) },
)
const key = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Headers>([]) },
  { weight: 3, arbitrary: fc.nat(20).map((n): Headers => [['idempotency-key', `key-${n}`]]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Headers[]>(
      [['idempotency-key', 'a b']],
      [['idempotency-key', 'x'.repeat(256)]],
      [['idempotency-key', '\xff']],
    ),
  },
)
const way = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Headers[]>(...Object.values(WAYS)) },
  { weight: 1, arbitrary: fc.constantFrom(...ODD_WAYS) },
)
const nobody = fc.oneof({ weight: 2, arbitrary: fc.constant<Headers>([]) }, { weight: 1, arbitrary: way })
const OTHER_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']

/** Whatever may be asked of this route: valid, with one thing wrong, and all wrong. */
export function wishOf(operation: Operation): fc.Arbitrary<Wish> {
  const { url, body } = operation
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const path = fc
    .tuple(fc.tuple(...names.map(segmentFor)), pathEnd, queryFor(operation.query))
    .map(([parts, end, query]) => {
      const left = [...parts]
      const isClean = end === '' || (end === '/' && !url.endsWith('/'))
      return { path: url.replace(/:\w+/g, () => left.shift() ?? '') + end + (query ? `?${query}` : ''), isClean }
    })
  const json = body
    ? jsonFor(operation, body)
    : fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...WILD) })
  const typed = json.map((it): [string | Buffer | undefined, string | undefined] => [
    it,
    it === undefined ? undefined : 'application/json',
  ])
  const content = operation.takesForm
    ? fc.oneof(
        typed,
        cutForm.map((it): [Buffer, string] => [it, FORM_TYPE]),
      )
    : typed
  const otherType = fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...TYPES) },
  )
  const method = fc.oneof(
    { weight: 30, arbitrary: fc.constant(operation.method) },
    { weight: 1, arbitrary: fc.constantFrom(...OTHER_METHODS) },
  )
  return fc
    .record({ path, content, otherType, method, framing, oddHeaders, key, way: operation.signedIn ? way : nobody })
    .map(({ path: { path, isClean }, content: [bytes, type], otherType, method, framing, oddHeaders, key, way }) => {
      const named = otherType ?? type
      const headers = [
        ...way,
        ...key,
        ...(named === undefined ? [] : [['content-type', named] as const]),
        ...oddHeaders,
      ]
      const isAsDocumented = isClean && method === operation.method
      return { operation: isAsDocumented ? operation : undefined, method, path, headers, body: bytes, framing }
    })
}
