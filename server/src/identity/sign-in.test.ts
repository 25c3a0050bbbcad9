import { pbkdf2Sync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import { TEST_MAILS } from '../../../test/support/mails.ts'
import type { CustomerId } from '../kernel/ids.ts'
import { makeDiskStore } from '../media/index.ts'
import type { Database } from '../store/database.ts'
import {
  changePassword,
  changeProfile,
  findCaller,
  makeHasher,
  makeStandInPoint,
  presentToken,
  register,
  SessionActivity,
  signIn,
  signOut,
  UNTHROTTLED,
} from './index.ts'

const TERMS = {
  cookie: { idleDays: 14, maxDays: 90 },
  access: { idleDays: 1, maxDays: 90 },
  jwt: { idleDays: 7, maxDays: 7 },
}
const ORIGIN = { kind: 'cookie', address: '127.0.0.1', agent: 'vitest' } as const
// 'onlydarkside', made with Django's PBKDF2 hasher at 1,000 rounds.
const DJANGO_HASH = 'pbkdf2_sha256$1000$c2FsdHlzYWx0$'

const hasher = makeHasher()
const standInPoint = makeStandInPoint(['a-key-for-tests-and-for-nothing-else'])
const REGISTERING = { hasher, throttle: UNTHROTTLED, policy: 'documented' } as const
const CONTEXT = { ...REGISTERING, terms: TERMS, standInPoint, mails: TEST_MAILS } as const
let fresh: FreshDatabase
let db: Database

beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
})
afterAll(() => fresh.drop())

const registered = (username: string) =>
  register(db, REGISTERING, {
    username,
    email: `${username}@example.com`,
    password: 'obiwansux',
    firstName: '',
    address: ORIGIN.address,
  })
const signedIn = (name: string, password = 'obiwansux') => signIn(db, CONTEXT, { name, password, origin: ORIGIN })
const areLive = (...tokens: (string | undefined)[]) =>
  Promise.all(tokens.map(async (token = '') => Boolean(await findCaller(db, presentToken(token)))))
const rows = async (text: string, ...values: unknown[]) => (await db.query({ text, values })).rows

