import { readFileSync } from 'node:fs'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AccountsClient } from '../support/other-clients.ts'
import { type ShopServer, startShopServer } from '../support/shop-server.ts'

// Every exchange that docs/contracts/source/accounts.md prints, run as written.

const document = readFileSync(new URL('../../docs/contracts/source/accounts.md', import.meta.url), 'utf8')
/** The JSON blocks in their order; one of them ends in a comma that JSON does not have. */
const printed = [...document.matchAll(/```json\n([\s\S]*?)```/g)].map((match) =>
  JSON.parse((match[1] ?? '').replace(/,\s*}/, '}')),
)
const [
  create,
  created,
  obtain,
  token,
  wrongPassword,
  update,
  updated,
  unauthorised,
  notEditable,
  profile,
  unauthorisedAgain,
] = printed

let server: ShopServer
let client: AccountsClient

beforeAll(async () => {
  server = await startShopServer()
  client = new AccountsClient(server.baseUrl)
})
afterAll(() => server.stop())

test('the document prints this much', () => {
  expect(printed).toHaveLength(11)
  expect(unauthorisedAgain).toEqual(unauthorised)
})

test('registration', async () => {
  const { status, body } = await client.request('POST', '/create_user/', create)
  expect([status, body]).toEqual([201, created])
  const again = await client.request('POST', '/create_user/', create)
  expect([again.status, again.body]).toEqual([400, { email: ['user with this email already exists.'] }])
})

test('a username is made where none is given, and another where that is taken', async () => {
  const other = new AccountsClient(server.baseUrl)
  await other.request('POST', '/create_user/', { ...create, email: 'test@elsewhere.example' })
  await other.signIn('test@elsewhere.example', create.password)
  expect((await other.request('GET', '/get_profile/')).body.username).toMatch(/^test\d{5,7}$/)
})

test('authentication, by e-mail or username', async () => {
  const wrong = await client.request('POST', '/obtain_token/', { ...obtain, password: 'wrong' })
  expect([wrong.status, wrong.body]).toEqual([401, wrongPassword])
  const right = await client.request('POST', '/obtain_token/', obtain)
  expect([right.status, Object.keys(right.body)]).toEqual([200, ['token']])
  client.jwt = right.body.token
  expect((await client.request('POST', '/obtain_token/', { ...obtain, login: 'test' })).status).toBe(200)

  const claims = decodeJwt(right.body.token)
  expect(decodeProtectedHeader(right.body.token)).toEqual(decodeProtectedHeader(token.token))
  for (const claim of Object.keys(decodeJwt(token.token))) expect(claims).toHaveProperty(claim)
  expect(claims).toMatchObject({ username: 'test', email: 'test@test.com' })
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeCloseTo(7 * 86_400, -1)
})

test('the profile', async () => {
  const { status, body } = await client.request('GET', '/get_profile/')
  expect(status).toBe(200)
  expect(Object.keys(body)).toEqual(Object.keys(profile))
  expect(body).toEqual({ ...profile, uuid: body.uuid, username: 'test', email: 'test@test.com' })
})

test('changing it, with PUT and PATCH', async () => {
  const { status, body } = await client.request('PUT', '/update_profile/', update)
  expect(status).toBe(200)
  expect(Object.keys(body)).toEqual(Object.keys(updated))
  expect(body).toEqual({ ...updated, uuid: body.uuid, username: 'test', email: 'test@test.com' })
  const patched = await client.request('PATCH', '/update_profile', { patronymic: 'Иванович' })
  expect(patched.body).toEqual({ ...body, patronymic: 'Иванович' })
  expect((await client.request('PATCH', '/update_profile', { patronymic: null })).body).toEqual(body)
})

test('a field that is not editable changes nothing', async () => {
  for (const field of ['username', 'email', 'password', 'uuid', 'is_staff']) {
    const { status, body } = await client.request('PUT', '/update_profile/', { first_name: 5, [field]: 'x' })
    expect([status, body]).toEqual([400, notEditable])
  }
  expect((await client.request('GET', '/get_profile/')).body.first_name).toBe(update.first_name)
})

