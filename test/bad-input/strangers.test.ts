import { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import { send } from '../support/shop-client.ts'
import type { ServedRoute } from '../support/shop-server.ts'
import { bodySchemaOf, digestOf, goodBody, pathOf, refuserOf } from '../support/shop-world.ts'
import { openShop } from './shop.ts'

const { server, products, anna, newCustomer, routes: all } = await openShop()
// Jan has logged out, and somebody goes on with what was his session, CSRF token and all.
const jan = await newCustomer('jan')
await jan.client.get('/api/logout')

const JSON_TYPE = { 'content-type': 'application/json' }
const janToken = /sessionid=([^;]+)/.exec(jan.credential.cookie ?? '')?.[1]
const routes = all.filter(([, { signedIn }]) => signedIn)

const strangers = [
  ['without a credential', {}, anna.ids],
  ['with a cookie that is over', jan.credential, jan.ids],
  ['with a cookie that is over and no CSRF token', { cookie: jan.credential.cookie }, jan.ids],
  ['with a header that is over', { sessionid: janToken, 'x-csrftoken': jan.credential['x-csrftoken'] }, jan.ids],
  ['with a token that is over', { authorization: `Bearer ${janToken}` }, jan.ids],
] as const

interface BadRequest {
  readonly why: string
  readonly path?: string
  readonly body?: () => string | Buffer | Readable
  readonly headers?: Readonly<Record<string, string>>
}

const json = (body: string | Buffer) => ({ body: () => body, headers: JSON_TYPE })
const FORM = '--x\r\ncontent-disposition: form-data; name="first_name"\r\n\r\nMallory\r\n--x--\r\n'
const BAD_BODIES: readonly BadRequest[] = [
  { why: 'another media type', body: () => '{}', headers: { 'content-type': 'text/plain' } },
  { why: 'no media type', body: () => '{}' },
  { why: 'no media type by its form', body: () => '{}', headers: { 'content-type': '///' } },
  { why: 'no JSON', ...json('{') },
  { why: 'no UTF-8', ...json(Buffer.from([0x22, 0xff, 0x22])) },
  { why: 'an array', ...json('[]') },
  { why: 'null', ...json('null') },
  { why: 'nothing that is required', ...json('{}') },
  { why: 'a prototype', ...json('{"__proto__":{}}') },
  { why: 'wrong types', ...json('{"quantity":"x","product":1,"username":[],"method":{},"payment":0,"email":null}') },
  { why: 'a form', body: () => FORM, headers: { 'content-type': 'multipart/form-data; boundary=x' } },
  { why: 'a form without an end', body: () => '--x', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
  { why: 'a body too long', ...json(`"${'x'.repeat(70_000)}"`) },
  { why: 'a body too long, in chunks', body: () => Readable.from(['x'.repeat(70_000)]), headers: JSON_TYPE },
]
const BAD_REST: readonly BadRequest[] = [
  { why: 'a good request otherwise' },
  { why: 'no page', path: '?page=0&page_size=x' },
  { why: 'a page twice', path: '?page=1&page=2' },
  { why: 'no key', headers: { 'idempotency-key': 'a b' } },
  { why: 'an odd query', path: '?%ZZ=%00' },
]

describe.each(strangers)('a stranger %s', (_, credential, ids) => {
  test.each(routes)('hears first from %s that they are one, whatever else is wrong', async (_, route) => {
    const before = await digestOf(server)
    const wrong: string[] = []
    for (const bad of route.method === 'GET' ? BAD_REST : [...BAD_REST, ...BAD_BODIES]) {
      const answer = await sendBad(route, bad, credential, ids)
      if (!isDeepStrictEqual(refusalIn(answer), REFUSALS[refuserOf(route)].notSignedIn)) {
        wrong.push(`${bad.why}: ${answer.status} ${answer.text}`)
      }
    }
    expect(wrong).toEqual([])
    expect(await digestOf(server)).toEqual(before)
  })
})

function sendBad(
  route: ServedRoute,
  { path = '', body, headers }: BadRequest,
  credential: Readonly<Record<string, string | undefined>>,
  ids: typeof anna.ids,
) {
  const good = bodySchemaOf(route) && JSON.stringify(goodBody(route, anna, products))
  const type = !body && good ? JSON_TYPE : {}
  return send(server.baseUrl, route.method, pathOf(route, ids) + path, body?.() ?? good, {
    ...credential,
    ...type,
    ...headers,
  })
}

test('there are strangers and doors enough for this to mean something', () => {
  expect(routes.length).toBeGreaterThan(15)
  expect(janToken).toHaveLength(43)
})
