import { afterAll, describe, expect, test, vi } from 'vitest'
import { lastMailTo } from '../support/mailbox.ts'
import { flawInRefusal, REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import type { Answer } from '../support/shop-client.ts'
import { startBeside, startShopServer } from '../support/shop-server.ts'
import { ask, type Door, doorsOf, type Headers, type Newcomer, newPerson, OWN_WAY, WAYS } from './doors.ts'

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

/** A hundred guesses at anybody. */
async function useUp(address: Headers): Promise<void> {
  for (let i = 0; i < 100; i += 4) {
    const door = doorAt(i)
    // A few at a time, as one address may.
    const answers = await Promise.all([0, 1, 2, 3].map((j) => door.signIn(`name-${i + j}`, 'guess', address)))
    for (const answer of answers) expect(refusalIn(answer)).toEqual(REFUSALS[door.contract].wrongPassword)
  }
}

const changers = all.filter((door) => door.changePassword)

/** How somebody who is signed in shows themselves, with what each contract wants for a change. */
interface Session {
  readonly shown: Headers
}

async function signedInFor(who: Newcomer, door: Door, from: Headers = newAddress()): Promise<Session> {
  const token = door.tokenIn(await door.signIn(who.username, who.password, from))
  if (!token) throw new Error(`${who.username} could not sign in`)
  return { shown: WAYS[OWN_WAY[door.contract]](token) }
}

/** From an address of its own each time. */
async function changeWith({ shown }: Session, door: Door, who: Newcomer, old: string, password = 'only-dark-side') {
  const headers = { ...shown, ...(await door.csrfFor(shown)), ...newAddress() }
  const answer = await door.changePassword?.(headers, who, old, password)
  if (!answer) throw new Error(`${door.contract} has no call to change a password`)
  return answer
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
})

describe('whoever is signed in', () => {
  test('has ten tries at their own password for each session, through whichever contract', async () => {
    const anna = await somebody()
    const [first, second] = [await signedInFor(anna, doors.whoami), await signedInFor(anna, doors.accounts)]
    for (let i = 0; i < 10; i++) {
      const [door, name, password] = [changers[i % 2] as Door, i === 2 ? 'nobody' : anna.username, `guess-${i}`]
      const answer = await changeWith(first, door, { ...anna, username: name }, i === 2 ? anna.password : password)
      expect([i, refusalIn(answer)]).toEqual([i, REFUSALS[door.contract].wrongPassword])
    }
    for (const door of changers) expectThrottled(door, await changeWith(first, door, anna, anna.password), 15 * 60)
    // Who is signed in stays so, and neither their other sessions nor signing in is stopped.
    for (const door of all) expect((await door.readProfile(first.shown)).status).toBe(200)
    expect((await doors.accounts.signIn(anna.username, anna.password, newAddress())).status).toBe(200)
    expect((await changeWith(second, doors.shop, anna, anna.password)).status).toBe(200)
  })

  test('asks ten times an hour whether a name is taken, through whichever contract', async () => {
    const [anna, berta] = [await somebody(), await somebody()]
    const { shown } = await signedInFor(anna, doors.accounts)
    const renamers = [doors.shop, doors.whoami]
    const rename = async (door: Door, username: string, from = newAddress()) =>
      door.change({ ...shown, ...(await door.csrfFor(shown)), ...from }, 'Nowak', { username })
    for (let i = 0; i < 10; i++) {
      const door = renamers[i % 2] as Door
      const answer = await rename(door, berta.username)
      expect([i, answer.status, answer.text.includes('already')]).toEqual([
        i,
        door.contract === 'shop' ? 409 : 400,
        true,
      ])
    }
    for (const door of renamers) {
      // Free or taken, nobody hears it any more; what is no question goes on.
      expectThrottled(door, await rename(door, berta.username), 60 * 60)
      expectThrottled(door, await rename(door, 'free-as-a-bird'), 60 * 60)
      expect((await rename(door, anna.username.toUpperCase())).status).toBe(200)
      expect((await door.change({ ...shown, ...(await door.csrfFor(shown)) }, 'Kowalska')).status).toBe(200)
    }
    const profile = doors.shop.profileIn(await doors.shop.readProfile(shown))
    expect([profile.username, profile.last_name]).toEqual([anna.username.toUpperCase(), 'Kowalska'])
  })
})

test('fifty guesses at a name from anywhere stop strangers, for five minutes at most, and at that name only', async () => {
  const anna = await somebody()
  await guess(50, [anna.username], newAddress)
  for (const door of all) {
    expectThrottled(door, await door.signIn(anna.username, anna.password, newAddress()), 5 * 60)
    // Otherwise the limit would tell that both names are one customer's.
    expect((await door.signIn(anna.email, anna.password, newAddress())).status).toBe(OPENS[door.contract])
  }
})

