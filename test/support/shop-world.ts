import { expect } from 'vitest'
import { type Answer, type Person, ShopClient, send, signUp } from './shop-client.ts'
import { hangPicture, type ServedRoute, type ShopServer, startShopServer, stockShop } from './shop-server.ts'
import { sampleOf, type ValueSchema } from './value-schema.ts'

/** A server with a catalogue, and customers who own one of everything that a route can name. */
export interface ShopWorld {
  readonly server: ShopServer
  /** Ids by sku: everybody's bucket holds a tent, nobody's a stove. */
  readonly products: { readonly tent: string; readonly stove: string }
  newCustomer(name: string): Promise<Customer>
}

export interface Customer {
  readonly person: Person
  readonly client: ShopClient
  /** The session as headers, with its CSRF token. */
  readonly credential: Readonly<Record<string, string>>
  /** What this customer would put for each parameter of a path. */
  readonly ids: Readonly<Record<string, string>>
}

export async function startShopWorld(): Promise<ShopWorld> {
  const server = await startShopServer()
  hangPicture(server, 'tent.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>')
  const { tent = '', stove = '' } = await stockShop(server.db, [
    { sku: 'tent', price: '3000.00', quantity: 100_000, picture: 'tent.svg' },
    { sku: 'stove', price: '150.50', quantity: 100_000 },
  ])
  const products = { tent, stove }
  return { server, products, newCustomer: (name) => makeCustomer(server, products, name) }
}

/** Has ordered two tents and not paid yet, and has another one in the bucket. */
async function makeCustomer(server: ShopServer, { tent }: ShopWorld['products'], name: string): Promise<Customer> {
  const client = new ShopClient(server.baseUrl)
  const person = await signUp(client, name)
  await client.post('/api/bucket', { product: tent, quantity: 2 })
  const order = await client.post('/api/orders', {})
  const payment = await client.post(`/api/orders/${order.body.order_uuid}/payment`, { method: 'card' })
  await client.post('/api/bucket', { product: tent, quantity: 1 })
  const bucket = await client.get('/api/bucket')
  const ids = {
    customer_uuid: person.uuid,
    order_uuid: order.body.order_uuid,
    attempt: payment.body.redirect_uri.split('/').at(-1),
    bucket_uuid: bucket.body.results[0].bucket_uuid,
    uuid: tent,
    '*': 'index.css',
  }
  return { person, client, ids, credential: credentialIn(client) }
}

/** A customer who has just come: an empty bucket and no orders. */
export async function makeNewcomer(server: ShopServer, name: string): Promise<Omit<Customer, 'ids'>> {
  const client = new ShopClient(server.baseUrl)
  const person = await signUp(client, name)
  return { person, client, credential: credentialIn(client) }
}

function credentialIn({ cookies }: ShopClient): Record<string, string> {
  const csrfToken = cookies.get('csrftoken') ?? ''
  return { cookie: `sessionid=${cookies.get('sessionid')}; csrftoken=${csrfToken}`, 'x-csrftoken': csrfToken }
}

/** What the contract that a path falls under has to say about bad requests. */
export function contractOf(url: string): 'shop' | 'none' {
  if (OUTSIDE_CONTRACTS.test(url)) return 'none'
  if (/^\/api\/(?!v\d)/.test(url)) return 'shop'
  throw new Error(`${url} belongs to no contract these tests know: say here which, and how it refuses`)
}

const OUTSIDE_CONTRACTS = /^\/$|^\/(docs|health|test-gateway|openapi\.json)\b/

/** HEAD comes along with every GET and does the same. */
export function shopRoutesOf({ routes }: ShopServer): ServedRoute[] {
  return routes.filter(({ method, url }) => method !== 'HEAD' && contractOf(url) === 'shop')
}

export function pathOf(route: ServedRoute, ids: Customer['ids']): string {
  return route.url.replace(/:(\w+)|\*/g, (whole, name: string | undefined) => {
    const id = ids[name ?? whole]
    if (id === undefined) throw new Error(`${route.url}: say in test/support/shop-world.ts what ${whole} may be`)
    return id
  })
}

export function bodySchemaOf({ schema }: ServedRoute): ValueSchema | undefined {
  return schema.body as ValueSchema | undefined
}

/**
 * The body of a request to this route that is good and changes something, for {@link makeCustomer}'s customers;
 * undefined for a route that reads none. test/authorisation.test.ts shows that all of them are accepted.
 */
export function goodBody(route: ServedRoute, { person }: Customer, products: ShopWorld['products']): unknown {
  const schema = bodySchemaOf(route)
  if (!schema) return undefined
  const { username, password } = person
  const particulars: Readonly<Record<string, object>> = {
    '/api/login': { username, password },
    '/api/profile/:customer_uuid/setpassword': { username, old_password: password },
    '/api/bucket': { product: products.stove },
    '/api/orders': { expected_sum: '3000.00' },
    '/api/orders/:order_uuid/payment': { method: 'transfer' },
  }
  return { ...(sampleOf(schema) as object), ...particulars[route.url] }
}

/**
 * A body that is valid and comes to nothing when a newcomer sends it to somebody else's ids: what there is to know is
 * whether an oddity beside it changes the answer.
 */
export function idleBody(route: ServedRoute, { person }: Customer): unknown {
  const schema = bodySchemaOf(route)
  const { username, email } = person
  const particulars: Readonly<Record<string, object>> = { '/api/register': { username, email } }
  return schema && { ...(sampleOf(schema) as object), ...particulars[route.url] }
}

/** One value for each table, the same as long as nothing in it changes. */
export async function digestOf({ db }: ShopServer): Promise<Record<string, string>> {
  const { rows: tables } = await db.query<{ name: string }>({
    text: `select table_name as name from information_schema.tables
            where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  })
  // Using a session notes the time and lets it live on: that is no change of anything.
  const parts = tables.map(
    ({ name }) => `select '${name}' as name, md5(coalesce(string_agg(line, e'\\n' order by line), '')) as digest
                     from (select (to_jsonb(t) - 'seen_at' - 'live_until')::text as line from "${name}" t) lines`,
  )
  const { rows } = await db.query<{ name: string; digest: string }>({ text: parts.join(' union all ') })
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]))
}

/** Does it, and looks whether anything in the database is another afterwards. */
export async function expectNothingChanged(server: ShopServer, work: () => Promise<void>): Promise<void> {
  const before = await digestOf(server)
  await work()
  expect(await digestOf(server)).toEqual(before)
}

/** Headers given here win, a media type of another kind too. */
export function sendJson(
  { baseUrl }: ShopServer,
  { method }: ServedRoute,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Promise<Answer> {
  if (body === undefined) return send(baseUrl, method, path, undefined, headers)
  return send(baseUrl, method, path, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
}
