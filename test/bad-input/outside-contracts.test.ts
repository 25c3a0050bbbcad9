import { describe, expect, test } from 'vitest'
import { showsInsides } from '../support/refusal-shape.ts'
import { type Answer, send } from '../support/shop-client.ts'
import type { ServedRoute } from '../support/shop-server.ts'
import { contractOf, digestOf, pathOf } from '../support/shop-world.ts'
import { openShop } from './shop.ts'

// The reference, the health checks, PayU's notifications and the pages for buyers promise no shape; only that nothing breaks or leaks.

const { server, anna } = await openShop()

const routes = server.routes
  .filter(({ method, url }) => method !== 'HEAD' && contractOf(url) === 'none')
  .map((route) => [`${route.method} ${route.url}`, route] as const)

async function expectCalm(exchanges: readonly (readonly [string, () => Promise<Answer>])[]): Promise<void> {
  const before = await digestOf(server)
  const wrong: string[] = []
  for (const [name, exchange] of exchanges) {
    const answer = await exchange()
    if (answer.status >= 500 || (answer.status >= 400 && showsInsides(answer.text))) {
      wrong.push(`${name}: ${answer.status} ${answer.text.slice(0, 300)}`)
    }
  }
  expect(wrong).toEqual([])
  expect(await digestOf(server)).toEqual(before)
}

describe.each(routes)('%s', (_, route) => {
  const path = pathOf(route, anna.ids)
  const ask = (method: string, to: string, body?: string | Buffer, type?: string) => () =>
    send(server.baseUrl, method, to, body, type === undefined ? {} : { 'content-type': type })

  test('odd queries and ids are no more than a mistake', async () => {
    const ends = [
      '/',
      '?a=%',
      '?%ZZ=%00',
      '?__proto__[a]=1',
      `?${'x'.repeat(8_000)}`,
      '%00',
      '%',
      '/..%2f..%2f..%2fetc%2fpasswd',
    ]
    const ids = [
      '%',
      '%00',
      '0',
      'x'.repeat(300),
      '..',
      '..%2f..%2fpackage.json',
      '%2e%2e/%2e%2e/package.json',
      "'",
      '[',
    ]
    const paths = [...ends.map((end) => path + end), ...ids.map((id) => pathWith(route, id))]
    await expectCalm(paths.map((odd) => [odd.slice(0, 80), ask('GET', odd)]))
  })

  test('methods and bodies it does not know are no more than a mistake', async () => {
    const methods = ['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'].map(
      (method) => [method, ask(method, path)] as const,
    )
    const bodies = [
      '',
      '{',
      '{}',
      'null',
      'order',
      'order=',
      'order[status]=COMPLETED',
      '{"order":{"status":"COMPLETED"}}',
      '%=%&%00=%ff',
    ]
    const long = [`order=${'x'.repeat(2_000)}`, `a=${'x'.repeat(70_000)}`]
    const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain', '///', undefined]
    const posts = types.flatMap((type) =>
      [...bodies, ...long].map((body) => [`${type}: ${body.slice(0, 40)}`, ask('POST', path, body, type)] as const),
    )
    await expectCalm([...methods, ...posts])
  })
})

function pathWith(route: ServedRoute, id: string): string {
  return pathOf(route, Object.fromEntries(Object.keys(anna.ids).map((name) => [name, id])))
}

test('an unknown path at the root is answered with 404 in JSON', async () => {
  for (const path of ['/unknown', '/apix', '/.env', '/API/products', '/docsx', '/%00', '/index.php?id=1']) {
    const { status, headers, body } = await send(server.baseUrl, 'GET', path, undefined)
    expect([path, status, headers['content-type'], body]).toEqual([
      path,
      404,
      'application/json; charset=utf-8',
      { detail: 'Not found.' },
    ])
  }
})
