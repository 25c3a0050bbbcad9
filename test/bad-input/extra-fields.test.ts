import { describe, expect, test } from 'vitest'
import { flawInRefusal } from '../support/refusal-shape.ts'
import { type Answer, send } from '../support/shop-client.ts'
import type { ServedRoute } from '../support/shop-server.ts'
import { credentialFor, expectNothingChanged, idleBody, lastingText, pathOf, refuserOf } from '../support/shop-world.ts'
import { openShop } from './shop.ts'

const { server, anna, ola, routes: all } = await openShop()

const DEEP = '['.repeat(10_000) + ']'.repeat(10_000)
// /update_profile/ refuses them; see below.
const routes = all.filter(([, { method, url }]) => method !== 'GET' && url !== '/update_profile/')

/** As somebody new, to what is Anna's: whatever the answer is, nothing changes. */
function sendIdly(route: ServedRoute, json: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const all = { ...credentialFor(route, ola), 'content-type': 'application/json', ...headers }
  return send(server.baseUrl, route.method, pathOf(route, anna.ids), json, all)
}

describe.each(routes)('%s', (_, route) => {
  test('fields that nobody asked for change nothing in the answer, whatever is in them', async () => {
    const idle = idleBody(route, anna) ?? {}
    const names = [
      '"extra":1',
      '"constructor":1',
      '"toString":null',
      '"id":"x"',
      '"is_admin":true',
      '"price":"0.01"',
      '"":""',
    ]
    const contents = [
      `"extra":${DEEP}`,
      `"extra":"${'x'.repeat(50_000)}"`,
      '"extra":1e400',
      '"extra":"\\u0000"',
      '"extra":"\\ud800"',
    ]
    const odd = ['"\\u0000":"x"', '"\\ud800":1', `"${'x'.repeat(50_000)}":1`, '"extra":"\\udc00\\ud800"']
    const wrong: string[] = []
    await expectNothingChanged(server, async () => {
      const plain = await sendIdly(route, JSON.stringify(idle))
      expect(plain.status).toBeLessThan(500)
      for (const extra of [...names, ...contents, ...odd]) {
        for (const body of withExtra(idle, extra)) {
          const answer = await sendIdly(route, body)
          if (answer.status === plain.status && lastingText(answer) === lastingText(plain)) continue
          wrong.push(`${body.slice(0, 100)}: ${answer.status} ${answer.text}`)
        }
      }
    })
    expect(wrong).toEqual([])
  })
})

/** The body with the field in it, and in each of the objects within. */
function withExtra(body: object, extra: string): string[] {
  const mark = { 'here goes the extra': 0 }
  const inside = Object.entries(body).filter(([, value]) => typeof value === 'object' && value !== null)
  const marked = [{ ...mark, ...body }, ...inside.map(([name, value]) => ({ ...body, [name]: { ...mark, ...value } }))]
  return marked.map((each) => JSON.stringify(each).replace(JSON.stringify(mark).slice(1, -1), () => extra))
}

test('a body so deep that it cannot be walked, with an Idempotency-Key, is answered like any other', async () => {
  const keyed = routes.filter(([, route]) => JSON.stringify(route.schema.headers ?? {}).includes('Idempotency-Key'))
  expect(keyed.map(([name]) => name).sort()).toEqual([
    'POST /api/orders',
    'POST /api/orders/:order_uuid/payment',
    'POST /api/orders/:order_uuid/payment/confirm',
    'PUT /api/orders/:order_uuid/payment',
  ])
  const wrong: string[] = []
  for (const [name, route] of keyed) {
    const idle = JSON.stringify(idleBody(route, anna) ?? {}).slice(1, -1)
    const body = idle ? `{"extra":${DEEP},${idle}}` : `{"extra":${DEEP}}`
    const answer = await sendIdly(route, body, { 'idempotency-key': name.replaceAll(/[ /:]/g, '-') })
    if (flawInRefusal(answer, refuserOf(route))) wrong.push(`${name}: ${answer.status} ${answer.text}`)
  }
  expect(wrong).toEqual([])
})

test.each(['PUT', 'PATCH'])(
  '%s /update_profile/ refuses what it does not know, and changes nothing of the rest',
  async (method) => {
    const names = [
      'id',
      'uuid',
      'username',
      'email',
      'password',
      'is_staff',
      'phone',
      'First_name',
      'first_name ',
      '',
      'a.b',
      '\u0000',
    ]
    const wrong: string[] = []
    await expectNothingChanged(server, async () => {
      for (const name of names) {
        for (const value of [null, 'x', 1, true, [], {}]) {
          const body = { first_name: 'Mallory', [name]: value, last_name: 'Mallory' }
          const headers = { ...ola.credential, 'content-type': 'application/json' }
          const answer = await send(server.baseUrl, method, '/update_profile', JSON.stringify(body), headers)
          if (answer.status === 400 && answer.text === '{"detail":"Invalid signature."}') continue
          wrong.push(`${name}: ${answer.status} ${answer.text}`)
        }
      }
    })
    expect(wrong).toEqual([])
  },
)
