import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WhoamiClient } from '../support/other-clients.ts'
import { register, ShopClient } from '../support/shop-client.ts'
import { type ShopServer, startShopServer } from '../support/shop-server.ts'

// Every exchange that docs/contracts/source/whoami-profile.md prints, run as written.

const document = readFileSync(new URL('../../docs/contracts/source/whoami-profile.md', import.meta.url), 'utf8')
/** The JSON blocks in their order; the first, the schema, has comments. */
const [schema = '', ...printed] = [...document.matchAll(/```jsonc?\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
const [invalidToken, immutable, invalidTokenAgain, changePassword, ok, differ, invalidTokenAtLast] = printed.map(
  (text) => JSON.parse(text),
)
const FIELDS = [...schema.matchAll(/^ {2}"(\w+)"/gm)].map((match) => match[1])

let server: ShopServer
let anna: WhoamiClient
let password: string

beforeAll(async () => {
  server = await startShopServer()
  password = (await register(new ShopClient(server.baseUrl), 'anna')).password
  anna = new WhoamiClient(server.baseUrl)
})
afterAll(() => server.stop())

test('the document prints this much', () => {
  expect(FIELDS).toEqual(['email', 'first_name', 'last_name', 'username', 'address', 'telephone_number', 'first_join'])
  expect(printed).toHaveLength(7)
  expect([invalidToken, invalidTokenAgain, invalidTokenAtLast]).toEqual(
    Array(3).fill({ status: 203, message: 'Invalid access token' }),
  )
})

test('a CSRF token for who is not signed in yet, and an access token for who knows the password', async () => {
  const ticket = await anna.get('/api/v1/token')
  expect([ticket.status, ticket.body]).toEqual([200, { status: 0, message: 'OK', token: expect.any(String) }])
  expect(ticket.headers['set-cookie']?.[0]).toMatch(
    /^anonymousid=[\w-]+; Max-Age=600; Path=\/api\/v1; HttpOnly; SameSite=Lax$/,
  )
  const wrong = await anna.signIn('anna', 'wrong')
  expect([wrong.status, wrong.body]).toEqual([401, { status: 301, message: 'Authentication failed' }])
  const right = await anna.signIn('ANNA@example.com', password)
  expect([right.status, right.body]).toEqual([200, { status: 0, message: 'OK', token: expect.any(String) }])
})

describe('GET /', () => {
  test('the profile, in the order of the schema, unset optional fields null', async () => {
    const { status, body } = await anna.get('/api/v1/whoami/')
    expect(status).toBe(200)
    expect(Object.keys(body)).toEqual(FIELDS)
    expect(body).toMatchObject({
      email: 'anna@example.com',
      first_name: 'anna',
      username: 'anna',
      address: null,
      telephone_number: null,
    })
    expect(new Date(body.first_join).toISOString()).toBe(body.first_join)
  })

  test('without an access token, or with a bad one', async () => {
    const stranger = new WhoamiClient(server.baseUrl)
    for (const token of [undefined, 'bad']) {
      stranger.accessToken = token
      const { status, body } = await stranger.get('/api/v1/whoami')
      expect([status, body]).toEqual([401, invalidToken])
    }
  })
})

describe('PATCH /', () => {
  const patch = (json: unknown, who = anna) => who.change('PATCH', '/api/v1/whoami', json)

  test('changes what it names and answers the profile', async () => {
    const before = (await anna.get('/api/v1/whoami')).body
    const change = { last_name: 'Nowak', address: 'Długa 1', telephone_number: '+48 600 100 200' }
    const { status, body } = await patch(change)
    expect([status, body]).toEqual([200, { ...before, ...change }])
    expect((await patch({ address: null, telephone_number: '' })).body).toEqual({ ...before, last_name: 'Nowak' })
  })

  test('email and first_join are immutable; naming them as they are changes nothing', async () => {
    const before = (await anna.get('/api/v1/whoami')).body
    const others = [null, '', ' ', 'x'.repeat(300)]
    // The e-mail is mandatory, too: that it never changes is said first.
    for (const email of ['new@example.com', before.email.toUpperCase(), ...others]) {
      const { status, body } = await patch({ first_name: 'Changed', email, last_name: null })
      expect([status, body]).toEqual([400, immutable])
    }
    for (const first_join of ['2020-01-01T00:00:00.000Z', ...others]) {
      const { status, body } = await patch({ first_name: 'Changed', first_join })
      expect([status, body]).toEqual([400, immutable])
    }
    expect((await anna.get('/api/v1/whoami')).body).toEqual(before)
    const { email, first_join } = before
    expect((await patch({ email, first_join })).body).toEqual(before)
  })

  test('a mandatory field cannot be cleared, and nothing else changes with it', async () => {
    const before = (await anna.get('/api/v1/whoami')).body
    for (const field of ['first_name', 'last_name', 'username']) {
      for (const value of [null, '', ' ']) {
        if (before[field] === value) continue // saying what is so changes nothing
        const { status, body } = await patch({ address: 'Elsewhere', [field]: value })
        expect([status, body]).toEqual([400, { status: 103, message: `${field} is required` }])
      }
    }
    expect((await anna.get('/api/v1/whoami')).body).toEqual(before)
  })

  test('a taken username', async () => {
    await register(new ShopClient(server.baseUrl), 'jan')
    const { status, body } = await patch({ username: 'JAN' })
    expect([status, body]).toEqual([400, { status: 208, message: 'username already registered' }])
  })

  test('without an access token', async () => {
    const { status, body } = await patch({ first_name: 'Mallory' }, new WhoamiClient(server.baseUrl))
    expect([status, body]).toEqual([401, invalidTokenAgain])
  })

  test('without its CSRF token, whatever the credential', async () => {
    const jan = new WhoamiClient(server.baseUrl)
    await jan.signIn('jan', 'jan-likes-tents')
    const forged = [undefined, 'forged', await jan.csrfToken(), await new WhoamiClient(server.baseUrl).csrfToken()]
    for (const ticket of forged) {
      const headers = { ...anna.credentials, 'x-csrf-token': ticket }
      const { status, body } = await anna.browser.patch('/api/v1/whoami', { first_name: 'Mallory' }, { headers })
      expect([status, body]).toEqual([403, { status: 202, message: 'Invalid CSRF token' }])
    }
    expect((await anna.get('/api/v1/whoami')).body.first_name).toBe('anna')
  })
})

describe('POST /change-password', () => {
  const change = (json: object, who = anna) =>
    who.change('POST', '/api/v1/whoami/change-password', { ...changePassword, ...json })

  test('the two new ones differ', async () => {
    const { status, body } = await change({ password, new_password: 'one-of-them', new_password_again: 'the-other' })
    expect([status, body]).toEqual([400, differ])
  })

  test('the current one is wrong, or the new one too weak', async () => {
    const wrong = await change({ new_password: 'good-enough', new_password_again: 'good-enough' })
    expect([wrong.status, wrong.body.status]).toEqual([401, 301])
    const weak = await change({ password, new_password: 'abc', new_password_again: 'abc' })
    expect([weak.status, weak.body.status]).toEqual([400, 212])
  })

  test('without an access token', async () => {
    const { status, body } = await change({}, new WhoamiClient(server.baseUrl))
    expect([status, body]).toEqual([401, invalidTokenAtLast])
  })

  test('the token in use stays good, all else is revoked', async () => {
    const phone = new WhoamiClient(server.baseUrl)
    await phone.signIn('anna', password)
    const { status, body } = await change({ password, new_password: 'good-enough', new_password_again: 'good-enough' })
    expect([status, body]).toEqual([200, ok])
    expect((await anna.get('/api/v1/whoami')).status).toBe(200)
    expect((await phone.get('/api/v1/whoami')).status).toBe(401)
    expect((await phone.signIn('anna', password)).status).toBe(401)
    expect((await phone.signIn('anna', 'good-enough')).status).toBe(200)
  })
})

test('revoking ends the token, and always succeeds', async () => {
  for (let i = 0; i < 2; i++) {
    const { status, body } = await anna.get('/api/v1/auth/revoke')
    expect([status, body]).toEqual([200, ok])
    expect((await anna.get('/api/v1/whoami')).status).toBe(401)
  }
})

test('what is not there, and what is asked in a wrong way, is told in this contract’s shape', async () => {
  const nowhere = await anna.get('/api/v1/nowhere')
  expect([nowhere.status, nowhere.body]).toEqual([404, { status: 211, message: 'No such endpoint' }])
  const method = await anna.browser.delete('/api/v1/whoami')
  expect([method.status, method.headers.allow, method.body.status]).toEqual([405, 'GET, HEAD, PATCH', 211])
  const client = new WhoamiClient(server.baseUrl)
  const headers = { 'x-csrf-token': await client.csrfToken() }
  const login = (options: object) => client.browser.request('POST', '/api/v1/auth/login', { headers, ...options })
  const malformed = await login({ raw: '{', headers: { ...headers, 'content-type': 'application/json' } })
  expect([malformed.status, malformed.body.status]).toEqual([400, 199])
  const media = await login({ raw: 'x', headers: { ...headers, 'content-type': 'text/plain' } })
  expect([media.status, media.body]).toEqual([415, { status: 199, message: 'Unsupported media type "text/plain"' }])
  const large = await login({ raw: 'x'.repeat(100_000), headers: { ...headers, 'content-type': 'application/json' } })
  expect([large.status, large.body.status]).toEqual([413, 199])
  const missing = await login({ json: { username: 'anna' } })
  expect([missing.status, missing.body]).toEqual([400, { status: 103, message: 'password is required' }])
})
