import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { makeCsrfTokens } from '../../server/src/contracts/http/session-csrf.ts'
import { makeCsrfTickets } from '../../server/src/contracts/whoami/index.ts'
import { type Contract, REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import { send } from '../support/shop-client.ts'
import { startShopServer } from '../support/shop-server.ts'
import { digestOf } from '../support/shop-world.ts'
import {
  ask,
  CONTRACTS,
  cookieIn,
  type Door,
  doorsOf,
  type Headers,
  newPerson,
  sessionCsrf,
  tokenFor,
  WAY_NAMES,
  WAYS,
  type Way,
} from './doors.ts'

// What another site can make a browser send changes nothing, and what a browser cannot be tricked into needs no token.

const server = await startShopServer()
const doors = doorsOf(server)
const anna = await newPerson(server, 'anna')
const berta = await newPerson(server, 'berta')
afterAll(() => server.stop())
afterEach(() => void vi.useRealTimers())

const CSRF_HEADER = { shop: 'x-csrftoken', whoami: 'x-csrf-token', accounts: 'x-csrftoken' } as const
const MINUTE_MS = 60_000
const OTHER_KEYS = ['a-key-of-somebody-else-who-tries-this-too']

/** Browsers send cookies unasked; the shop's documents want it with their header as well, and whoami's with everything. */
const isDemanded = (asked: Contract, way: Way) =>
  asked === 'whoami' || way === 'the cookie sessionid' || way === 'the header SESSIONID'

const TABLE = CONTRACTS.flatMap((asked) => WAY_NAMES.map((way) => [asked, way] as const))

/** Anna's token for this way, a JWT where one is wanted. */
const annasToken = (way: Way) => tokenFor(way === 'Authorization: JWT' ? doors.accounts : doors.shop, anna)

/** The values an attacker may come by, by their stories. */
async function badTokens(asked: Contract, token: string, shown: Headers): Promise<Record<string, string>> {
  const door = doors[asked]
  const header = CSRF_HEADER[asked]
  const csrfOf = async (headers: Headers) => (await door.csrfFor(headers))[header] ?? ''
  const own = await csrfOf({ sessionid: token })
  const other = await tokenFor(doors.shop, berta)
  const over = await tokenFor(doors.shop, anna)
  const ofOver = await csrfOf({ sessionid: over })
  await doors.shop.signOut?.({ sessionid: over })
  const anonymous = await ask(server, 'GET', '/api/v1/csrf', undefined)
  const nowSeconds = Date.now() / 1_000
  const [endsAt, signature] = own.split('.')
  return {
    nonsense: 'x',
    'nonsense of the right length': 'x'.repeat(own.length),
    'one letter too many': `${own}x`,
    'one letter less': own.slice(0, -1),
    'another case': own.toUpperCase(),
    'the session itself': token.slice(0, 200),
    'that of another customer': await csrfOf({ sessionid: other }),
    'that of a session of the same customer that is over': ofOver,
    'that of nobody': anonymous.body.token,
    'that of an empty session': makeCsrfTokens(server.config.secretKeys).of(''),
    'that of another contract':
      asked === 'whoami' ? (sessionCsrf(server, { sessionid: token })['x-csrftoken'] ?? '') : anonymous.body.token,
    'one signed with another key': makeCsrfTokens(OTHER_KEYS).of(token),
    'a ticket signed with another key': makeCsrfTickets(OTHER_KEYS).make(`credential ${token}`, nowSeconds),
    'a ticket that says it lasts longer': `${Number(endsAt) + 600}.${signature}`,
    'a ticket without an end': `Infinity.${signature}`,
    'a ticket that was good ten minutes ago': makeCsrfTickets(server.config.secretKeys).make(
      `credential ${token}`,
      nowSeconds - 600,
    ),
    ...(shown.cookie && { 'two of them': `${own}, ${own}` }),
  }
}

describe.each(TABLE)('%s, asked with a session in %s', async (asked, way) => {
  const door = doors[asked]
  const token = await annasToken(way)
  const shown = WAYS[way](token)
  const { csrfMissing, csrfIncorrect } = REFUSALS[asked]
  const rowOf = async () => (await door.readProfile(shown)).text

  test(isDemanded(asked, way) ? 'wants a CSRF token, and the right one' : 'wants no CSRF token', async () => {
    const bad = await badTokens(asked, token, shown)
    const before = await rowOf()
    for (const [story, value] of Object.entries(bad)) {
      const answer = await door.change({ ...shown, [CSRF_HEADER[asked]]: value }, 'Mallory')
      if (isDemanded(asked, way)) expect([story, refusalIn(answer)]).toEqual([story, csrfIncorrect])
      else expect([story, answer.status]).toEqual([story, 200])
    }
    const elsewhere = asked === 'whoami' ? sessionCsrf(server, { sessionid: token }) : await doors.whoami.csrfFor(shown)
    for (const none of [{}, { [CSRF_HEADER[asked]]: '' }, elsewhere]) {
      const answer = await door.change({ ...shown, ...none }, 'Mallory')
      if (isDemanded(asked, way)) expect(refusalIn(answer)).toEqual(csrfMissing)
      else expect(answer.status).toBe(200)
    }
    if (isDemanded(asked, way)) expect(await rowOf()).toBe(before)
    const good = await door.change({ ...shown, ...(await door.csrfFor(shown)) }, `Honest ${way}`)
    expect([good.status, good.body.last_name]).toEqual([200, `Honest ${way}`])
  })

  test('hears the same when the CSRF token is not its only mistake: a stranger is one first', async () => {
    const over = WAYS[way](await annasToken(way))
    await doors.shop.signOut?.(over)
    for (const csrf of [{}, { [CSRF_HEADER[asked]]: 'x' }, await door.csrfFor(over)]) {
      expect(refusalIn(await door.change({ ...over, ...csrf }, 'Mallory'))).toEqual(REFUSALS[asked].notSignedIn)
    }
  })
})

describe.each(Object.values(doors))('$contract', (door) => {
  test('a cookie wants its CSRF token whatever else stands in the headers', async () => {
    const cookie = `sessionid=${await tokenFor(doors.shop, anna)}`
    const before = await door.readProfile({ cookie })
    const beside: Headers[] = [
      { authorization: 'Basic YW5uYTphbm5h' },
      { authorization: 'Bearer' },
      { authorization: 'Bearer ' },
      { authorization: 'JWT' },
      { authorization: `Bearer ${'x'.repeat(5_000)}` },
      { 'x-access-token': '' },
      { 'x-access-token': 'x'.repeat(5_000) },
      { origin: server.baseUrl, 'sec-fetch-site': 'same-origin' },
      { 'x-requested-with': 'XMLHttpRequest' },
      { 'x-http-method-override': 'GET' },
    ]
    for (const headers of beside) {
      const answer = await door.change({ cookie, ...headers }, 'Mallory')
      expect([headers, refusalIn(answer)]).toEqual([headers, REFUSALS[door.contract].csrfMissing])
    }
    expect((await door.readProfile({ cookie })).text).toBe(before.text)
  })

  test('a cookie csrftoken that somebody planted is no proof of anything', async () => {
    const cookie = `csrftoken=planted; csrf=planted; sessionid=${await tokenFor(doors.shop, anna)}`
    const answer = await door.change({ cookie, [CSRF_HEADER[door.contract]]: 'planted' }, 'Mallory')
    expect(refusalIn(answer)).toEqual(REFUSALS[door.contract].csrfIncorrect)
  })

  test('the CSRF token of a session before a new sign-in is not that of the session after it', async () => {
    const [first, second] = [await tokenFor(doors.shop, anna), await tokenFor(doors.shop, anna)]
    const stale = await door.csrfFor(WAYS['the cookie sessionid'](first))
    const answer = await door.change({ ...WAYS['the cookie sessionid'](second), ...stale }, 'Mallory')
    expect(refusalIn(answer)).toEqual(REFUSALS[door.contract].csrfIncorrect)
  })
})

describe('whoami’s tokens', () => {
  test('are good for ten minutes', async () => {
    const shown = { 'x-access-token': await tokenFor(doors.whoami, anna) }
    const ticket = await doors.whoami.csrfFor(shown)
    const now = Date.now()
    for (const [later, status] of [
      [9 * MINUTE_MS + 58_000, 200],
      [10 * MINUTE_MS, 403],
      [24 * 60 * MINUTE_MS, 403],
    ] as const) {
      vi.useFakeTimers({ toFake: ['Date'], now: now + later })
      expect([later, (await doors.whoami.change({ ...shown, ...ticket }, 'Later')).status]).toEqual([later, status])
    }
  })

  const login = (headers: Headers) =>
    ask(server, 'POST', '/api/v1/auth/login', { username: anna.username, password: anna.password }, headers)
  async function anonymous(): Promise<{ cookie: string; 'x-csrf-token': string }> {
    const answer = await ask(server, 'GET', '/api/v1/token', undefined)
    return { cookie: `anonymousid=${cookieIn(answer, 'anonymousid')}`, 'x-csrf-token': answer.body.token }
  }

  test('of nobody sign in, with the cookie they came with and with no other', async () => {
    const [mine, others] = [await anonymous(), await anonymous()]
    const session = WAYS['the cookie sessionid'](await tokenFor(doors.shop, berta))
    const ofSession = await doors.whoami.csrfFor(session)
    const before = await digestOf(server)
    const forged: Record<string, Headers> = {
      'no token': { cookie: mine.cookie },
      'no cookie': { 'x-csrf-token': mine['x-csrf-token'] },
      'an empty cookie': { ...mine, cookie: 'anonymousid=' },
      'the cookie of another': { ...mine, cookie: others.cookie },
      'the token of another': { ...mine, ...{ 'x-csrf-token': others['x-csrf-token'] } },
      'the token of a session, without it': { ...ofSession },
      'the token of a session, with an anonymous cookie': { ...mine, ...ofSession },
      'an anonymous token with a session beside it': { ...mine, cookie: `${mine.cookie}; ${session.cookie}` },
      'an anonymous token with a credential': { ...mine, authorization: 'Bearer x' },
      'the cookie’s own value for a token': { ...mine, 'x-csrf-token': mine.cookie.split('=')[1] },
    }
    for (const [story, headers] of Object.entries(forged)) {
      expect([story, refusalIn(await login(headers)).body]).toEqual([story, REFUSALS.whoami.csrfIncorrect.body])
    }
    expect(await digestOf(server)).toEqual(before)
    expect((await login(mine)).status).toBe(200)
  })

  test('of nobody are over after ten minutes too', async () => {
    const mine = await anonymous()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * MINUTE_MS })
    expect(refusalIn(await login(mine))).toEqual(REFUSALS.whoami.csrfIncorrect)
  })

  test('are read by no other site’s script', async () => {
    for (const path of ['/api/v1/token', '/api/v1/csrf', '/get_profile', '/api/profile', '/api/v1/whoami']) {
      for (const method of ['GET', 'OPTIONS']) {
        const preflight = { 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'x-csrf-token' }
        const { headers } = await ask(server, method, path, undefined, { origin: 'https://evil.example', ...preflight })
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
      }
    }
  })
})

