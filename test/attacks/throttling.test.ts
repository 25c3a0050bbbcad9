import { afterAll, describe, expect, test } from 'vitest'
import { flawInRefusal, REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import type { Answer } from '../support/shop-client.ts'
import { startShopServer } from '../support/shop-server.ts'
import { type Door, doorsOf, type Headers, newPerson, tokenFor, WAYS } from './doors.ts'

// Guesses count together, whichever contract they come through and whichever name they use.

const server = await startShopServer({ env: { THROTTLE: 'on', TRUST_PROXY: 'loopback' } })
const doors = doorsOf(server)
const all = Object.values(doors)
const OPENS = { shop: 200, whoami: 200, accounts: 200 }
afterAll(() => server.stop())

let made = 0
/** From an address of its own each, so that no test uses up what another may try. */
const newAddress = (): Headers => ({ 'x-forwarded-for': `198.51.${Math.floor(++made / 250)}.${(made % 250) + 1}` })
const somebody = () => newPerson(server, `anna-${++made}`)
const doorAt = (i: number): Door => all[i % all.length] as Door

function expectThrottled(door: Door, answer: Answer, secondsMax: number): void {
  const seconds = Number(answer.headers['retry-after'])
  expect(refusalIn(answer)).toEqual(REFUSALS[door.contract].throttled(answer.headers['retry-after']))
  expect(flawInRefusal(answer, door.contract)).toBeUndefined()
  expect([seconds > 0, seconds <= secondsMax, Number.isInteger(seconds)]).toEqual([true, true, true])
}

/** Wrong passwords, one after the other, by turns through all contracts and by both names. */
async function guess(count: number, names: readonly string[], from: (i: number) => Headers): Promise<void> {
  for (let i = 0; i < count; i++) {
    const door = doorAt(i)
    const answer = await door.signIn(names[Math.floor(i / 3) % names.length] ?? '', `guess-${i}`, from(i))
    expect([i, refusalIn(answer)]).toEqual([i, REFUSALS[door.contract].wrongPassword])
  }
}

describe('ten guesses at one customer from one address', () => {
  test('count together over the contracts, and then right or wrong is not looked at in any', async () => {
    const [anna, berta, here, there] = [await somebody(), await somebody(), newAddress(), newAddress()]
    await guess(10, [anna.username, anna.username.toUpperCase()], () => here)
    for (const door of all) {
      for (const name of [anna.username, anna.username.toUpperCase()]) {
        for (const password of ['guess', anna.password]) {
          expectThrottled(door, await door.signIn(name, password, here), 15 * 60)
        }
      }
      // Neither is anybody else stopped here, nor Anna elsewhere.
      expect((await door.signIn(berta.username, berta.password, here)).status).toBe(OPENS[door.contract])
      expect((await door.signIn(anna.username, anna.password, there)).status).toBe(OPENS[door.contract])
    }
  })

  test('do not tell that a username and an e-mail are one customer’s', async () => {
    const [anna, here] = [await somebody(), newAddress()]
    await guess(10, [anna.email], () => here)
    for (const door of all) {
      expect(refusalIn(await door.signIn(anna.username, 'guess', here))).toEqual(REFUSALS[door.contract].wrongPassword)
    }
  })

  test('are ten for a name that is nobody’s as well: the limit does not tell who is a customer', async () => {
    const here = newAddress()
    await guess(10, ['nobody-at-all'], () => here)
    for (const door of all) expectThrottled(door, await door.signIn('nobody-at-all', 'guess', here), 15 * 60)
  })

  test.each(all)('are forgiven by a right password through $contract', async (door) => {
    const [anna, here] = [await somebody(), newAddress()]
    await guess(9, [anna.username], () => here)
    expect((await door.signIn(anna.username, anna.password, here)).status).toBe(OPENS[door.contract])
    await guess(10, [anna.username], () => here)
    expectThrottled(door, await door.signIn(anna.username, anna.password, here), 15 * 60)
  })

  test('count when a password is changed, too, and its right owner is stopped as everybody is', async () => {
    const [anna, here] = [await somebody(), newAddress()]
    const changers = all.filter((door) => door.changePassword)
    expect(changers.map(({ contract }) => contract)).toEqual(['shop', 'whoami'])
    const shown = new Map<Door, Headers>()
    for (const door of changers) {
      const own = WAYS['the cookie sessionid'](await tokenFor(doors.shop, anna))
      shown.set(door, { ...own, ...(await door.csrfFor(own)), ...here })
    }
    const change = (door: Door, name: string, password: string) =>
      door.changePassword?.(
        shown.get(door) ?? {},
        { ...anna, username: name },
        password,
        'only-dark-side',
      ) as Promise<Answer>
    for (let i = 0; i < 6; i++) {
      const door = changers[i % 2] as Door
      const answer = await change(door, i === 2 ? 'nobody' : anna.username, i === 2 ? anna.password : `guess-${i}`)
      expect([i, refusalIn(answer)]).toEqual([i, REFUSALS[door.contract].wrongPassword])
    }
    await guess(4, [anna.username], () => here)
    for (const door of changers) expectThrottled(door, await change(door, anna.username, anna.password), 15 * 60)
    for (const door of all) expectThrottled(door, await door.signIn(anna.username, anna.password, here), 15 * 60)
    // Who is signed in stays so: only passwords are not tried.
    for (const door of changers) expect((await door.readProfile(shown.get(door) ?? {})).status).toBe(200)
    expect((await doors.accounts.signIn(anna.username, anna.password, newAddress())).status).toBe(200)
  })
})

test('fifty guesses at one customer from anywhere stop everybody, for five minutes at most', async () => {
  const anna = await somebody()
  await guess(50, [anna.username, anna.email], newAddress)
  for (const door of all) expectThrottled(door, await door.signIn(anna.username, anna.password, newAddress()), 5 * 60)
})

test('a hundred guesses at anybody from one address stop that address', async () => {
  const [anna, here] = [await somebody(), newAddress()]
  for (let i = 0; i < 100; i += 4) {
    const door = doorAt(i)
    // A few at a time, as one address may.
    const answers = await Promise.all([0, 1, 2, 3].map((j) => door.signIn(`name-${i + j}`, 'guess', here)))
    for (const answer of answers) expect(refusalIn(answer)).toEqual(REFUSALS[door.contract].wrongPassword)
  }
  for (const door of all) {
    expectThrottled(door, await door.signIn(anna.username, anna.password, here), 15 * 60)
    expect((await door.signIn(anna.username, anna.password, newAddress())).status).toBe(OPENS[door.contract])
  }
})

test('registrations of both contracts that have one count together, a hundred an hour from one address', async () => {
  const [anna, here] = [await somebody(), newAddress()]
  for (let i = 0; i < 100; i++) {
    const door = i % 2 ? doors.shop : doors.accounts
    expect((await door.register(anna, here)).status).toBe(door.contract === 'shop' ? 409 : 400)
  }
  for (const door of [doors.shop, doors.accounts]) {
    expectThrottled(door, await door.register(anna, here), 60 * 60)
    expect((await door.register(anna, newAddress())).status).toBe(door.contract === 'shop' ? 409 : 400)
  }
})

test('guesses that come all at once do not slip through', async () => {
  const [anna, here] = [await somebody(), newAddress()]
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) => doorAt(i).signIn(anna.username, `guess-${i}`, here)),
  )
  const looked = answers.filter((answer, i) => answer.status === REFUSALS[doorAt(i).contract].wrongPassword.status)
  expect(looked.length).toBeLessThanOrEqual(10)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - looked.length)
})

test('without a proxy that is believed, an address that is made up is not', async () => {
  const bare = await startShopServer({ env: { THROTTLE: 'on' } })
  try {
    const anna = await newPerson(bare, 'anna')
    const bareDoors = Object.values(doorsOf(bare))
    for (let i = 0; i < 10; i++) await (bareDoors[i % 3] as Door).signIn(anna.username, 'guess', newAddress())
    for (const door of bareDoors) {
      const forwarded = { ...newAddress(), forwarded: 'for=198.51.100.7', 'x-real-ip': '198.51.100.8' }
      expectThrottled(door, await door.signIn(anna.username, anna.password, forwarded), 15 * 60)
    }
  } finally {
    await bare.stop()
  }
})
