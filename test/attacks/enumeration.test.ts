import { afterAll, describe, expect, test } from 'vitest'
import { blockCustomer } from '../../server/src/identity/index.ts'
import { REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import type { Answer } from '../support/shop-client.ts'
import { startShopServer } from '../support/shop-server.ts'
import { ask, doorsOf, newPerson, OWN_WAY, tokenFor, WAYS } from './doors.ts'

// Whether somebody is a customer is nothing that a stranger learns at the sign-in: not by a word, a header or a wait.

const server = await startShopServer()
const doors = doorsOf(server)
const anna = await newPerson(server, 'anna')
const banned = await newPerson(server, 'banned')
await blockCustomer(server.db, banned.username)
afterAll(() => server.stop())

/** All a client can see but what differs between any two answers. */
function visible({ status, headers, text }: Answer): unknown {
  const { date: _, 'x-request-id': __, ...rest } = headers
  return { status, text, headers: rest }
}

describe.each(Object.values(doors))('$contract', (door) => {
  test('answers the same, whether the name or the password is wrong', async () => {
    const wrong = await door.signIn(anna.username, 'wrong-password')
    expect(refusalIn(wrong)).toEqual(REFUSALS[door.contract].wrongPassword)
    const tries = [
      [anna.email, 'wrong-password'],
      [anna.username.toUpperCase(), 'wrong-password'],
      [anna.username, anna.password.toUpperCase()],
      [anna.username, `${anna.password} `],
      [anna.username, ''],
      [anna.username, 'x'.repeat(1_024)],
      ['nobody', 'wrong-password'],
      ['nobody', anna.password],
      [banned.username, banned.password],
      [banned.email, banned.password],
      [banned.username, 'wrong-password'],
      ['nobody@example.com', anna.password],
      ['', ''],
      ['nobody', ''],
      ['nobody', 'x'.repeat(1_024)],
      ["' or 1=1 --", 'x'],
      ['x'.repeat(254), 'x'],
      ['%', '%'],
    ] as const
    for (const [name, password] of tries) {
      expect([name, visible(await door.signIn(name, password))]).toEqual([name, visible(wrong)])
    }
  })

  test('takes the same time', async () => {
    // A flake is next to impossible: whatever else the machine does only adds to a try, so the quickest of each kind are
    // compared; and a try without a password to check takes a few milliseconds where one with it takes tens.
    const times = { known: [] as number[], unknown: [] as number[] }
    for (let i = 0; i < 30; i++) {
      for (const [kind, name] of [
        ['known', anna.username],
        ['unknown', `nobody-${i}`],
      ] as const) {
        const start = performance.now()
        await door.signIn(name, 'wrong-password')
        times[kind].push(performance.now() - start)
      }
    }
    const [known, unknown] = [Math.min(...times.known), Math.min(...times.unknown)]
    expect(Math.max(known, unknown) / Math.min(known, unknown)).toBeLessThan(2)
  })
})

describe('where customers were moved in with hashes that are dear to check', async () => {
  const moved = await startShopServer()
  afterAll(() => moved.stop())
  const berta = await newPerson(moved, 'berta')
  // All of them: to have signed in here renews a hash, so it may be told from the time, but not who is a customer.
  const hash = `pbkdf2_sha256$300000$c2FsdHlzYWx0$${'A'.repeat(43)}=`
  await moved.db.query({ text: 'update customers set password_hash = $1', values: [hash] })

  test.each(Object.values(doorsOf(moved)))('$contract takes the same time for one who is none', async (door) => {
    // By the quickest, as above. Without a stand-in one took ten times as long as the other.
    const times = { known: [] as number[], unknown: [] as number[] }
    for (let i = 0; i < 7; i++) {
      for (const [kind, name] of [
        ['known', berta.username],
        ['unknown', `nobody-${i}`],
      ] as const) {
        const start = performance.now()
        const answer = await door.signIn(name, 'wrong-password')
        times[kind].push(performance.now() - start)
        expect(refusalIn(answer)).toEqual(REFUSALS[door.contract].wrongPassword)
      }
    }
    const [known, unknown] = [Math.min(...times.known), Math.min(...times.unknown)]
    expect(Math.max(known, unknown) / Math.min(known, unknown)).toBeLessThan(3)
  })

  test('many tries at once queue up alike', async () => {
    const door = doorsOf(moved).accounts
    const timeOf = async (name: string) => {
      const start = performance.now()
      const answers = await Promise.all(Array.from({ length: 6 }, () => door.signIn(name, 'wrong-password')))
      for (const answer of answers) expect(refusalIn(answer)).toEqual(REFUSALS.accounts.wrongPassword)
      return performance.now() - start
    }
    const times = { known: [] as number[], unknown: [] as number[] }
    for (let i = 0; i < 3; i++) {
      times.known.push(await timeOf(berta.username))
      times.unknown.push(await timeOf('nobody'))
    }
    const [known, unknown] = [Math.min(...times.known), Math.min(...times.unknown)]
    expect(Math.max(known, unknown) / Math.min(known, unknown)).toBeLessThan(3)
  })
})

test('a change of password does not tell whose name or whose password was wrong', async () => {
  const other = await newPerson(server, 'other')
  const shown = WAYS[OWN_WAY.shop](await tokenFor(doors.shop, anna))
  const headers = { ...shown, ...(await doors.shop.csrfFor(shown)) }
  for (const [username, password] of [
    [anna.username, 'wrong-password'],
    [other.username, other.password],
    [other.username, anna.password],
    ['nobody', anna.password],
  ] as const) {
    const answer = await doors.shop.changePassword?.(headers, { ...anna, username }, password, 'only-dark-side')
    expect([username, answer && refusalIn(answer)]).toEqual([username, REFUSALS.shop.wrongPassword])
  }
})

test('somebody else’s ids are answered like ids that nobody has', async () => {
  const other = await newPerson(server, 'third')
  const shown = WAYS[OWN_WAY.shop](await tokenFor(doors.shop, anna))
  const headers = { ...shown, ...(await doors.shop.csrfFor(shown)) }
  const others = WAYS[OWN_WAY.shop](await tokenFor(doors.shop, other))
  const [session] = (await ask(server, 'GET', '/api/sessions', undefined, others)).body.results
  const { uuid } = (await doors.shop.readProfile(others)).body.results[0]
  const profile = { username: 'x', email: 'x@example.com' }
  const ask404 = async (path: (id: string) => string, method: string, body?: object) => {
    const answers = []
    for (const id of [session.session_uuid, uuid, '8b2de2bf-b04a-4674-bf92-f0e4c727720b', 'x']) {
      answers.push(visible(await ask(server, method, path(id), body, headers)))
    }
    expect(answers).toEqual(Array(4).fill(answers[3]))
    expect(answers[3]).toMatchObject({ status: 404 })
  }
  await ask404((id) => `/api/sessions/${id}`, 'DELETE')
  await ask404((id) => `/api/profile/${id}`, 'PUT', profile)
  expect((await doors.shop.readProfile(others)).status).toBe(200)
})
