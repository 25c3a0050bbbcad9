import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { flawInRefusal, REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import { type Answer, send } from '../support/shop-client.ts'
import type { ServedRoute } from '../support/shop-server.ts'
import { bodySchemaOf, digestOf, goodBody, pathOf, refuserOf } from '../support/shop-world.ts'
import { openShop } from './shop.ts'

const { server, products, anna, routes: all } = await openShop()

const JSON_TYPE = { 'content-type': 'application/json' }
const routes = all.filter(([, { method }]) => method !== 'GET')
const withBody = routes.filter(([, route]) => bodySchemaOf(route))

/** As Anna, to what is hers: a body that is let through by mistake changes something. */
function sendAsAnna(
  route: ServedRoute,
  body: string | Buffer | Readable,
  headers: object = JSON_TYPE,
): Promise<Answer> {
  return send(server.baseUrl, route.method, pathOf(route, anna.ids), body, { ...anna.credential, ...headers })
}

/** Sends all of them, and compares each answer and, in the end, the database with what they have to be. */
async function expectRefused(
  route: ServedRoute,
  exchanges: Readonly<Record<string, () => Promise<Answer>>>,
  expected: { status: number; body?: object },
): Promise<void> {
  const before = await digestOf(server)
  const wrong: string[] = []
  for (const [name, exchange] of Object.entries(exchanges)) {
    const answer = await exchange()
    const flaw = flawInRefusal(answer, refuserOf(route))
    const isExpected =
      answer.status === expected.status && (!expected.body || isDeepStrictEqual(answer.body, expected.body))
    if (flaw || !isExpected) wrong.push(`${name}: ${flaw ?? 'another answer'}: ${answer.status} ${answer.text}`)
  }
  expect(wrong).toEqual([])
  expect(await digestOf(server)).toEqual(before)
}

const DEEP = '['.repeat(10_000) + ']'.repeat(10_000)

describe.each(routes)('%s', (_, route) => {
  const good = JSON.stringify(goodBody(route, anna, products) ?? {})
  const replies = REFUSALS[refuserOf(route)]
  const noJson = replies.malformed('JSON parse error - the body is not valid JSON.')

  test('a body of another media type is refused with 415, and told which', async () => {
    const answer = await sendAsAnna(route, good, { 'content-type': 'text/plain; charset=utf-8' })
    expect(refusalIn(answer)).toEqual(replies.mediaType('text/plain; charset=utf-8'))
  })

  test('a body that is not said to be JSON is refused with 415', async () => {
    const types = [undefined, '', 'text/plain', 'application/xml', 'application/x-www-form-urlencoded']
    const odd = [
      // A form is what one call takes; test/bad-input/forms.test.ts has what is wrong with those.
      ...(route.url === '/update_profile/' ? [] : ['multipart/form-data; boundary=x']),
      'application/jsonx',
      'json',
      '///',
      ';',
      'application/json, text/plain',
    ]
    const exchanges = [...types, ...odd].map((type) => [
      `${type}`,
      () => sendAsAnna(route, good, { 'content-type': type }),
    ])
    await expectRefused(route, Object.fromEntries(exchanges), { status: 415 })
  })

  test('what is no JSON is refused with 400', async () => {
    const cut = [1, 0.25, 0.5, 0.75].map((part) => good.slice(0, Math.max(1, Math.ceil(good.length * part) - 1)))
    const broken = [
      ...cut,
      '{',
      '[',
      '{"a":',
      '{"a"}',
      "{'a':1}",
      '{a:1}',
      '{"a":1,}',
      '// {}',
      `${good}x`,
      `${good}${good}`,
    ]
    const numbers = [
      'NaN',
      '{"a":NaN}',
      '{"a":Infinity}',
      '{"a":0x10}',
      '{"a":01}',
      '{"a":+1}',
      '{"a":1.}',
      '{"a":undefined}',
    ]
    const texts = ['{"a":"\n"}', '{"a":"\\x41"}', '{"a":"\\u12"}', '{"a":"\0"}', ' ', '\0', good.replace('{', '{\0')]
    const bodies = [...broken, ...numbers, ...texts, DEEP.slice(0, -1), '<order/>', 'a=1&b=2']
    const exchanges = bodies.map((body) => [body.slice(0, 60), () => sendAsAnna(route, body)])
    await expectRefused(route, Object.fromEntries(exchanges), noJson)
  })

  test('bytes that are no UTF-8 are refused with 400', async () => {
    const wrongBytes = ['ff', 'fe', 'c0 80', 'ed a0 80', 'e2 82', 'f5 80 80 80', '80', 'c3 28']
    const texts = wrongBytes.map((hex) => [hex, Buffer.from(hex.replaceAll(' ', ''), 'hex')] as const)
    const quoted = texts.map(
      ([hex, bytes]) => [hex, Buffer.concat([Buffer.from('{"a":"'), bytes, Buffer.from('"}')])] as const,
    )
    const coded = [['UTF-16', Buffer.concat([Buffer.from('fffe', 'hex'), Buffer.from(good, 'utf16le')])] as const]
    const exchanges = [...quoted, ...coded, ['gzip', gzipSync(good)] as const].map(([name, bytes]) => [
      name,
      () => sendAsAnna(route, bytes),
    ])
    await expectRefused(
      route,
      Object.fromEntries(exchanges),
      replies.malformed('JSON parse error - the body is not valid UTF-8.'),
    )
  })

  test("keys that would reach an object's prototype are refused with 400", async () => {
    const keys = ['"__proto__":{"isAdmin":true}', '"__proto__":null', '"__pro\\u0074o__":{}', '"a":{"__proto__":{}}']
    const more = ['"a":[{"__proto__":[]}]', '"constructor":{"prototype":{}}']
    const exchanges = [...keys, ...more].map((key) => [
      key,
      () => sendAsAnna(route, good === '{}' ? `{${key}}` : `{${key},${good.slice(1)}`),
    ])
    await expectRefused(route, Object.fromEntries(exchanges), noJson)
  })

  test('a body above 64 KiB is refused with 413, whether or not its length is told', async () => {
    const long = `{"a":"${'x'.repeat(10_000_000)}"}`
    const justTooLong = `{"a":"${'x'.repeat(64 * 1_024 - 7)}"}`
    // The length is told beforehand, and the server may say no before it has heard a word.
    const told = (body: string) => ({
      ...JSON_TYPE,
      'content-length': `${body.length}`,
      'transfer-encoding': undefined,
    })
    await expectRefused(
      route,
      {
        '10 MB': () => sendAsAnna(route, streamOf(long), told(long)),
        '10 MB in chunks': () => sendAsAnna(route, streamOf(long)),
        'one byte too many': () => sendAsAnna(route, streamOf(justTooLong), told(justTooLong)),
        'one byte too many in chunks': () => sendAsAnna(route, streamOf(justTooLong)),
      },
      replies.tooLarge,
    )
  })
})

describe.each(withBody)('%s', (_, route) => {
  test('JSON that is no object is refused with 400', async () => {
    const bodies = [
      '[]',
      '[{}]',
      'null',
      'true',
      '"text"',
      '""',
      '0',
      '1e400',
      DEEP,
      JSON.stringify([goodBody(route, anna, products)]),
    ]
    const exchanges = bodies.map((body) => [body.slice(0, 60), () => sendAsAnna(route, body)])
    await expectRefused(route, Object.fromEntries(exchanges), { status: 400 })
  })

  test('no body at all, and an empty one, lack every field that is required', async () => {
    const required = bodySchemaOf(route)?.required ?? []
    if (required.length === 0) return
    const before = await digestOf(server)
    const path = pathOf(route, anna.ids)
    for (const [body, headers] of [
      [undefined, {}],
      ['', JSON_TYPE],
      [Readable.from([]), JSON_TYPE],
      ['{}', JSON_TYPE],
    ] as const) {
      const answer = await send(server.baseUrl, route.method, path, body, { ...anna.credential, ...headers })
      expect(flawInRefusal(answer, refuserOf(route))).toBeUndefined()
      expect(refusalIn(answer)).toEqual(REFUSALS[refuserOf(route)].missing(required))
    }
    expect(await digestOf(server)).toEqual(before)
  })
})

/** Piece by piece, so that there is time to hear an answer in between. */
function streamOf(text: string): Readable {
  const size = 16_384
  async function* pieces(): AsyncGenerator<string> {
    for (let at = 0; at < text.length; at += size) {
      yield text.slice(at, at + size)
      await setImmediate()
    }
  }
  return Readable.from(pieces())
}
