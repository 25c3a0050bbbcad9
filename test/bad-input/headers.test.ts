import { once } from 'node:events'
import { connect } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { flawInRefusal, namedFields, REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import { type Answer, ShopClient, send, signIn } from '../support/shop-client.ts'
import type { ServedRoute } from '../support/shop-server.ts'
import { credentialFor, digestOf, goodBody, idleBody, lastingText, pathOf, refuserOf } from '../support/shop-world.ts'
import { openShop } from './shop.ts'

const { server, products, anna, ola, routes } = await openShop()
const token = anna.client.cookies.get('sessionid') ?? ''

type Headers = Readonly<Record<string, string | string[] | undefined>>

const NO_CREDENTIALS: readonly Headers[] = [
  ...[
    '',
    'sessionid',
    'sessionid=',
    'sessionid=%',
    'sessionid="',
    'sessionid=\x80\xff',
    ';;;===;',
    `SESSIONID=${token}`,
  ],
  ...[
    `x=${'x'.repeat(15_000)}`,
    `sessionid=${'x'.repeat(10_000)}`,
    'a=b; '.repeat(2_000),
    `sessionid=${token}x`,
    '__proto__=1',
  ],
  // The first of two is the one that counts.
  `sessionid=x; sessionid=${token}`,
]
  .map((cookie): Headers => ({ cookie }))
  .concat(
    [
      '',
      'Bearer',
      'Bearer ',
      'Basic YW5uYTphbm5h',
      `Basic ${token}`,
      `Token ${token}`,
      token,
      'Bearer null',
      'Bearer\t\t',
    ].map((authorization) => ({ authorization })),
    ['JWT a.b.c', 'JWT ..', `JWT ${'x'.repeat(8_000)}`, `Bearer ${token.toUpperCase()}`, 'Bearer \xff'].map(
      (authorization) => ({
        authorization,
      }),
    ),
    ['', 'x', `${token},${token}`, 'x'.repeat(5_000)].map((value) => ({ 'x-access-token': value })),
    ['', 'x', '0', token.slice(1)].map((value) => ({ sessionid: value })),
    // What is said on purpose wins over the cookie that goes along.
    [
      { ...anna.credential, authorization: 'Bearer x' },
      { ...anna.credential, 'x-access-token': 'x' },
    ],
  )

const BESIDE_THE_POINT: readonly Headers[] = [
  { accept: 'image/png' },
  { accept: ';;;' },
  { 'accept-encoding': 'bomb' },
  { 'x-forwarded-for': "'; drop table customers", 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' },
  { 'x-http-method-override': 'DELETE' },
  { range: 'bytes=0-0' },
  { 'if-none-match': '"x", W/"', 'if-match': '"x"', 'if-modified-since': 'yesterday' },
  { 'user-agent': 'x'.repeat(10_000) },
  { 'user-agent': '\xff\xfe' },
  { 'x-request-id': 'x'.repeat(5_000) },
  { host: 'evil.example' },
  { host: '[' },
  { constructor: '1', tostring: '2' },
]

const responsesOf = ({ schema }: ServedRoute) => (schema.response ?? {}) as Record<string, unknown>

function sendTo(route: ServedRoute, body: unknown, headers: Headers): Promise<Answer> {
  const path = pathOf(route, anna.ids)
  if (body === undefined) return send(server.baseUrl, route.method, path, undefined, headers)
  return send(server.baseUrl, route.method, path, JSON.stringify(body), {
    'content-type': 'application/json',
    ...headers,
  })
}

describe.each(routes.filter(([, { signedIn }]) => signedIn))('%s', (_, route) => {
  test('no odd cookie and no odd token signs anybody in', async () => {
    const before = await digestOf(server)
    const wrong: string[] = []
    for (const headers of NO_CREDENTIALS) {
      const answer = await sendTo(route, goodBody(route, anna, products), headers)
      const flaw = flawInRefusal(answer, refuserOf(route))
      const { notSignedIn, badJwt } = REFUSALS[refuserOf(route)]
      const expected = /^jwt /i.test(String(headers.authorization)) ? [notSignedIn, badJwt] : [notSignedIn]
      const isExpected = expected.some((refusal) => isDeepStrictEqual(refusal, refusalIn(answer)))
      if (flaw || !isExpected) wrong.push(`${preview(headers)}: ${answer.status} ${answer.text}`)
    }
    expect(wrong).toEqual([])
    expect(await digestOf(server)).toEqual(before)
  })
})

describe.each(routes)('%s', (_, route) => {
  test('odd headers change nothing in the answer', async () => {
    const before = await digestOf(server)
    const wrong: string[] = []
    const own = credentialFor(route, ola)
    // A sign-in that needs a CSRF token needs the cookie it goes with.
    const anyTag = responsesOf(route)['304'] ? [] : [{ 'if-none-match': '*' }]
    const odd = Object.keys(own).length > 0 ? [] : NO_CREDENTIALS.slice(0, -2)
    const body = idleBody(route, anna)
    const plain = await sendTo(route, body, own)
    for (const headers of [...BESIDE_THE_POINT, ...anyTag, ...odd]) {
      const answer = await sendTo(route, body, { ...own, ...headers })
      if (answer.status !== plain.status || lastingText(answer) !== lastingText(plain)) {
        wrong.push(`${preview(headers)}: ${answer.status} ${answer.text}`)
      }
    }
    expect(plain.status).toBeLessThan(500)
    expect(wrong).toEqual([])
    expect(await digestOf(server)).toEqual(before)
  })
})

const keyed = routes.filter(([, { schema }]) => JSON.stringify(schema.headers ?? {}).includes('Idempotency-Key'))

test.each(keyed)('%s: an Idempotency-Key that is none is refused with 400', async (_, route) => {
  const before = await digestOf(server)
  const wrong: string[] = []
  for (const key of ['', ' ', 'a b', 'a\tb', '\xff', 'x'.repeat(256), ['one', 'two']]) {
    const answer = await sendTo(route, goodBody(route, anna, products), { ...anna.credential, 'idempotency-key': key })
    const isExpected = answer.status === 400 && namedFields(answer.body?.details).join() === 'Idempotency-Key'
    if (flawInRefusal(answer, refuserOf(route)) || !isExpected)
      wrong.push(`${preview({ key })}: ${answer.status} ${answer.text}`)
  }
  expect(wrong).toEqual([])
  expect(await digestOf(server)).toEqual(before)
})

test('a browser with a name nobody could store whole signs in all the same', async () => {
  for (const agent of ['x'.repeat(10_000), '\xff\xfe', '\xed\xa0\x80', '\u00e9'.repeat(301)]) {
    const client = new ShopClient(server.baseUrl)
    client.cookies.set('theme', '%')
    const { username, password } = ola.person
    const answer = await client.post('/api/login', { username, password }, { headers: { 'user-agent': agent } })
    expect([answer.status, answer.body]).toEqual([200, { status: 'OK', user: ola.person.uuid }])
  }
})

test('what is no HTTP is refused with 4xx and the connection closed, and the next client is served', async () => {
  const long = `x-long: ${'x'.repeat(20_000)}`
  const start = 'POST /api/login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n'
  const messages: readonly [string, RegExp][] = [
    ['GARBAGE\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['GET /api/products HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['GET /api/products HTTP/9.9\r\nHost: shop\r\n\r\n', /^HTTP\/1\.1 (400|505) /],
    ['FROBNICATE /api/products HTTP/1.1\r\nHost: shop\r\n\r\n', /^HTTP\/1\.1 400 /],
    [`GET /api/products HTTP/1.1\r\nHost: shop\r\n${long}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ['GET /api/products HTTP/1.1\r\nHost: shop\r\nx: a\0b\r\n\r\n', /^HTTP\/1\.1 400 /],
    [`${start}Content-Length: -1\r\n\r\n{}`, /^HTTP\/1\.1 400 /],
    [`${start}Content-Length: 1e3\r\n\r\n{}`, /^HTTP\/1\.1 400 /],
    [`${start}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`, /^HTTP\/1\.1 400 /],
    [`${start}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`, /^HTTP\/1\.1 400 /],
    [`${start}Transfer-Encoding: gzip\r\n\r\n{}`, /^HTTP\/1\.1 400 /],
    [`${start}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`, /^HTTP\/1\.1 400 /],
  ]
  const before = await digestOf(server)
  for (const [message, expected] of messages) {
    const answer = await sayBytes(message)
    expect(answer, message.slice(0, 100)).toMatch(expected)
    expect(answer).not.toMatch(/\bat .+:\d+:\d+|node_modules/)
    // Node answers a missing Host by itself, with an empty body: there is nothing to take for something else.
    expect(answer).toMatch(/^x-content-type-options: nosniff\r$|\r\n\r\n0\r\n\r\n$/m)
  }
  expect(await digestOf(server)).toEqual(before)
  expect((await send(server.baseUrl, 'GET', '/api/products', undefined)).status).toBe(200)
})

test('a path that cannot be decoded is answered with the headers of every answer', async () => {
  for (const path of ['/%ZZ', '/api/profile%', '/api/v1/%ff%']) {
    const { status, headers } = await send(server.baseUrl, 'GET', path, undefined)
    expect([path, status, headers['x-content-type-options']]).toEqual([path, 400, 'nosniff'])
    expect(headers['x-request-id']).toMatch(/^\w+-\w+$/)
  }
})

test('what a client expects besides an answer is overlooked', async () => {
  const { status, headers } = await send(server.baseUrl, 'GET', '/api/products', undefined, { expect: 'more' })
  expect([status, headers['x-content-type-options']]).toEqual([200, 'nosniff'])
})

/** Everything the server says until it closes the connection. */
async function sayBytes(message: string): Promise<string> {
  const { hostname, port } = new URL(server.baseUrl)
  const socket = connect({ host: hostname, port: Number(port) })
  let heard = ''
  socket.setEncoding('latin1').on('data', (text) => {
    heard += text
  })
  socket.on('error', () => {})
  socket.write(message, 'latin1')
  await once(socket, 'close')
  return heard
}

function preview(headers: object): string {
  return JSON.stringify(headers).slice(0, 120)
}

test('a session that signs in by its header signs in by its cookie, too', async () => {
  const client = new ShopClient(server.baseUrl)
  await signIn(client, ola.person)
  const good = client.cookies.get('sessionid') ?? ''
  const ways: readonly Headers[] = [
    { cookie: `a="b"; sessionid=${good}; c=%` },
    { sessionid: good },
    { 'x-access-token': good },
    { authorization: `Bearer ${good}` },
  ]
  for (const headers of ways) {
    const answer = await send(server.baseUrl, 'GET', '/api/profile', undefined, headers)
    expect([headers, answer.status, answer.body.results?.[0].uuid]).toEqual([headers, 200, ola.person.uuid])
  }
})
