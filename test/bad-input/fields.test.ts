import { describe, expect, test } from 'vitest'
import { fieldsNamedIn, flawInRefusal } from '../support/refusal-shape.ts'
import { send } from '../support/shop-client.ts'
import type { ServedRoute } from '../support/shop-server.ts'
import { bodySchemaOf, digestOf, goodBody, pathOf, refuserOf } from '../support/shop-world.ts'
import { badValuesOf, fieldsOf, isNullable, type ValueSchema } from '../support/value-schema.ts'
import { openShop } from './shop.ts'

const { server, products, anna, routes } = await openShop()

const MARK = 'here goes the bad value'
const MARK_JSON = JSON.stringify(MARK)

interface Place {
  readonly route: ServedRoute
  /** `delivery`, then `city`. */
  readonly path: readonly string[]
  readonly field: ValueSchema
  readonly required: boolean
}

const fields = routes.flatMap(([title, route]) => {
  const places = fieldsIn(route, bodySchemaOf(route))
  return places.map((place) => [`${title}: ${place.path.join('.')}`, place] as const)
})

/** Objects within objects too. */
function fieldsIn(route: ServedRoute, schema: ValueSchema | undefined, above: readonly string[] = []): Place[] {
  if (!schema) return []
  return fieldsOf(schema).flatMap(([name, field]) => {
    const path = [...above, name]
    const required = schema.required?.includes(name) ?? false
    return [{ route, path, field, required }, ...fieldsIn(route, field, path)]
  })
}

/** Anna's good body with one value changed; undefined takes it out. */
function changed(body: unknown, [name = '', ...rest]: readonly string[], value: unknown): object {
  const record = body as Record<string, unknown>
  return { ...record, [name]: rest.length > 0 ? changed(record[name], rest, value) : value }
}

test('every route that says it reads a body has fields', () => {
  const reading = routes.map(([, route]) => route).filter(({ schema }) => schema.body)
  expect(new Set(fields.map(([, { route }]) => route))).toEqual(new Set(reading))
  expect(reading.length).toBeGreaterThan(0)
})

/** Each of these bodies, sent by Anna to what is hers, is answered 400 and says that it is for this field alone. */
async function expectInvalid({ route, path }: Place, bodies: readonly { why: string; json: string }[]): Promise<void> {
  const before = await digestOf(server)
  const wrong: string[] = []
  for (const { why, json } of bodies) {
    const headers = { ...anna.credential, 'content-type': 'application/json' }
    const answer = await send(server.baseUrl, route.method, pathOf(route, anna.ids), json, headers)
    const names = fieldsNamedIn(answer, refuserOf(route))
    const flaw = flawInRefusal(answer, refuserOf(route))
    const isNamed = names.join() === path.join('.') || (answer.body?.status === 206 && names.includes(path.join()))
    if (flaw || answer.status !== 400 || !isNamed) {
      wrong.push(`${why}: ${flaw ?? 'another answer'}: ${answer.status} ${answer.text}`)
    }
  }
  expect(wrong).toEqual([])
  expect(await digestOf(server)).toEqual(before)
}

describe.each(fields)('%s', (_, place) => {
  const { route, path, field } = place
  const template = JSON.stringify(changed(goodBody(route, anna, products), path, MARK))

  test('a bad value is refused, by the name of its field', async () => {
    const bodies = badValuesOf(field).map(({ why, json }) => ({ why, json: template.replace(MARK_JSON, () => json) }))
    await expectInvalid(place, bodies)
  })

  test('of two values under one name the last one counts', async () => {
    const json = template.replace(
      MARK_JSON,
      () => `"first",${JSON.stringify(path.at(-1))}:${isNullable(field) ? 1 : null}`,
    )
    await expectInvalid(place, [{ why: 'twice', json }])
  })
})

test.each(fields.filter(([, { required }]) => required))('%s: a request without it is refused', async (_, place) => {
  const json = JSON.stringify(changed(goodBody(place.route, anna, products), place.path, undefined))
  await expectInvalid(place, [{ why: 'missing', json }])
})
