import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../../test/support/database.ts'
import { makeMailSeal } from '../../mail/index.ts'
import type { Database, Db } from '../../store/database.ts'
import { type AccountTokenKind, issueToken } from '../account-tokens/account-token.ts'
import { requestPasswordReset, resetPassword, verifyEmail } from '../account-tokens/index.ts'
import { findCaller } from '../caller.ts'
import { makeHasher, makeStandInPoint } from '../passwords/index.ts'
import { register } from '../register.ts'
import { presentToken, type SessionKind } from '../session.ts'
import { openSession, signIn } from '../sign-in.ts'
import { UNTHROTTLED } from '../throttle/index.ts'
import { blockCustomer, findCustomerFile, unblockCustomer } from './index.ts'

const TERMS = {
  cookie: { idleDays: 14, maxDays: 90 },
  access: { idleDays: 1, maxDays: 90 },
  jwt: { idleDays: 7, maxDays: 7 },
}
const PASSWORD = 'obiwansux'
const hasher = makeHasher()
const mails = {
  letterhead: { shopName: 'Shop', publicUrl: 'https://shop.example' },
  seal: makeMailSeal(['a-key-for-tests-and-for-nothing-else']),
  throttle: UNTHROTTLED,
}
const standInPoint = makeStandInPoint(['a-key-for-tests-and-for-nothing-else'])
const context = { hasher, policy: 'documented', terms: TERMS, throttle: UNTHROTTLED, standInPoint, mails } as const
const REFUSED = { refusal: { code: 'identity.wrong-credentials' } }

let fresh: FreshDatabase
let db: Database
let anna: Awaited<ReturnType<typeof register>>

beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
})
afterAll(() => fresh.drop())
beforeEach(async () => {
  await db.query({ text: 'with them as (delete from customers) delete from mails' })
  const wish = { username: 'Anna', email: 'anna@example.com', password: PASSWORD, firstName: '', address: '127.0.0.1' }
  anna = await register(db, context, wish)
})

const originOf = (kind: SessionKind) => ({ kind, address: '127.0.0.1', agent: 'vitest' })
const signedIn = (name = 'anna') => signIn(db, context, { name, password: PASSWORD, origin: originOf('cookie') })
/** The last step of every sign-in, once the password was found right. */
const opened = (on: Db) => openSession(on, TERMS, anna.id, anna.passwordHash, originOf('cookie'))
const rows = async (text: string, ...values: unknown[]) => (await db.query({ text, values })).rows
const sessions = () => rows('select kind from sessions order by kind')

