import { afterAll, describe, expect, test } from 'vitest'
import { REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import { startShopServer } from '../support/shop-server.ts'
import { ask, cookieIn, doorsOf, type Headers, newPerson, OWN_WAY, tokenFor, WAY_NAMES, WAYS } from './doors.ts'

// Whatever an attacker has put into a browser before its owner signs in, afterwards it is worth nothing.

const server = await startShopServer()
const doors = doorsOf(server)
const anna = await newPerson(server, 'anna')
const mallory = await newPerson(server, 'mallory')
afterAll(() => server.stop())

const PLANTED = 'planted-by-mallory-and-known-to-her-all-the-way'

/** Whoever shows it, in whatever way, to whichever contract: it is never Anna's. */
async function expectNotAnnas(token: string): Promise<void> {
  for (const door of Object.values(doors)) {
    for (const way of WAY_NAMES) {
      const answer = await door.readProfile(WAYS[way](token))
      expect(answer.text).not.toContain(anna.email)
    }
  }
}

describe.each(Object.values(doors))('$contract', (door) => {
  const isAnnas = async (token: string) => {
    const answer = await door.readProfile(WAYS[OWN_WAY[door.contract]](token))
    return answer.status === 200 && door.profileIn(answer).email === anna.email
  }

  test('every sign-in makes a token of its own', async () => {
    const tokens = [await tokenFor(door, anna), await tokenFor(door, anna), await tokenFor(door, anna)]
    expect(new Set(tokens).size).toBe(3)
    for (const token of tokens) expect(await isAnnas(token)).toBe(true)
  })

  test.each(WAY_NAMES)('a token that never was, in %s, does not become one by signing in with it', async (way) => {
    const answer = await door.signIn(anna.username, anna.password, WAYS[way](PLANTED))
    expect(answer.status).toBe(200)
    const token = door.tokenIn(answer) ?? ''
    expect(token).not.toContain(PLANTED)
    expect(await isAnnas(token)).toBe(true)
    await expectNotAnnas(PLANTED)
  })

  test.each(WAY_NAMES)('a session of the attacker’s own, in %s, does not become the victim’s', async (way) => {
    const planted = await tokenFor(way === 'Authorization: JWT' ? doors.accounts : doors.shop, mallory)
    const shown = WAYS[way](planted)
    const knownCsrf: Headers = { ...(await doors.shop.csrfFor(shown)), ...(await doors.whoami.csrfFor(shown)) }
    const answer = await door.signIn(anna.username, anna.password, shown)
    expect(answer.status).toBe(200)
    const token = door.tokenIn(answer) ?? ''
    expect(token).not.toBe(planted)
    expect(await isAnnas(token)).toBe(true)
    await expectNotAnnas(planted)
    // What Mallory may have learnt of CSRF tokens belongs to what she has planted.
    for (const each of Object.values(doors)) {
      const changed = await each.change({ ...WAYS['the cookie sessionid'](token), ...knownCsrf }, 'Mallory')
      expect([403, 401]).toContain(changed.status)
    }
    expect((await door.readProfile(WAYS[OWN_WAY[door.contract]](token))).text).not.toContain('Mallory')
  })

  test('signing in with a wrong password leaves the session that was there alone', async () => {
    const cookie = { cookie: `sessionid=${await tokenFor(doors.shop, anna)}` }
    const answer = await door.signIn(anna.username, 'wrong', cookie)
    expect(refusalIn(answer)).toEqual(REFUSALS[door.contract].wrongPassword)
    expect((await doors.shop.readProfile(cookie)).status).toBe(200)
  })

  test('no address and no body carries a credential', async () => {
    const token = await tokenFor(door, anna)
    const pairs = ['sessionid', 'SESSIONID', 'token', 'access_token', 'jwt', 'x-access-token', 'authorization']
    const query = pairs.map((name) => `${name}=${encodeURIComponent(token)}`).join('&')
    for (const path of ['/api/profile', '/api/v1/whoami', '/get_profile']) {
      const answer = await ask(server, 'GET', `${path}?${query}`, undefined)
      expect([401, 403]).toContain(answer.status)
    }
    const body = Object.fromEntries(pairs.map((name) => [name, token]))
    const changed = await ask(server, 'PATCH', '/update_profile', body)
    expect(refusalIn(changed)).toEqual(REFUSALS.accounts.notSignedIn)
  })
})

describe('the anonymous cookie', () => {
  test('of another form than ours is replaced', async () => {
    const cookie = `anonymousid=${PLANTED}`
    const answer = await ask(server, 'GET', '/api/v1/csrf', undefined, { cookie })
    expect(cookieIn(answer, 'anonymousid')).toMatch(/^[\w-]{22}$/)
    const headers = { cookie, 'x-csrf-token': answer.body.token }
    const { username, password } = anna
    const login = await ask(server, 'POST', '/api/v1/auth/login', { username, password }, headers)
    expect(refusalIn(login)).toEqual(REFUSALS.whoami.csrfIncorrect)
  })

  test('is nobody, to every contract and in every way', async () => {
    const answer = await ask(server, 'GET', '/api/v1/csrf', undefined)
    const value = cookieIn(answer, 'anonymousid') ?? ''
    expect(value).toMatch(/^[\w-]{22}$/)
    for (const token of [value, answer.body.token]) {
      for (const door of Object.values(doors)) {
        for (const way of WAY_NAMES) {
          const { notSignedIn, badJwt } = REFUSALS[door.contract]
          const expected = way === 'Authorization: JWT' ? badJwt : notSignedIn
          expect(refusalIn(await door.readProfile(WAYS[way](token)))).toEqual(expected)
        }
        const cookie = `anonymousid=${token}`
        expect(refusalIn(await door.readProfile({ cookie }))).toEqual(REFUSALS[door.contract].notSignedIn)
      }
    }
  })

  test('that was planted, with the token that goes with it, is worth nothing once its victim has signed in', async () => {
    const cookie = 'anonymousid=planted-by-mallory-000'
    const planted = await ask(server, 'GET', '/api/v1/csrf', undefined, { cookie })
    const ticket = { 'x-csrf-token': planted.body.token }
    const { username, password } = anna
    const login = await ask(server, 'POST', '/api/v1/auth/login', { username, password }, { cookie, ...ticket })
    expect(login.status).toBe(200)
    const shown: Headers[] = [
      { 'x-access-token': login.body.token, cookie },
      { cookie: `${cookie}; sessionid=${login.body.token}` },
      { authorization: `Bearer ${login.body.token}` },
    ]
    for (const headers of shown) {
      const changed = await doors.whoami.change({ ...headers, ...ticket }, 'Mallory')
      expect(refusalIn(changed)).toEqual(REFUSALS.whoami.csrfIncorrect)
    }
    expect(refusalIn(await doors.whoami.readProfile({ cookie }))).toEqual(REFUSALS.whoami.notSignedIn)
  })
})
