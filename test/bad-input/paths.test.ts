import { METHODS } from 'node:http'
import { afterAll, describe, expect, test } from 'vitest'
import { flawInRefusal } from '../support/refusal-shape.ts'
import { type Answer, send } from '../support/shop-client.ts'
import type { ServedRoute } from '../support/shop-server.ts'
import {
  type Customer,
  expectNothingChanged,
  goodBody,
  idleBody,
  makeNewcomer,
  pathOf,
  sendJson,
  shopRoutesOf,
  startShopWorld,
} from '../support/shop-world.ts'

const world = await startShopWorld()
const { server, products } = world
const anna = await world.newCustomer('anna')
const berta = await world.newCustomer('berta')
const ola = await makeNewcomer(server, 'ola')
afterAll(() => server.stop())

const routes = shopRoutesOf(server).map((route) => [`${route.method} ${route.url}`, route] as const)
const withId = routes.filter(([, { url }]) => url.includes(':'))
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** As Anna, with a good body: an id that is taken for hers changes something. */
function sendAsAnna(route: ServedRoute, ids: Customer['ids']): Promise<Answer> {
  return sendJson(server, route, pathOf(route, ids), goodBody(route, anna, products), anna.credential)
}

/** As somebody new, to what is Anna's: whatever the answer is, nothing changes. */
function sendIdly(route: ServedRoute, path: string): Promise<Answer> {
  return sendJson(server, route, path, idleBody(route, anna), route.signedIn ? ola.credential : {})
}

describe.each(withId)('%s', (_, route) => {
  const parameter = /:(\w+)/.exec(route.url)?.[1] ?? ''
  const own = anna.ids[parameter] ?? ''

  test('an unknown id, a malformed one and somebody else’s are answered alike with 404', async () => {
    await expectNothingChanged(server, async () => {
      const unknown = await sendAsAnna(route, { [parameter]: '8b2de2bf-b04a-4674-bf92-f0e4c727720b' })
      expect([unknown.status, flawInRefusal(unknown)]).toEqual([404, undefined])
      const malformed = [
        '0',
        '-1',
        '1e308',
        'null',
        'undefined',
        'NaN',
        '*',
        '%20',
        '%00',
        `${own}%00`,
        `%00${own}`,
        '%0a',
      ]
      const odd = [
        own.replaceAll('-', ''),
        `%7B${own}%7D`,
        `${own}%0A`,
        `${own}x`,
        own.slice(1),
        `${own},${own}`,
        "'",
        '%2e%2e%2f',
      ]
      const words = [
        '__proto__',
        'constructor',
        'x'.repeat(200),
        '%F0%9F%98%80',
        '%EF%BC%91',
        "'%20or%201=1--",
        'a%2Fb',
        '%252e',
      ]
      // Every one of the catalogue's products is anybody's.
      const others = route.url.startsWith('/api/products') ? [] : [berta.ids[parameter] ?? '']
      const wrong: string[] = []
      for (const id of [NOBODY, ...malformed, ...odd, ...words, ...others]) {
        const answer = await sendAsAnna(route, { [parameter]: id })
        if (answer.status !== 404 || answer.text !== unknown.text) wrong.push(sayWrong(id, answer))
      }
      expect(wrong).toEqual([])
    })
  })

  test('an id longer than any is answered with 404', async () => {
    await expectNothingChanged(server, async () => {
      for (const length of [201, 2_000, 8_000]) {
        const answer = await sendAsAnna(route, { [parameter]: 'x'.repeat(length) })
        expect([answer.status, flawInRefusal(answer), answer.headers.allow]).toEqual([404, undefined, undefined])
      }
    })
  })

  test('an id is the same in capitals', async () => {
    await expectNothingChanged(server, async () => {
      const path = pathOf(route, anna.ids)
      const plain = await sendIdly(route, path)
      const loud = await sendIdly(route, path.replace(own, own.toUpperCase()))
      expect([loud.status, loud.text]).toEqual([plain.status, plain.text])
    })
  })

  test('percent signs that encode nothing are refused with 400', async () => {
    await expectNothingChanged(server, async () => {
      const wrong: string[] = []
      for (const id of ['%', '%Z', '%ZZ', '%E0%A4%A', '%C3%28', '%FF', `${own}%`, '%u0041', '%c0%80']) {
        const answer = await sendAsAnna(route, { [parameter]: id })
        const flaw = flawInRefusal(answer)
        if (flaw || answer.status !== 400) wrong.push(sayWrong(id, answer, flaw))
      }
      expect(wrong).toEqual([])
    })
  })
})

describe.each([...new Set(routes.map(([, { url }]) => url))])('%s', (url) => {
  const offered = [...new Set(server.routes.filter((route) => route.url === url).map(({ method }) => method))].sort()
  // CONNECT asks for a tunnel and never comes to a route.
  const others = METHODS.filter((method) => method !== 'CONNECT' && !offered.includes(method))

  test('methods it does not know are refused with 405 and those it does', async () => {
    await expectNothingChanged(server, async () => {
      const path = pathOf({ url } as ServedRoute, anna.ids)
      const wrong: string[] = []
      for (const method of others) {
        for (const end of ['', '/', '?a=1']) {
          // QUERY is refused by itself when it does not say of what type its body is.
          const headers = { ...anna.credential, 'content-type': 'application/json' }
          const answer = await send(server.baseUrl, method, path + end, undefined, headers)
          const flaw = method === 'HEAD' ? undefined : flawInRefusal(answer)
          if (flaw || answer.status !== 405 || answer.headers.allow !== offered.join(', ')) {
            wrong.push(sayWrong(`${method} ${end}`, answer, flaw))
          }
        }
      }
      expect(wrong).toEqual([])
    })
  })
})

test('paths that nobody knows are answered with 404 by whatever method', async () => {
  const near = [
    '/api',
    '/api/',
    '/api/product',
    '/api/productss',
    '/api//products',
    '/api/products//',
    '/api/login/x',
    '/api/Products',
  ]
  const odd = [
    '/api/%00',
    '/api/..',
    '/api/../login',
    '/api/.env',
    '/api/%2e%2e/etc/passwd',
    '/api/login%20',
    '/api/login%00',
    '/api/*',
  ]
  const long = [
    `/api/${'x'.repeat(8_000)}`,
    `/api/${'x/'.repeat(2_000)}`,
    '/api/__proto__',
    '/api/constructor/prototype',
    '/api/:uuid/x',
  ]
  await expectNothingChanged(server, async () => {
    const wrong: string[] = []
    for (const path of [...near, ...odd, ...long]) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']) {
        const answer = await send(server.baseUrl, method, path, undefined, anna.credential)
        const isExpected = answer.status === 404 && answer.text === '{"detail":"Not found.","message":"not found"}'
        const flaw = flawInRefusal(answer)
        if (flaw || !isExpected) wrong.push(sayWrong(`${method} ${path.slice(0, 60)}`, answer, flaw))
      }
    }
    expect(wrong).toEqual([])
  })
})

test('a path that cannot be decoded is refused with 400, known or not', async () => {
  const wrong: string[] = []
  for (const path of ['/api/%', '/api/%ZZ', '/api/products%', '/api/unknown/%C3%28']) {
    const answer = await send(server.baseUrl, 'GET', path, undefined)
    const flaw = flawInRefusal(answer)
    if (flaw || answer.status !== 400) wrong.push(sayWrong(path, answer, flaw))
  }
  expect(wrong).toEqual([])
})

function sayWrong(name: string, answer: Answer, flaw?: string): string {
  return `${name}: ${flaw ?? 'another answer'}: ${answer.status} ${answer.text.slice(0, 300)}`
}