test('nobody is locked out by strangers who guess from everywhere without end: neither at home nor when signed in', async () => {
  const [anna, home] = [await somebody(), newAddress()]
  expect((await doors.shop.signIn(anna.username, anna.password, home)).status).toBe(200)
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const begun = Date.now()
    for (const minutes of [0, 5, 60]) {
      vi.setSystemTime(begun + minutes * 60_000 + 1_000)
      const attackers = [anna.username, anna.email].flatMap((name) =>
        Array.from({ length: 50 }, (_, i) => doorAt(i).signIn(name, `guess-${i}`, newAddress())),
      )
      for (const { status } of await Promise.all(attackers)) expect(status).toBeGreaterThanOrEqual(400)
      for (const door of all) {
        for (const name of [anna.username, anna.email]) {
          expectThrottled(door, await door.signIn(name, anna.password, newAddress()), 5 * 60)
          expect((await door.signIn(name, anna.password, home)).status).toBe(OPENS[door.contract])
          expectThrottled(door, await door.signIn(name, 'guess', home), 5 * 60)
        }
        const session = await signedInFor(anna, door, home)
        for (const changer of changers) {
          expect((await changeWith(session, changer, anna, 'guess')).status).toBe(
            REFUSALS[changer.contract].wrongPassword.status,
          )
        }
        // From an address that nobody knows.
        const changed = await changeWith(session, doors.whoami, anna, anna.password, anna.password)
        expect([door.contract, changed.status]).toEqual([door.contract, 200])
      }
    }
  } finally {
    vi.useRealTimers()
  }
}, 120_000)

test('whoever reads the owner’s mail gets in at a new address, whatever strangers try', async () => {
  const [anna, abroad] = [await somebody(), newAddress()]
  await guess(50, [anna.username], newAddress)
  await guess(10, [anna.email], () => abroad)
  expectThrottled(doors.shop, await doors.shop.signIn(anna.email, anna.password, abroad), 15 * 60)
  await ask(server, 'POST', '/api/password-reset', { email: anna.email }, abroad)
  const { token } = await lastMailTo(server, anna.email, 'reset-password')
  const renewed = { token, password: 'only-light-side' }
  expect((await ask(server, 'POST', '/api/password-reset/confirm', renewed, abroad)).status).toBe(200)
  for (const door of all) {
    for (const name of [anna.username, anna.email]) {
      expect((await door.signIn(name, renewed.password, abroad)).status).toBe(OPENS[door.contract])
    }
    expectThrottled(door, await door.signIn(anna.username, renewed.password, newAddress()), 5 * 60)
  }
})

test('a new e-mail is confirmed whatever strangers try, and each mailed link bears ten wrong passwords', async () => {
  /** Somebody who wants another e-mail, and how they confirm it. */
  async function withNewEmail() {
    const anna = await somebody()
    const email = `new-${anna.email}`
    const { shown } = await signedInFor(anna, doors.shop)
    const mine = { username: anna.username, email }
    await doors.shop.change({ ...shown, ...(await doors.shop.csrfFor(shown)) }, 'Nowak', mine)
    const { token } = await lastMailTo(server, email, 'verify-email')
    const confirm = (password: string, from = newAddress()) =>
      ask(server, 'POST', '/api/email-verification/confirm', { token, password }, from)
    return { anna, email, confirm }
  }
  const { anna, email, confirm } = await withNewEmail()
  await guess(50, [email], newAddress)
  for (let i = 0; i < 9; i++) expect(refusalIn(await confirm(`guess-${i}`))).toEqual(REFUSALS.shop.wrongPassword)
  const abroad = newAddress()
  expect((await confirm(anna.password, abroad)).body).toEqual({ status: 'OK', message: 'email verified' })
  // The password was proved there.
  expect((await doors.whoami.signIn(email, anna.password, abroad)).status).toBe(200)

  const berta = await withNewEmail()
  for (let i = 0; i < 10; i++) {
    expect(refusalIn(await berta.confirm(`guess-${i}`))).toEqual(REFUSALS.shop.wrongPassword)
  }
  expectThrottled(doors.shop, await berta.confirm(berta.anna.password), 15 * 60)
})

test('whoever shares an address with a customer does not lock them out by guessing at others', async () => {
  const [anna, berta, office] = [await somebody(), await somebody(), newAddress()]
  expect((await doors.shop.signIn(anna.username, anna.password, office)).status).toBe(200)
  await useUp(office)
  for (const door of all) {
    expect((await door.signIn(anna.username, anna.password, office)).status).toBe(OPENS[door.contract])
    expectThrottled(door, await door.signIn(berta.username, berta.password, office), 15 * 60)
    // Nor do they learn who has signed in from there.
    expectThrottled(door, await door.signIn(anna.username, 'guess', office), 15 * 60)
    expectThrottled(door, await door.signIn('nobody-at-all', 'guess', office), 15 * 60)
  }
})

test('all servers of a shop count together', async () => {
  const other = await startBeside(server)
  try {
    const [anna, here] = [await somebody(), newAddress()]
    const everywhere = [...all, ...Object.values(doorsOf(other))]
    for (let i = 0; i < 10; i++) {
      const door = everywhere[i % everywhere.length] as Door
      expect((await door.signIn(anna.username, `guess-${i}`, here)).status).toBe(
        REFUSALS[door.contract].wrongPassword.status,
      )
    }
    for (const door of everywhere) {
      expectThrottled(door, await door.signIn(anna.username, anna.password, here), 15 * 60)
      expect((await door.signIn(anna.username, anna.password, newAddress())).status).toBe(OPENS[door.contract])
    }
  } finally {
    await other.stop()
  }
})

test('a hundred guesses at anybody from one address stop that address', async () => {
  const [anna, here] = [await somebody(), newAddress()]
  await useUp(here)
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
