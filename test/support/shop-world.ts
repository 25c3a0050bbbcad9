import { basename } from 'node:path'
import { expect } from 'vitest'
import { makeMediaStore } from '../../server/src/app.ts'
import { openSession } from '../../server/src/identity/sign-in.ts'
import type { CustomerId } from '../../server/src/kernel/ids.ts'
import { newMediaName } from '../../server/src/media/index.ts'
import type { Contract } from './refusal-shape.ts'
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
  /** The session as headers, with the CSRF tokens of every contract. */
  readonly credential: Readonly<Record<string, string>>
  /** Nobody, as headers: whoami's sign-in wants a CSRF token of whoever comes. */
  readonly anonymous: Readonly<Record<string, string>>
  /** What this customer would put for each parameter of a path. */
  readonly ids: Readonly<Record<string, string>>
}

/** @param options of {@link startShopServer} */
export async function startShopWorld(options: Parameters<typeof startShopServer>[0] = {}): Promise<ShopWorld> {
  const server = await startShopServer(options)
  await keepJobsFromPayments(server)
  hangPicture(server, 'tent.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>')
  const { tent = '', stove = '' } = await stockShop(server.db, [
    { sku: 'tent', price: '3000.00', quantity: 100_000, picture: 'tent.svg' },
    { sku: 'stove', price: '150.50', quantity: 100_000 },
  ])
  const products = { tent, stove }
  const avatar = newMediaName('avatars', 'webp')
  await makeMediaStore(server.config).put(avatar, Buffer.from('RIFF\x04\0\0\0WEBP'))
  const shared = { name: basename(avatar) }
  return { server, products, newCustomer: (name) => makeCustomer(server, products, shared, name) }
}

/** What a request changes is to be told from what changes by itself: no job asks about these payments. */
async function keepJobsFromPayments({ db }: ShopServer): Promise<void> {
  await db.query({
    text: `create function never_look() returns trigger language plpgsql as $$
           begin new.next_look_at := null; return new; end $$`,
  })
  await db.query({
    text: `create trigger never_look before insert or update on payment_attempts for each row execute function never_look()`,
  })
}

/** Has ordered two tents and not paid yet, and has another one in the bucket. */
async function makeCustomer(
  server: ShopServer,
  { tent }: ShopWorld['products'],
  shared: Customer['ids'],
  name: string,
): Promise<Customer> {
  const client = new ShopClient(server.baseUrl)
  const person = await signUp(client, name)
  await client.post('/api/bucket', { product: tent, quantity: 2 })
  const order = await client.post('/api/orders', {})
  await client.post(`/api/orders/${order.body.order_uuid}/payment`, { method: 'card' })
  await client.post('/api/bucket', { product: tent, quantity: 1 })
  const bucket = await client.get('/api/bucket')
  const ids = {
    ...shared,
    customer_uuid: person.uuid,
    order_uuid: order.body.order_uuid,
    bucket_uuid: bucket.body.results[0].bucket_uuid,
    posId: '300746',
    session_uuid: await openAnotherSession(server, client, person.uuid as CustomerId),
    uuid: tent,
    '*': 'index.css',
  }
  return { person, client, ids, credential: await credentialIn(client), anonymous: await anonymousAt(server) }
}

/** On another machine, so that there is one to end without ending the session that asks. */
async function openAnotherSession({ db }: ShopServer, client: ShopClient, customerId: CustomerId): Promise<string> {
  const { rows } = await db.query<{ hash: string }>({
    text: 'select password_hash as hash from customers where id = $1',
    values: [customerId],
  })
  const week = { idleDays: 7, maxDays: 7 }
  const origin = { kind: 'cookie', address: '127.0.0.1', agent: 'another browser' } as const
  await openSession(db, { cookie: week, access: week, jwt: week }, customerId, rows[0]?.hash ?? '', origin)
  const { results } = (await client.get('/api/sessions')).body
  return results.find(({ current }: { current: boolean }) => !current).session_uuid
}

/** A customer who has just come: an empty bucket and no orders. The e-mail is verified, so that asking to verify it does nothing. */
export async function makeNewcomer(server: ShopServer, name: string): Promise<Omit<Customer, 'ids'>> {
  const client = new ShopClient(server.baseUrl)
  const person = await signUp(client, name)
  await server.db.query({ text: 'update customers set email_verified_at = now() where id = $1', values: [person.uuid] })
  return { person, client, credential: await credentialIn(client), anonymous: await anonymousAt(server) }
}

async function credentialIn(client: ShopClient): Promise<Record<string, string>> {
  const { cookies } = client
  const csrfToken = cookies.get('csrftoken') ?? ''
  const credential = {
    cookie: `sessionid=${cookies.get('sessionid')}; csrftoken=${csrfToken}`,
    'x-csrftoken': csrfToken,
  }
  return { ...credential, 'x-csrf-token': await whoamiTicket(client.baseUrl, credential) }
}

