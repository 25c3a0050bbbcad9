import { Ajv } from 'ajv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, send } from './support/shop-client.ts'
import type { ServedRoute } from './support/shop-server.ts'
import {
  bodySchemaOf,
  contractRoutesOf,
  credentialFor,
  pathOf,
  sendJson,
  startShopWorld,
} from './support/shop-world.ts'

// The reference tells of each route every answer that it can give. It is asked for all of them.

const world = await startShopWorld()
const { server } = world
const anna = await world.newCustomer('anna')
afterAll(() => server.stop())

interface Operation {
  readonly requestBody?: { content: Record<string, { schema: { properties: Record<string, unknown> } }> }
  readonly responses: Record<
    string,
    {
      description: string
      content?: Record<string, { schema?: object; examples?: Record<string, { value: unknown }> }>
    }
  >
}
const ajv = new Ajv({ validateFormats: false, strict: false })
let operations: Record<string, Record<string, Operation>>
beforeAll(async () => {
  operations = (await send(server.baseUrl, 'GET', '/openapi.json', undefined)).body.paths
})

function operationOf({ method, url }: Pick<ServedRoute, 'method' | 'url'>): Operation {
  const path = url.replace(/:(\w+)/g, '{$1}')
  return operations[path]?.[method.toLowerCase()] as Operation
}

/** The whole list, of the documented statuses. */
const documented = (method: string, url: string) => Object.keys(operationOf({ method, url }).responses).map(Number)

const routes = contractRoutesOf(server).map((route) => [`${route.method} ${route.url}`, route] as const)

/** Whatever may be wrong with a request before the route's own work begins. */
function mistakesOf(route: ServedRoute): Record<string, () => Promise<Answer>> {
  const path = pathOf(route, anna.ids)
  const credential = credentialFor(route, anna)
  const ask = (body: string | undefined, headers: Readonly<Record<string, string>>) =>
    send(server.baseUrl, route.method, path, body, headers)
  const stranger = { 'nobody is signed in': () => ask(undefined, {}) }
  const foreign = { 'another site asks': () => ask(undefined, { ...credential, origin: 'https://evil.example' }) }
  if (route.method === 'GET') return { ...stranger, ...foreign }
  const json = { ...credential, 'content-type': 'application/json' }
  const { 'x-csrftoken': _csrf, 'x-csrf-token': _ticket, ...forged } = json as Record<string, string>
  return {
    ...stranger,
    ...foreign,
    'without its CSRF token': () => ask('{}', forged),
    'no JSON': () => ask('{', json),
    'of another media type': () => ask('x', { ...json, 'content-type': 'text/plain' }),
    'too large': () => ask(`"${'x'.repeat(100_000)}"`, json),
    'of wrong types': () => ask(JSON.stringify(wrongTypes(route)), json),
    'with nothing in it': () => ask('{}', json),
  }
}

function wrongTypes(route: ServedRoute): object {
  return Object.fromEntries(Object.keys(bodySchemaOf(route)?.properties ?? {}).map((name) => [name, 5]))
}

test.each(routes)('%s: what can be wrong with any request is described', async (_, route) => {
  const { responses } = operationOf(route)
  const missing: string[] = []
  for (const [story, mistake] of Object.entries(mistakesOf(route))) {
    const { status, body } = await mistake()
    const schema = responses[status]?.content?.['application/json']?.schema
    if (!responses[status]) missing.push(`${story}: ${status}`)
    // A picture has none.
    else if (schema && !ajv.validate(schema, body)) missing.push(`${story}: ${status} of another shape`)
  }
  expect(missing).toEqual([])
  // Which no test can make happen at will.
  expect(responses).toHaveProperty('500')
  expect(responses).toHaveProperty('503')
})

test.each(routes)('%s: a status has its words, and examples of its body', async (_, route) => {
  const { responses } = operationOf(route)
  for (const [status, { description, content }] of Object.entries(responses)) {
    const bodies = status === '304' ? 0 : 1
    expect([status, description.length > 1, Object.keys(content ?? {}).length]).toEqual([status, true, bodies])
  }
})

test('429 is described where passwords are taken, mails sent, names tried or pictures drawn, and nowhere else', () => {
  const taking = routes.filter(([, route]) =>
    Object.keys(bodySchemaOf(route)?.properties ?? {}).some((name) => name.includes('password')),
  )
  const names = [
    ...taking.map(([name]) => name),
    'POST /api/password-reset',
    'POST /api/email-verification',
    'PUT /api/profile/:customer_uuid',
    'PATCH /api/v1/whoami',
    'PUT /update_profile/',
    'PATCH /update_profile/',
  ]
  const described = routes.filter(([, route]) => operationOf(route).responses['429']).map(([name]) => name)
  expect(described.sort()).toEqual(names.sort())
})

describe('identity', () => {
  test.each([
    ['POST', '/create_user/', [201, 400, 403, 413, 415, 429, 500, 503]],
    ['POST', '/obtain_token/', [200, 400, 401, 403, 413, 415, 429, 500, 503]],
    ['GET', '/get_profile/', [200, 401, 500, 503]],
    ['PUT', '/update_profile/', [200, 400, 401, 403, 413, 415, 429, 500, 503]],
    ['GET', '/api/v1/whoami', [200, 401, 500, 503]],
    ['PATCH', '/api/v1/whoami', [200, 400, 401, 403, 413, 415, 429, 500, 503]],
    ['POST', '/api/v1/whoami/change-password', [200, 400, 401, 403, 413, 415, 429, 500, 503]],
    ['POST', '/api/register', [200, 400, 403, 409, 413, 415, 429, 500, 503]],
    ['GET', '/api/profile', [200, 403, 500, 503]],
    ['PUT', '/api/profile/:customer_uuid', [200, 400, 403, 404, 409, 413, 415, 429, 500, 503]],
    ['GET', '/media/avatars/:name', [200, 304, 404, 503]],
    ['GET', '/api/products', [200, 304, 400, 404, 500, 503]],
    ['GET', '/api/products/:uuid', [200, 304, 404, 500, 503]],
    ['GET', '/api/products/:uuid/picture', [200, 304, 404, 500, 503]],
  ])('%s %s answers these and no others', (method, url, statuses) => {
    expect(documented(method, url)).toEqual(statuses)
  })

  test('the examples of refusals are what is answered', async () => {
    const route = server.routes.find(({ method, url }) => method === 'PATCH' && url === '/api/v1/whoami') as ServedRoute
    const path = pathOf(route, anna.ids)
    const answer = await sendJson(server, route, path, { email: 'new@example.com' }, credentialFor(route, anna))
    const { content } = operationOf(route).responses[answer.status] ?? {}
    const examples = Object.values(content?.['application/json']?.examples ?? {}).map(({ value }) => value)
    expect(examples).toContainEqual(answer.body)
  })

  test('a profile comes as JSON or as a form, and only a form has a file in it', () => {
    const { content } = operationOf({ method: 'PUT', url: '/update_profile/' }).requestBody ?? {}
    expect(Object.keys(content ?? {})).toEqual(['application/json', 'multipart/form-data'])
    expect(content?.['multipart/form-data']?.schema.properties.avatar).toMatchObject({
      contentMediaType: 'application/octet-stream',
    })
  })

  test('pictures are described as pictures', () => {
    const { content } = operationOf({ method: 'GET', url: '/media/avatars/:name' }).responses['200'] ?? {}
    expect(Object.keys(content ?? {})).toEqual(['image/webp'])
  })
})