describe('signing in', () => {
  test('by username or e-mail, without regard to case', async () => {
    const { id } = await registered('anna')
    for (const name of ['anna', 'ANNA', 'Anna@Example.COM']) expect((await signedIn(name)).customerId).toBe(id)
  })

  test('a wrong password and an unknown name are refused alike, and open no session', async () => {
    await registered('jan')
    const refused = { refusal: { code: 'identity.wrong-credentials' } }
    await expect(signedIn('jan', 'wrong')).rejects.toMatchObject(refused)
    await expect(signedIn('nobody')).rejects.toMatchObject(refused)
    expect(
      await rows(`select from sessions s join customers c on c.id = s.customer_id where c.username = 'jan'`),
    ).toEqual([])
  })

  test('writes nothing down for the throttle where there is none', async () => {
    await registered('free')
    await signedIn('free')
    await expect(signedIn('free', 'wrong')).rejects.toThrow()
    expect(await rows('select from known_addresses')).toEqual([])
    expect(await rows('select from throttle_counters')).toEqual([])
  })

  test('only a hash of the token is stored', async () => {
    await registered('ala')
    const { token } = await signedIn('ala')
    const [row] = await rows('select s::text as all from sessions s where token_hash = $1', presentToken(token))
    expect(row?.all).not.toContain(token)
  })

  test('ends the session that the client had until then', async () => {
    await registered('ewa')
    const first = presentToken((await signedIn('ewa')).token)
    const again = await signIn(db, CONTEXT, {
      name: 'ewa',
      password: 'obiwansux',
      origin: ORIGIN,
      replaced: [first],
    })
    expect(await findCaller(db, first)).toBeUndefined()
    expect(await findCaller(db, presentToken(again.token))).toBeDefined()
  })

  test('renews a hash in an older encoding, once', async () => {
    const { id } = await registered('django')
    const digest = pbkdf2Sync('onlydarkside', 'c2FsdHlzYWx0', 1_000, 32, 'sha256').toString('base64')
    await rows('update customers set password_hash = $2 where id = $1', id, DJANGO_HASH + digest)
    await signedIn('django', 'onlydarkside')
    const [renewed] = await rows('select password_hash from customers where id = $1', id)
    expect(renewed?.password_hash).toMatch(/^argon2\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    await signedIn('django', 'onlydarkside')
    expect((await rows('select password_hash from customers where id = $1', id))[0]).toEqual(renewed)
  })
})

test('two sign-ins that renew one imported hash at once both get in', async () => {
  const { id } = await registered('twins')
  const digest = pbkdf2Sync('onlydarkside', 'c2FsdHlzYWx0', 1_000, 32, 'sha256').toString('base64')
  await rows('update customers set password_hash = $2 where id = $1', id, DJANGO_HASH + digest)
  const both = await Promise.all(Array.from({ length: 6 }, () => signedIn('twins', 'onlydarkside')))
  expect(both.map((it) => it.customerId)).toEqual(Array(6).fill(id))
})

test('a username with an @ must be the own e-mail, at registration and ever after', async () => {
  const refused = { refusal: { code: 'identity.username-is-an-email' } }
  const ola = { username: 'ola@example.com', password: 'obiwansux', firstName: '', address: '' }
  const wish = { ...ola, email: 'mallory@example.com' }
  await expect(register(db, REGISTERING, wish)).rejects.toMatchObject(refused)
  await register(db, REGISTERING, { ...wish, email: 'OLA@example.com' })
  const presented = presentToken((await signedIn('ola@example.com')).token)
  // No picture, so there is no file.
  const context = { db, mails: TEST_MAILS, media: makeDiskStore('') }
  await expect(changeProfile(context, presented, { email: 'other@example.com' }, '')).rejects.toMatchObject(refused)
})

test('a customer has at most fifty sessions of a kind: those not used for longest make room', async () => {
  const { id } = await registered('hoarder')
  const first = presentToken((await signedIn('hoarder')).token)
  for (let i = 0; i < 50; i++) await signedIn('hoarder')
  expect(await rows('select count(*)::int as n from sessions where customer_id = $1', id)).toEqual([{ n: 50 }])
  expect(await findCaller(db, first)).toBeUndefined()

  // A script that signs in again and again does not end the browser's session.
  const browser = presentToken((await signedIn('hoarder')).token)
  const script = { kind: 'access', address: '', agent: '' } as const
  for (let i = 0; i < 51; i++) await signIn(db, CONTEXT, { name: 'hoarder', password: 'obiwansux', origin: script })
  expect(await findCaller(db, browser)).toBeDefined()
})

describe('a name that is nobody’s', () => {
  const DEAR = `pbkdf2_sha256$1000$c2FsdHlzYWx0$${'A'.repeat(43)}=`
  /** What is verified for each of these names. */
  async function verifiedFor(names: readonly string[], point = standInPoint): Promise<(string | undefined)[]> {
    const verified: (string | undefined)[] = []
    const watched = {
      ...hasher,
      verify(_password: string, encoded: string | undefined) {
        verified.push(encoded)
        return Promise.resolve({ matches: true, outdated: false })
      },
    }
    const context = { ...CONTEXT, hasher: watched, standInPoint: point }
    for (const name of names) {
      await expect(signIn(shop.db, context, { name, password: 'obiwansux', origin: ORIGIN })).rejects.toMatchObject({
        refusal: { code: 'identity.wrong-credentials' },
      })
    }
    return verified
  }
  let shop: FreshDatabase
  beforeAll(async () => {
    shop = await freshDatabase()
  })
  afterAll(() => shop.drop())
  const nobodies = Array.from({ length: 200 }, (_, i) => `nobody-${i}`)

  test('has nobody to stand in in an empty shop', async () => {
    expect(await verifiedFor(['nobody'])).toEqual([undefined])
  })

  test('is looked at as a customer’s would be, whose hash is dear or not, and never signs in', async () => {
    // Fixed ids, so that every run looks at the same ring; six of ten have not signed in here yet.
    const text = `insert into customers (id, username, username_key, email, email_key, password_hash)
      select md5(i::text)::uuid, 'c' || i, 'c' || i, 'c' || i || '@example.com', 'c' || i || '@example.com',
             case when i % 10 < 6 then $1 else 'argon2$' || i end from generate_series(1, 500) i`
    await shop.db.query({ text, values: [DEAR] })
    const verified = await verifiedFor(nobodies)
    const dear = verified.filter((encoded) => encoded === DEAR).length
    expect([dear > 80, dear < 160, verified.length]).toEqual([true, true, 200])
    expect(new Set(verified).size).toBeGreaterThan(50)
    // The same name takes the same time again; which one is nobody’s to reckon out who has not the key.
    expect(await verifiedFor(nobodies)).toEqual(verified)
    const others = await verifiedFor(nobodies, makeStandInPoint(['another-key-for-tests-and-nothing-else']))
    expect(others).not.toEqual(verified)
  })

  test('is looked at as quickly as a customer’s once all have signed in', async () => {
    await shop.db.query({
      text: `update customers set password_hash = 'argon2' where password_hash = $1`,
      values: [DEAR],
    })
    expect(await verifiedFor(nobodies)).not.toContain(DEAR)
  })
})

describe('a session', () => {
  test('is over at once when its owner signs out', async () => {
    await registered('piotr')
    const presented = presentToken((await signedIn('piotr')).token)
    await signOut(db, presented)
    expect(await findCaller(db, presented)).toBeUndefined()
  })

  test.each([
    ['idle for too long', `live_until = now() - interval '1 second'`],
    [
      'older than any session may be',
      `live_until = now() - interval '1 second', expires_at = now() - interval '1 second'`,
    ],
  ])('that was %s is not live', async (what, change) => {
    const name = what.replaceAll(' ', '_')
    await registered(name)
    const presented = presentToken((await signedIn(name)).token)
    await rows(`update sessions set ${change} where token_hash = $1`, presented)
    expect(await findCaller(db, presented)).toBeUndefined()
  })

  test('that is used lives on from then, but never past its absolute end', async () => {
    await registered('basia')
    const presented = presentToken((await signedIn('basia')).token)
    const activity = new SessionActivity(db, TERMS)
    const daysLeft = async () => {
      activity.note(presented)
      await activity.flush()
      const [row] = await rows(
        `select round(extract(epoch from live_until - now()) / 86400)::int as days from sessions where token_hash = $1`,
        presented,
      )
      return row?.days
    }
    await rows(
      `update sessions set seen_at = now() - interval '3 days', live_until = now() + interval '11 days' where token_hash = $1`,
      presented,
    )
    expect(await daysLeft()).toBe(14)
    await rows(
      `update sessions set seen_at = now() - interval '1 day', live_until = now(), expires_at = now() + interval '5 days' where token_hash = $1`,
      presented,
    )
    await rows(`update sessions set live_until = now() + interval '1 day' where token_hash = $1`, presented)
    expect(await daysLeft()).toBe(5)
  })
})

describe('changing the password', () => {
  const change = (
    token: string,
    customerId: CustomerId,
    { name = 'kasia', ...wish }: { name?: string; oldPassword?: string; newPassword?: string } = {},
  ) =>
    changePassword(db, CONTEXT, presentToken(token), {
      owner: { customerId, name },
      oldPassword: 'obiwansux',
      newPassword: 'onlydarkside',
      reopenAs: ORIGIN,
      ...wish,
    })

  test('is refused with a wrong old password, a wrong name, a weak new one, or for somebody else, and changes nothing', async () => {
    const { id } = await registered('kasia')
    const { token } = await signedIn('kasia')
    await expect(change(token, id, { oldPassword: 'wrong' })).rejects.toMatchObject({
      refusal: { code: 'identity.wrong-credentials' },
    })
    await expect(change(token, id, { name: 'anna' })).rejects.toMatchObject({
      refusal: { code: 'identity.wrong-credentials' },
    })
    await expect(change(token, id, { newPassword: 'abc' })).rejects.toMatchObject({
      refusal: { code: 'identity.password-too-weak' },
    })
    const nobody = '00000000-0000-7000-8000-000000000000' as CustomerId
    await expect(change(token, nobody)).rejects.toMatchObject({ refusal: { code: 'identity.customer-not-found' } })
    expect((await signedIn('kasia')).customerId).toBe(id)
  })

  test('ends all sessions but the new one', async () => {
    const phone = await signedIn('kasia')
    const desk = await signedIn('kasia')
    const { token } = await change(desk.token, desk.customerId)
    expect(await areLive(phone.token, desk.token, token)).toEqual([false, false, true])
    await expect(signedIn('kasia')).rejects.toMatchObject({ refusal: { code: 'identity.wrong-credentials' } })
  })

  test('ends all but the one that asks, where no new one is wanted, and may ask for no name', async () => {
    await registered('tomek')
    const [phone, desk] = [await signedIn('tomek'), await signedIn('tomek')]
    const wish = { oldPassword: 'obiwansux', newPassword: 'onlydarkside' }
    const changed = await changePassword(db, CONTEXT, presentToken(desk.token), wish)
    expect(changed).toMatchObject({ username: 'tomek', token: undefined })
    expect(await areLive(phone.token, desk.token)).toEqual([false, true])
    expect((await signedIn('tomek', 'onlydarkside')).customerId).toBe(desk.customerId)
  })

  test('a sign-in with the old password that is under way meanwhile leaves no session behind', async () => {
    await registered('zosia')
    const { token, customerId } = await signedIn('zosia')
    const wish = { oldPassword: 'obiwansux', newPassword: 'onlydarkside', reopenAs: ORIGIN }
    const racers = Array.from({ length: 12 }, () => signedIn('zosia').catch(() => undefined))
    const changed = await changePassword(db, CONTEXT, presentToken(token), wish)
    await Promise.all(racers)
    const live = await rows('select token_hash from sessions where customer_id = $1', customerId)
    expect(live.map((row) => row.token_hash)).toEqual([presentToken(changed.token ?? '')])
  })
})