/** A CSRF token of the whoami contract, for whoever these headers show. */
export async function whoamiTicket(
  baseUrl: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Promise<string> {
  return (await send(baseUrl, 'GET', '/api/v1/csrf', undefined, headers)).body.token
}

async function anonymousAt({ baseUrl }: ShopServer): Promise<Record<string, string>> {
  const { headers, body } = await send(baseUrl, 'GET', '/api/v1/csrf', undefined)
  return { cookie: headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '', 'x-csrf-token': body.token }
}

/** What has to go along with this customer's request so that it is heard. */
export function credentialFor(
  route: ServedRoute,
  { credential, anonymous }: Pick<Customer, 'credential' | 'anonymous'>,
): Readonly<Record<string, string>> {
  if (route.signedIn) return credential
  return route.url === '/api/v1/auth/login' ? anonymous : {}
}

/** The contract that a path falls under. */
export function contractOf(url: string): Contract | 'none' {
  if (OUTSIDE_CONTRACTS.test(url)) return 'none'
  if (/^\/api\/v1\b/.test(url)) return 'whoami'
  if (/^\/api\/(?!v\d)/.test(url)) return 'shop'
  if (ACCOUNTS.test(url)) return 'accounts'
  throw new Error(`${url} belongs to no contract these tests know: say here which, and how it refuses`)
}

/** How this route refuses. */
export function refuserOf({ url }: ServedRoute): Contract {
  const contract = contractOf(url)
  if (contract === 'none') throw new Error(`${url} belongs to no contract`)
  return contract
}

const OUTSIDE_CONTRACTS =
  /^\/$|^\/(docs|health|media|payments|payu|openapi\.json|verify-email|reset-password|forgot-password)\b/
const ACCOUNTS = /^\/(create_user|obtain_token|get_profile|update_profile)\/$/

/** Every route of a contract. HEAD comes along with every GET and does the same. */
export function contractRoutesOf({ routes }: ShopServer): ServedRoute[] {
  return routes.filter(({ method, url }) => method !== 'HEAD' && contractOf(url) !== 'none')
}

export function pathOf(route: ServedRoute, ids: Customer['ids']): string {
  return route.url.replace(/:(\w+)|\*/g, (whole, name: string | undefined) => {
    const id = ids[name ?? whole]
    if (id === undefined) throw new Error(`${route.url}: say in test/support/shop-world.ts what ${whole} may be`)
    return id
  })
}

/** As JSON, where it may come as something else, too. */
export function bodySchemaOf({ schema }: ServedRoute): ValueSchema | undefined {
  const body = schema.body as (ValueSchema & { content?: Record<string, { schema: ValueSchema }> }) | undefined
  return body?.content?.['application/json']?.schema ?? body
}

/**
 * The body of a request to this route that is good and changes something, for {@link makeCustomer}'s customers;
 * undefined for a route that reads none. test/authorisation.test.ts shows that all of them are accepted.
 */
export function goodBody(route: ServedRoute, { person }: Customer, products: ShopWorld['products']): unknown {
  const schema = bodySchemaOf(route)
  if (!schema) return undefined
  const { username, email, password } = person
  const particulars: Readonly<Record<string, object>> = {
    '/api/login': { username, password },
    '/api/password-reset': { email },
    '/api/profile/:customer_uuid/setpassword': { username, old_password: password },
    '/api/bucket': { product: products.stove },
    '/api/orders': { expected_sum: '3000.00' },
    '/api/orders/:order_uuid/payment': { method: 'transfer' },
    '/api/v1/auth/login': { username, password },
    // What never changes is better not said.
    '/api/v1/whoami': { username, email: undefined, first_join: undefined },
    '/api/v1/whoami/change-password': { password },
    '/obtain_token/': { login: username, password },
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
  // A newcomer has a profile, too: it stays as it is when nothing is said of it.
  if (route.url === '/api/v1/whoami' || route.url === '/update_profile/') return {}
  const taken = { username, email }
  const particulars: Readonly<Record<string, object>> = { '/api/register': taken, '/create_user/': taken }
  return schema && { ...(sampleOf(schema) as object), ...particulars[route.url] }
}

const CHANGES_BY_ITSELF = [
  ...['seen_at', 'live_until'],
  ...['state', 'attempts', 'next_try_at', 'ended_at', 'sealed_body', 'last_error'],
]

/** Which rows of a table do not come and go by themselves. */
const COUNTED: Readonly<Record<string, string>> = { order_events_waiting: 'false', mails: 'thread is null' }

/** An answer without what is another each time. */
export function lastingText({ text }: Answer): string {
  return text.replace(/"token":"[^"]+"/, '"token":"…"')
}

/** One value for each table, the same as long as nothing in it changes. */
export async function digestOf({ db }: ShopServer): Promise<Record<string, string>> {
  const { rows: tables } = await db.query<{ name: string }>({
    text: `select table_name as name from information_schema.tables
            where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  })
  // Using a session notes the time and lets it live on, mails leave by themselves, and what has happened to orders is
  // handed out: that is no change of anything.
  const parts = tables.map(
    ({ name }) => `select '${name}' as name, md5(coalesce(string_agg(line, e'\\n' order by line), '')) as digest
                     from (select (to_jsonb(t) - $1::text[])::text as line from "${name}" t
                            where ${COUNTED[name] ?? 'true'}) lines`,
  )
  const { rows } = await db.query<{ name: string; digest: string }>({
    text: parts.join(' union all '),
    values: [CHANGES_BY_ITSELF],
  })
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