describe('a customer who is blocked', () => {
  test('has no session of any kind any more, and is told to be blocked already the second time', async () => {
    const { token } = await signedIn()
    for (const kind of ['access', 'jwt'] as const) {
      await openSession(db, TERMS, anna.id, anna.passwordHash, originOf(kind))
    }
    const berta = {
      username: 'berta',
      email: 'berta@example.com',
      password: PASSWORD,
      firstName: '',
      address: '127.0.0.1',
    }
    await register(db, context, berta)
    const bertas = await signedIn('berta')

    const blocked = await blockCustomer(db, 'ANNA')
    const blockedAt = expect.any(Date)
    const who = { username: 'Anna', email: 'anna@example.com' }
    expect(blocked).toEqual({ ...who, blockedAt, wasSo: false, endedSessions: 3 })
    expect(await findCaller(db, presentToken(token))).toBeUndefined()
    expect(await findCaller(db, presentToken(bertas.token))).toBeDefined()
    expect(await sessions()).toEqual([{ kind: 'cookie' }])

    const again = await blockCustomer(db, 'Anna@Example.com')
    expect(again).toEqual({ ...who, blockedAt: blocked?.blockedAt, wasSo: true, endedSessions: 0 })
  })

  test('is refused like a wrong password, and signs in by the same one once unblocked', async () => {
    await blockCustomer(db, 'anna')
    for (const name of ['anna', 'anna@example.com']) await expect(signedIn(name)).rejects.toMatchObject(REFUSED)
    expect(await unblockCustomer(db, 'anna')).toMatchObject({ wasSo: false, blockedAt: undefined, endedSessions: 0 })
    expect((await signedIn()).customerId).toBe(anna.id)
    expect(await unblockCustomer(db, 'anna')).toMatchObject({ wasSo: true, endedSessions: 0 })
    expect(await sessions()).toEqual([{ kind: 'cookie' }])
  })

  test('is mailed no way to a new password, and links that were mailed before lead nowhere', async () => {
    const owner = { customerId: anna.id, email: 'anna@example.com', emailKey: 'anna@example.com' }
    const tokenOf = async (kind: AccountTokenKind) => (await db.transaction((tx) => issueToken(tx, kind, owner))).token
    const [reset, verify] = [await tokenOf('reset-password'), await tokenOf('verify-email')]
    await blockCustomer(db, 'anna')
    const before = await rows('select * from account_tokens order by kind')

    await requestPasswordReset(db, mails, { name: 'anna@example.com', address: '127.0.0.1' })
    expect(await rows(`select from mails where kind = 'reset-password'`)).toEqual([])
    const badToken = { refusal: { code: 'identity.bad-token' } }
    const wish = { token: reset, newPassword: 'onlydarkside', address: '127.0.0.1' }
    await expect(resetPassword(db, context, wish)).rejects.toMatchObject(badToken)
    await expect(verifyEmail(db, context, { token: verify, address: '127.0.0.1' })).rejects.toMatchObject(badToken)
    expect(await rows('select * from account_tokens order by kind')).toEqual(before)
    expect(
      await rows('select password_hash = $1 as same, email_verified_at from customers', anna.passwordHash),
    ).toEqual([{ same: true, email_verified_at: null }])

    await unblockCustomer(db, 'anna')
    await requestPasswordReset(db, mails, { name: 'anna@example.com', address: '127.0.0.1' })
    expect(await rows(`select from mails where kind = 'reset-password'`)).toHaveLength(1)
  })

  test('gets no session from the database itself, whoever asks', async () => {
    await blockCustomer(db, 'anna')
    const insert = `insert into sessions (id, token_hash, kind, customer_id, live_until, expires_at)
      values (gen_random_uuid(), sha256('x'), 'cookie', $1, now() + interval '1 day', now() + interval '1 day')`
    await rows(insert, anna.id)
    expect(await sessions()).toEqual([])
  })
})

describe('a sign-in whose password was found right just before the blocking', () => {
  test('opens no session when it comes while the blocking is under way (two connections)', async () => {
    const { opening } = await db.transaction(async (tx) => {
      await tx.query({ text: 'update customers set blocked_at = now()' })
      const opening = opened(db)
      await waitUntilSomebodyWaits()
      return { opening }
    })
    expect(await opening).toBeUndefined()
    expect(await sessions()).toEqual([])
  })

  test('has its session ended by a blocking that comes while it is under way (two connections)', async () => {
    const { blocking } = await db.transaction(async (tx) => {
      expect(await opened(tx)).toBeDefined()
      const blocking = blockCustomer(db, 'anna')
      await waitUntilSomebodyWaits()
      return { blocking }
    })
    expect(await blocking).toMatchObject({ wasSo: false, endedSessions: 1 })
    expect(await sessions()).toEqual([])
  })

  test('leaves none behind, however many there are at once', async () => {
    const racers = Array.from({ length: 12 }, () => signedIn().catch(() => undefined))
    await blockCustomer(db, 'anna')
    await Promise.all(racers)
    expect(await sessions()).toEqual([])
  })
})

test('a customer’s file tells what an operator has to know', async () => {
  const file = { id: anna.id, username: 'Anna', email: 'anna@example.com', joinedAt: expect.any(Date) }
  const fresh = { ...file, emailVerifiedAt: null, blockedAt: null, followsImport: false, sessions: 0, seenAt: null }
  expect(await findCustomerFile(db, 'Anna@example.com')).toEqual(fresh)
  await signedIn()
  expect(await findCustomerFile(db, 'anna')).toEqual({ ...fresh, sessions: 1, seenAt: expect.any(Date) })
  await blockCustomer(db, 'anna')
  expect(await findCustomerFile(db, 'anna')).toEqual({ ...fresh, blockedAt: expect.any(Date) })
})

test('nobody is blocked, unblocked or shown by a name that nobody has', async () => {
  for (const find of [blockCustomer, unblockCustomer, findCustomerFile])
    expect(await find(db, 'nobody')).toBeUndefined()
  expect(await rows('select blocked_at as "blockedAt" from customers')).toEqual([{ blockedAt: null }])
})

async function waitUntilSomebodyWaits(): Promise<void> {
  const text = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  while ((await db.query({ text })).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 10))
}