test.each(['PUT', 'PATCH'])(
  'a form by %s, which another site’s page can send, wants the CSRF token as well',
  async (method) => {
    const cookie = `sessionid=${await tokenFor(doors.shop, anna)}`
    const before = await digestOf(server)
    const type = 'multipart/form-data; boundary=x'
    const form = '--x\r\ncontent-disposition: form-data; name="last_name"\r\n\r\nMallory\r\n--x--\r\n'
    const put = (headers: Headers) =>
      send(server.baseUrl, method, '/update_profile/', form, { 'content-type': type, cookie, ...headers })
    expect(refusalIn(await put({}))).toEqual(REFUSALS.accounts.csrfMissing)
    expect(refusalIn(await put({ 'x-csrftoken': 'x' }))).toEqual(REFUSALS.accounts.csrfIncorrect)
    expect(await digestOf(server)).toEqual(before)
    expect((await put(sessionCsrf(server, { cookie }))).status).toBe(200)
  },
)

describe('another site', () => {
  const own = server.baseUrl
  const { port } = new URL(own)
  const FOREIGN: readonly Headers[] = [
    ...['https://evil.example', 'null', '', 'garbage', `${own}.evil.example`, `${own}/`, `https://127.0.0.1:${port}`],
    ...[
      'http://127.0.0.1',
      `http://127.0.0.1:${Number(port) + 1}`,
      `http://user@127.0.0.1:${port}`,
      `${own} https://evil.example`,
    ],
  ]
    .map((origin): Headers => ({ origin }))
    .concat(
      [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }],
      // A navigation, as behind a link, and a frame.
      [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
      [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
      [{ origin: 'https://evil.example', host: new URL(own).host, referer: `${own}/docs` }],
    )
  const OWN: readonly Headers[] = [
    {},
    { origin: own },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
  ]

  async function expectRefused(door: Door, request: (headers: Headers) => Promise<Parameters<typeof refusalIn>[0]>) {
    const before = await digestOf(server)
    for (const headers of FOREIGN) {
      const answer = await request(headers)
      expect([headers, refusalIn(answer)]).toEqual([headers, REFUSALS[door.contract].crossSite])
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    expect(await digestOf(server)).toEqual(before)
  }

  let made = 0
  const all = Object.values(doors)

  describe('signs nobody in', () => {
    test.each(all)('through $contract', async (door) => {
      await expectRefused(door, (headers) => door.signIn(anna.username, anna.password, headers))
      for (const headers of OWN) expect((await door.signIn(anna.username, anna.password, headers)).status).toBe(200)
    })
  })

  describe('registers nobody', () => {
    test.each([doors.shop, doors.accounts])('through $contract', async (door) => {
      const newcomer = () => ({ username: `m-${++made}`, email: `m-${made}@example.com`, password: 'likes-tents' })
      await expectRefused(door, (headers) => door.register(newcomer(), headers))
      for (const headers of OWN) expect((await door.register(newcomer(), headers)).status).toBeLessThan(300)
    })
  })

  describe('signs nobody out', () => {
    test.each(all.filter(({ signOut }) => signOut))('through $contract', async (door) => {
      const cookie = `sessionid=${await tokenFor(doors.shop, anna)}`
      await expectRefused(door, (headers) => door.signOut?.({ cookie, ...headers }) as never)
      expect((await doors.shop.readProfile({ cookie })).status).toBe(200)
      for (const headers of OWN) {
        const other = `sessionid=${await tokenFor(doors.shop, anna)}`
        expect((await door.signOut?.({ cookie: other, ...headers }))?.status).toBe(200)
        expect((await doors.shop.readProfile({ cookie: other })).status).toBe(403)
      }
    })
  })
})
