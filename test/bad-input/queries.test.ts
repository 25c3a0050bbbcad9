import { describe, expect, test } from 'vitest'
import { flawInRefusal, namedFields } from '../support/refusal-shape.ts'
import type { Answer } from '../support/shop-client.ts'
import { expectNothingChanged, lastingText, pathOf, refuserOf, sendJson } from '../support/shop-world.ts'
import { openShop } from './shop.ts'

const { server, anna, routes, sendIdly } = await openShop()
const withQuery = routes.filter(([, { schema }]) => schema.querystring)

describe.each(routes)('%s', (_, route) => {
  test('a trailing slash and a query that nobody asked for change nothing in the answer', async () => {
    await expectNothingChanged(server, async () => {
      const path = pathOf(route, anna.ids).replace(/\/$/, '')
      const plain = await sendIdly(route, path)
      expect(plain.status).toBeLessThan(500)
      const broken = [
        '?',
        '?&&&===',
        '?a=%',
        '?%ZZ=%C3%28',
        '?a=%00',
        '?__proto__[a]=1&constructor=2&__proto__=3',
        '?a[]=1&a=2',
      ]
      const many = [`?${'a=1&'.repeat(1_000)}`, `?a=${'x'.repeat(8_000)}`, '?a=1?b=2', '?;', '?sessionid=1&csrftoken=2']
      const wrong: string[] = []
      for (const end of ['/', '/?a=1', ...broken, ...many]) {
        const answer = await sendIdly(route, path + end)
        if (answer.status !== plain.status || lastingText(answer) !== lastingText(plain))
          wrong.push(sayWrong(end.slice(0, 60), answer))
      }
      expect(wrong).toEqual([])
    })
  })
})

const NOT_NUMBERS = [
  '-1',
  '1.5',
  '1e308',
  '1e3',
  'NaN',
  'Infinity',
  'x',
  '%00',
  '%20',
  '%EF%BC%91',
  '0x10',
  '+',
  '%2B1',
  '9'.repeat(50),
]
const NUL = { '%00': 400, 'a%00b': 400 }
/** What is no good for each parameter of a query, and how it is answered. */
const BAD_QUERIES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  page: Object.fromEntries([...NOT_NUMBERS, '0', '', '2', '1000001', '9007199254740993'].map((page) => [page, 404])),
  page_size: Object.fromEntries([...NOT_NUMBERS, '0', ''].map((size) => [size, 400])),
  after: Object.fromEntries([...NOT_NUMBERS, '0', '', `0${'0'.repeat(36)}`].map((id) => [id, 404])),
  name: { ...NUL, ['x'.repeat(201)]: 400 },
  type: { ...NUL, ['x'.repeat(65)]: 400 },
}

describe.each(withQuery)('%s', (_, route) => {
  const names = Object.keys((route.schema.querystring as { properties: object }).properties)

  test('every parameter of the query is known here', () => {
    expect(names.filter((name) => !(name in BAD_QUERIES))).toEqual([])
  })

  test.each(names)('a bad or a repeated %s is refused', async (name) => {
    await expectNothingChanged(server, async () => {
      const wrong: string[] = []
      const given = Object.entries(BAD_QUERIES[name] ?? {}).map(
        ([value, status]) => [`${name}=${value}`, status] as const,
      )
      const repeated = [[`${name}=1&${name}=2`, 400] as const, [`${name}=1&${name}=1&${name}=1`, 400] as const]
      for (const [query, status] of [...given, ...repeated]) {
        const answer = await sendJson(server, route, `${pathOf(route, anna.ids)}?${query}`, undefined, anna.credential)
        const flaw = flawInRefusal(answer, refuserOf(route))
        const isNamed = status === 404 || namedFields(answer.body?.details).join() === name
        if (flaw || answer.status !== status || !isNamed) wrong.push(sayWrong(query.slice(0, 60), answer, flaw))
      }
      expect(wrong).toEqual([])
    })
  })

  test('odd ones that may stand are answered, a page of at most 100', async () => {
    for (const query of ['page=1&page_size=999999999', 'page=000000001&page_size=00100', 'name=%C3%28&type=%ZZ']) {
      const answer = await sendJson(server, route, `${pathOf(route, anna.ids)}?${query}`, undefined, anna.credential)
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
      expect(Object.keys(answer.body)).toEqual(['count', 'next', 'previous', 'results'])
    }
  })
})

function sayWrong(name: string, answer: Answer, flaw?: string): string {
  return `${name}: ${flaw ?? 'another answer'}: ${answer.status} ${answer.text.slice(0, 300)}`
}