test('without a credential', async () => {
  const stranger = new AccountsClient(server.baseUrl)
  for (const [method, path] of [
    ['GET', '/get_profile/'],
    ['PUT', '/update_profile/'],
  ] as const) {
    const { status, body, headers } = await stranger.request(method, path, method === 'PUT' ? update : undefined)
    expect([status, body, headers['www-authenticate']]).toEqual([401, unauthorised, 'JWT'])
  }
})

test('with a JWT that is none, is forged, or is over', async () => {
  const stranger = new AccountsClient(server.baseUrl)
  const [head, payload] = client.jwt?.split('.') ?? []
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
  for (const jwt of ['nonsense', `${head}.${payload}.forged`, `${none}.${payload}.`, token.token]) {
    stranger.jwt = jwt
    const { status, body } = await stranger.request('GET', '/get_profile/')
    expect([status, body]).toEqual([401, { detail: 'Error decoding signature.' }])
  }
  await server.db.query({ text: `update sessions set live_until = now() - interval '1 second' where kind = 'jwt'` })
  const over = await client.request('GET', '/get_profile/')
  expect([over.status, over.body]).toEqual([401, unauthorised])
})

test('an avatar is sent as a form, shown as an absolute URL, and taken away with null', async () => {
  await client.signIn(obtain.login, obtain.password)
  const { default: sharp } = await import('sharp')
  const png = await sharp({
    create: {
      width: 700,
      height: 500,
      channels: 3,
      background: '#000',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .png()
    .toBuffer()
  expect(png.length).toBeGreaterThan(500_000)
  const send = async (form: FormData) => {
    const response = await fetch(`${server.baseUrl}/update_profile/`, {
      method: 'PUT',
      body: form,
      headers: { authorization: `JWT ${client.jwt}` },
    })
    // biome-ignore lint/suspicious/noExplicitAny: whatever the server says; the test looks at it
    return { status: response.status, body: (await response.json()) as any }
  }
  const form = new FormData()
  form.set('first_name', 'Вася')
  form.set('avatar', new Blob([new Uint8Array(png)], { type: 'image/png' }), 'me.png')
  const { status, body } = await send(form)
  expect(status).toBe(200)
  expect(body.avatar).toMatch(new RegExp(`^${server.baseUrl}/media/avatars/[\\w-]+\\.webp$`))
  const picture = await fetch(body.avatar)
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/webp'])

  const bad = new FormData()
  bad.set('first_name', 'Mallory')
  bad.set('avatar', new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/png' }), 'me.png')
  expect(await send(bad)).toEqual({ status: 400, body: { avatar: [expect.stringContaining('valid image')] } })
  const other = new FormData()
  other.set('email', 'mallory@example.com')
  expect(await send(other)).toEqual({ status: 400, body: notEditable })

  // A form on which nobody chose a picture.
  const untouched = new FormData()
  untouched.set('first_name', 'Вася')
  untouched.set('avatar', new Blob([]), '')
  expect(await send(untouched)).toMatchObject({ status: 200, body: { avatar: body.avatar } })

  const removed = await client.request('PUT', '/update_profile/', { avatar: null })
  expect(removed.body).toMatchObject({ first_name: 'Вася', avatar: null })
  expect((await fetch(body.avatar)).status).toBe(404)
})

test('what is not there, and what is asked in a wrong way, is told in this contract’s shape', async () => {
  const nowhere = await client.request('GET', '/nowhere/')
  expect([nowhere.status, nowhere.body]).toEqual([404, { detail: 'Not found.' }])
  const method = await client.request('DELETE', '/get_profile/')
  expect([method.status, method.headers.allow, method.body]).toEqual([
    405,
    'GET, HEAD',
    { detail: 'Method "DELETE" not allowed.' },
  ])
  const invalid = await client.request('POST', '/create_user/', { email: 'no address' })
  expect([invalid.status, invalid.body]).toEqual([
    400,
    { email: ['Enter a valid email address.'], password: ['This field is required.'] },
  ])
})
