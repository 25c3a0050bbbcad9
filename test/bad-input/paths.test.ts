import { METHODS } from 'node:http'
import { describe, expect, test } from 'vitest'
import { type Contract, flawInRefusal, REFUSALS } from '../support/refusal-shape.ts'
import { type Answer, send } from '../support/shop-client.ts'
import type { ServedRoute } from '../support/shop-server.ts'
import { type Customer, expectNothingChanged, goodBody, pathOf, refuserOf, sendJson } from '../support/shop-world.ts'
import { openShop } from './shop.ts'

const { server, products, anna, newCustomer, routes, sendIdly } = await openShop()
const berta = await newCustomer('berta')

const withId = routes.filter(([, { url }]) => url.includes(':'))
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** As Anna, with a good body: an id that is taken for hers changes something. */
function sendAsAnna(route: ServedRoute, ids: Customer['ids']): Promise<Answer> {
  return sendJson(server, route, pathOf(route, ids), goodBody(route, anna, products), anna.credential)
}

describe.each(withId)('%s', (_, route) => {
  const parameter = /:(\w+)/.exec(route.url)?.[1] ?? ''
  const own = anna.ids[parameter] ?? ''

  test('an unknown id, a malformed one and somebody else’s are answered alike with 404', async () => {
    await expectNothingChanged(server, async () => {
      const unknown = await sendAsAnna(route, { [parameter]: '8b2de2bf-b04a-4674-bf92-f0e4c727720b' })
      expect([unknown.status, flawInRefusal(unknown, refuserOf(route))]).toEqual([404, undefined])
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
        expect([answer.status, flawInRefusal(answer, refuserOf(route)), answer.headers.allow]).toEqual([
          404,
          undefined,
          undefined,
        ])
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
        const flaw = flawInRefusal(answer, refuserOf(route))
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
      const path = pathOf({ url } as ServedRoute, anna.ids).replace(/\/$/, '')
      const wrong: string[] = []
      for (const method of others) {
        for (const end of ['', '/', '?a=1']) {
          // QUERY is refused by itself when it does not say of what type its body is.
          const headers = { ...anna.credential, 'content-type': 'application/json' }
          const answer = await send(server.baseUrl, method, path + end, undefined, headers)
          const flaw = method === 'HEAD' ? undefined : flawInRefusal(answer, refuserOf({ url } as ServedRoute))
          if (flaw || answer.status !== 405 || answer.headers.allow !== offered.join(', ')) {
            wrong.push(sayWrong(`${method} ${end}`, answer, flaw))
          }
        }
      }
      expect(wrong).toEqual([])
    })
  })
})

const UNKNOWN: Readonly<Record<Contract, readonly string[]>> = {
  shop: [
    ...['/api', '/api/', '/api/product', '/api/productss', '/api//products', '/api/products//', '/api/login/x'],
    ...['/api/Products', '/api/%00', '/api/..', '/api/../login', '/api/.env', '/api/%2e%2e/etc/passwd'],
    ...['/api/login%20', '/api/login%00', '/api/*', `/api/${'x'.repeat(8_000)}`, `/api/${'x/'.repeat(2_000)}`],
    ...['/api/__proto__', '/api/constructor/prototype', '/api/:uuid/x', '/api/v2/whoami', '/api/v10/whoami'],
  ],
  whoami: [
    ...['/api/v1', '/api/v1/', '/api/v1/profile', '/api/v1/login', '/api/v1/auth', '/api/v1/auth/', '/api/v1//whoami'],
    ...['/api/v1/Whoami', '/api/v1/whoami/x', '/api/v1/whoami%00', '/api/v1/..', '/api/v1/../login', '/api/v1/.env'],
    ...['/api/v1/%2e%2e/login', '/api/v1/*', `/api/v1/${'x'.repeat(8_000)}`, '/api/v1/__proto__'],
  ],
  accounts: [
    ...['/get_profile/x', '//get_profile', '/get_profile//', '/Get_profile', '/get_profile%20', '/get-profile'],
    ...['/create_user%00', '/update_profile/*', '/profile', '/.env', `/${'x'.repeat(8_000)}`, '/__proto__', '/apix'],
  ],
}

test.each(Object.entries(UNKNOWN))(
  'paths that %s does not know are answered with 404 by whatever method',
  async (contract, paths) => {
    await expectNothingChanged(server, async () => {
      const wrong: string[] = []
      for (const path of paths) {
        for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']) {
          const answer = await send(server.baseUrl, method, path, undefined, anna.credential)
          const { status, body } = REFUSALS[contract as Contract].notFound
          const isExpected = answer.status === status && answer.text === JSON.stringify(body)
          const flaw = flawInRefusal(answer, contract as Contract)
          if (flaw || !isExpected) wrong.push(sayWrong(`${method} ${path.slice(0, 60)}`, answer, flaw))
        }
      }
      expect(wrong).toEqual([])
    })
  },
)

test('a path that cannot be decoded is refused with 400, known or not', async () => {
  const paths = {
    shop: ['/api/%', '/api/%ZZ', '/api/products%', '/api/unknown/%C3%28'],
    whoami: ['/api/v1/%', '/api/v1/whoami%', '/api/v1/unknown/%C3%28'],
    accounts: ['/%', '/get_profile%', '/unknown/%C3%28'],
  }
  const wrong: string[] = []
  for (const [contract, each] of Object.entries(paths)) {
    for (const path of each) {
      const answer = await send(server.baseUrl, 'GET', path, undefined)
      const flaw = flawInRefusal(answer, contract as Contract)
      if (flaw || answer.status !== 400) wrong.push(sayWrong(path, answer, flaw))
    }
  }
  expect(wrong).toEqual([])
})

function sayWrong(name: string, answer: Answer, flaw?: string): string {
  return `${name}: ${flaw ?? 'another answer'}: ${answer.status} ${answer.text.slice(0, 300)}`
}
