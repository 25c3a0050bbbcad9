import { Ajv } from 'ajv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { flawInRefusal } from '../support/refusal-shape.ts'
import { type Answer, send } from '../support/shop-client.ts'
import type { ServedRoute } from '../support/shop-server.ts'
import { bodySchemaOf, credentialFor, refuserOf } from '../support/shop-world.ts'
import { anyValueOf, ODD_VALUES } from '../support/value-schema.ts'
import { openShop } from './shop.ts'

const { server, products, routes, anna, newCustomer } = await openShop()
const berta = await newCustomer('berta')
const iza = await newCustomer('iza')

const RUNS = 100
/** Its answer waits on purpose, so that nobody can tell from the time whether there was somebody to write to. */
const SLOW = '/api/password-reset'
const { credential } = iza
const ajv = new Ajv({ validateFormats: false, strict: false })

// What may be hit upon by chance in a shop: real products, names and ids.
const known = [...Object.values(products), ...[anna, berta, iza].flatMap(({ ids }) => Object.values(ids))]
// Not Iza's own password: with a new one her session would be over, and the rest of this would be about strangers.
const people = [anna, berta, iza].flatMap(({ person }) => [person.username, person.email])

const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(...ODD_VALUES.filter((value) => typeof value === 'string' && value.length < 100).map(String)),
)
const pathPart = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...Object.values(iza.ids)) },
  { weight: 3, arbitrary: fc.constantFrom(...known) },
  { weight: 1, arbitrary: fc.uuid() },
  { weight: 1, arbitrary: oddText.filter((text) => text !== '' && text !== '.' && text !== '..') },
)
const number = fc.oneof(fc.integer({ min: 0, max: 3 }).map(String), fc.double().map(String), oddText)

function queryOf({ schema }: ServedRoute): fc.Arbitrary<string> {
  const { properties = {} } = (schema.querystring ?? {}) as { properties?: object }
  const names = fc.constantFrom(...Object.keys(properties), 'other')
  const pairs = fc.array(fc.tuple(names, fc.oneof(number, oddText)), { maxLength: 3 })
  return pairs.map((all) => all.map(([name, value]) => `${name}=${encode(value)}`).join('&'))
}

/** Lone surrogates have no percent-encoding: they go out as the sign for what cannot be written. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

interface Wish {
  readonly path: string
  readonly body: unknown
  readonly key: string | undefined
}

function wishOf(route: ServedRoute): fc.Arbitrary<Wish> {
  const schema = bodySchemaOf(route)
  const parts = fc.array(pathPart, { minLength: 4, maxLength: 4 })
  const key = fc.option(fc.stringMatching(/^[!-~]{1,8}$/), { nil: undefined, freq: 3 })
  const body = schema ? anyValueOf(schema, [...known, ...people]) : fc.constant(undefined)
  return fc.record({ path: fc.tuple(parts, queryOf(route)), body, key }).map(({ path: [ids, query], body, key }) => {
    const left = [...ids]
    const path = route.url.replace(/:\w+/g, () => encode(left.pop() ?? ''))
    return { path: query ? `${path}?${query}` : path, body, key }
  })
}

async function ask(route: ServedRoute, { path, body, key }: Wish): Promise<Answer> {
  const headers = {
    // Logging out would end Iza's session, and so would signing in as somebody whom chance has registered.
    ...(/\/(logout|login|revoke)$/.test(route.url) ? credentialFor(route, iza) : credential),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(key !== undefined && { 'idempotency-key': key }),
  }
  return send(server.baseUrl, route.method, path, body === undefined ? undefined : JSON.stringify(body), headers)
}

test.each(routes)('%s answers anything as its contract says', async (_, route) => {
  const responses = (route.schema.response ?? {}) as Record<string, object>
  const good = route.url === '/create_user/' ? 201 : 200
  const described = responses[good]
  const isPicture = described !== undefined && 'content' in described
  const isGoodAnswer = described && !isPicture && ajv.compile(described)
  await fc.assert(
    fc.asyncProperty(wishOf(route), async (wish) => {
      const answer = await ask(route, wish)
      if (answer.status === good && isPicture) {
        expect(answer.headers['content-type']).toMatch(/^image\//)
      } else if (answer.status === good && isGoodAnswer) {
        expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
        isGoodAnswer(answer.body)
        expect(isGoodAnswer.errors ?? []).toEqual([])
      } else if (answer.status !== good) {
        const flaw = flawInRefusal(answer, refuserOf(route))
        expect([answer.status, answer.text, flaw]).toEqual([answer.status, answer.text, undefined])
      }
    }),
    { numRuns: route.url === SLOW ? RUNS / 5 : RUNS },
  )
})

test('after all that, the shop is in order', async () => {
  expect((await send(server.baseUrl, 'GET', '/api/profile', undefined, credential)).body.count).toBe(1)
  const { rows } = await server.db.query<{ oversold: number; odd: number }>({
    text: `select (select count(*) from stock where reserved > on_hand or reserved < 0) as oversold,
                  (select count(*) from stock s where s.reserved <> coalesce((select sum(r.quantity) from reservations r
                     where (r.product_id, r.warehouse_id) = (s.product_id, s.warehouse_id)), 0)) as odd`,
  })
  expect(rows).toEqual([{ oversold: 0, odd: 0 }])
  expect((await send(server.baseUrl, 'GET', '/health/ready', undefined)).body).toEqual({ status: 'ok' })
})
