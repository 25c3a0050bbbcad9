import { afterAll, describe, expect, test } from 'vitest'
import { REFUSALS, refusalIn } from '../support/refusal-shape.ts'
import { startShopServer } from '../support/shop-server.ts'
import { ask, type Door, doorsOf, type Headers, newPerson, OWN_WAY, tokenFor, WAYS } from './doors.ts'

// Three contracts, one customer: what one of them knows, all of them know.

const server = await startShopServer()
const doors = doorsOf(server)
const all = Object.values(doors)
afterAll(() => server.stop())

let made = 0
const newcomer = () => ({ username: `leia-${++made}`, email: `Leia-${made}@Example.com`, password: 'leia-likes-tents' })

/** Signed in through this contract in its own way, with its CSRF token. */
async function comeThrough(door: Door, who: Parameters<typeof tokenFor>[1]): Promise<Headers> {
  const shown = WAYS[OWN_WAY[door.contract]](await tokenFor(door, who))
  return { ...shown, ...(await door.csrfFor(shown)) }
}

const profileOf = async (door: Door, headers: Headers) => door.profileIn(await door.readProfile(headers))

describe.each([doors.shop, doors.accounts])('registered through $contract', (registrar) => {
  test.each(all)('signs in through $contract, by either name, and sees the same profile', async (door) => {
    const who = newcomer()
    expect((await registrar.register(who)).status).toBeLessThan(300)
    const expected = { username: who.username, email: who.email, first_name: '', last_name: '' }
    const names = [
      who.username,
      who.email,
      who.username.toUpperCase(),
      who.email.toLowerCase(),
      who.email.toUpperCase(),
    ]
    for (const name of names) {
      const headers = await comeThrough(door, { ...who, username: name })
      for (const each of all)
        expect([name, each.contract, await profileOf(each, headers)]).toEqual([name, each.contract, expected])
    }
  })

  test.each([doors.shop, doors.accounts])('cannot be registered again through $contract', async (again) => {
    const who = newcomer()
    await registrar.register(who)
    const other = newcomer()
    for (const twice of [
      { ...other, username: who.username.toUpperCase() },
      { ...other, email: who.email.toLowerCase() },
    ]) {
      expect([400, 409]).toContain((await again.register(twice)).status)
    }
  })
})

test('who came without a username got one that every contract takes', async () => {
  const { email, password } = newcomer()
  expect((await ask(server, 'POST', '/create_user/', { email, password })).status).toBe(201)
  const headers = await comeThrough(doors.accounts, { username: email, email, password })
  const { username } = await profileOf(doors.accounts, headers)
  expect(username).toMatch(/^leia-\d+/i)
  for (const door of all) expect((await door.signIn(username, password)).status).toBe(200)
})

describe.each(all)('a change through $contract', (door) => {
  test('is seen by all at once', async () => {
    const who = await newPerson(server, `luke-${++made}`)
    const headers = await comeThrough(door, who)
    const names = { first_name: 'Łukasz 🌒', last_name: `Through ${door.contract}` }
    expect((await door.change(headers, names.last_name, names)).status).toBe(200)
    for (const each of all) {
      const elsewhere = await comeThrough(each, who)
      expect(await profileOf(each, elsewhere)).toEqual({ username: who.username, email: who.email, ...names })
    }
  })

  test('leaves alone what only others know', async () => {
    const who = await newPerson(server, `obi-${++made}`)
    const [shop, whoami, accounts] = [
      await comeThrough(doors.shop, who),
      await comeThrough(doors.whoami, who),
      await comeThrough(doors.accounts, who),
    ]
    await doors.shop.change(shop, 'Kenobi', { city: 'Mos Eisley', phone: '+48 600 100 200' })
    await doors.whoami.change(whoami, 'Kenobi', { address: 'A hut' })
    await doors.accounts.change(accounts, 'Kenobi', { patronymic: 'Ben' })
    expect((await door.change({ shop, whoami, accounts }[door.contract], 'Ben Kenobi')).status).toBe(200)
    expect((await doors.shop.readProfile(shop)).body.results[0]).toMatchObject({
      city: 'Mos Eisley',
      phone: '+48 600 100 200',
      last_name: 'Ben Kenobi',
    })
    expect((await doors.whoami.readProfile(whoami)).body).toMatchObject({
      address: 'A hut',
      telephone_number: '+48 600 100 200',
    })
    expect((await doors.accounts.readProfile(accounts)).body).toMatchObject({ patronymic: 'Ben' })
  })
})

test('the telephone number is one field with two names', async () => {
  const who = await newPerson(server, `han-${++made}`)
  const [shop, whoami] = [await comeThrough(doors.shop, who), await comeThrough(doors.whoami, who)]
  const phones = async () => [
    (await doors.shop.readProfile(shop)).body.results[0].phone,
    (await doors.whoami.readProfile(whoami)).body.telephone_number,
  ]
  expect(await phones()).toEqual(['', null])
  await doors.whoami.change(whoami, 'Solo', { telephone_number: '+48 600 100 200' })
  expect(await phones()).toEqual(['+48 600 100 200', '+48 600 100 200'])
  await doors.shop.change(shop, 'Solo', { phone: '12 34' })
  expect(await phones()).toEqual(['12 34', '12 34'])
  await doors.whoami.change(whoami, 'Solo', { telephone_number: null })
  expect(await phones()).toEqual(['', null])
})

test.each([doors.shop, doors.whoami])(
  'a username changed in $contract signs in everywhere, and the old one nowhere',
  async (door) => {
    const who = await newPerson(server, `rey-${++made}`)
    const sessions = await Promise.all(all.map((each) => comeThrough(each, who)))
    const renamed = { ...who, username: `${who.username}-palpatine` }
    expect((await door.change(sessions[all.indexOf(door)] ?? {}, 'Rey', { username: renamed.username })).status).toBe(
      200,
    )
    for (const [i, each] of all.entries()) {
      expect((await profileOf(each, sessions[i] ?? {})).username).toBe(renamed.username)
      expect((await each.signIn(renamed.username, who.password)).status).toBe(200)
      expect(refusalIn(await each.signIn(who.username, who.password))).toEqual(REFUSALS[each.contract].wrongPassword)
    }
  },
)

test('an e-mail changed in the shop signs in everywhere, and the old one nowhere', async () => {
  const who = await newPerson(server, `finn-${++made}`)
  const sessions = await Promise.all(all.map((each) => comeThrough(each, who)))
  const email = `fn-${made}@resistance.example`
  expect((await doors.shop.change(sessions[0] ?? {}, 'Finn', { email })).status).toBe(200)
  for (const [i, each] of all.entries()) {
    expect((await profileOf(each, sessions[i] ?? {})).email).toBe(email)
    expect((await each.signIn(email, who.password)).status).toBe(200)
    expect(refusalIn(await each.signIn(who.email, who.password))).toEqual(REFUSALS[each.contract].wrongPassword)
  }
})

test.each([doors.shop, doors.whoami])(
  'a password changed in $contract works in all, and the old one in none',
  async (door) => {
    const who = await newPerson(server, `poe-${++made}`)
    const headers = await comeThrough(door, who)
    const password = 'only-dark-side'
    expect((await door.changePassword?.(headers, who, who.password, password))?.status).toBe(200)
    for (const each of all) {
      const again = await comeThrough(each, { ...who, password })
      expect((await profileOf(each, again)).username).toBe(who.username)
      expect(refusalIn(await each.signIn(who.username, who.password))).toEqual(REFUSALS[each.contract].wrongPassword)
    }
  },
)
