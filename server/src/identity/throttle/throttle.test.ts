import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../../test/support/database.ts'
import { type CustomerId, newId } from '../../kernel/ids.ts'
import { Refused } from '../../kernel/refused.ts'
import type { Database } from '../../store/database.ts'
import { forgetThrottling, makeThrottle, rememberAddress, type Throttle } from './index.ts'

const KEYS = ['a-key-for-tests-and-for-nothing-else']
const MINUTE_MS = 60_000

let fresh: FreshDatabase
let db: Database
let throttle: Throttle

beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
})
afterAll(() => fresh.drop())
beforeEach(async () => {
  await db.query({ text: 'truncate throttle_counters' })
  throttle = makeServersThrottle()
  // The clock stands still, so that a slow machine counts the same seconds.
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Of one server: what another one remembers it has to find in the database. */
const makeServersThrottle = () => makeThrottle(db, KEYS, { stoppedAfterMs: 0 })

const wrong = async () => {
  throw new Refused({ code: 'identity.wrong-credentials' })
}
const right = async () => 'in'
const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'in',
    (error) => error.refusal.code,
  )
const stoppedFor = (retryAfterSeconds: number) => ({ refusal: { code: 'identity.too-many-tries', retryAfterSeconds } })

/** A try at a password, by a stranger unless it is said otherwise. */
const attempt = (
  name: string,
  address: string,
  password: () => Promise<unknown>,
  { isKnown = false, by = throttle } = {},
) => by.tryPassword({ name, address, isKnown }, password)
const codeOfTry = (...params: Parameters<typeof attempt>) => codeOf(attempt(...params))

/** As many wrong tries as 50 addresses may make, one each. */
async function guessFromEverywhere(name: string, part = 100): Promise<void> {
  await Promise.all(Array.from({ length: 50 }, (_, i) => codeOfTry(name, `198.51.${part}.${i}`, wrong)))
}

async function inTheFuture<T>(minutes: number, work: () => Promise<T>): Promise<T> {
  const now = Date.now()
  vi.setSystemTime(now + minutes * MINUTE_MS)
  try {
    return await work()
  } finally {
    vi.setSystemTime(now)
  }
}

describe('a stranger', () => {
  test('who tries an eleventh password for a name from an address is not even looked at', async () => {
    for (let i = 0; i < 10; i++) expect(await codeOfTry('anna', '192.0.2.1', wrong)).toBe('identity.wrong-credentials')
    await expect(attempt('anna', '192.0.2.1', right)).rejects.toMatchObject(stoppedFor(900))
    expect(await codeOfTry('anna', '192.0.2.2', right)).toBe('in')
    expect(await codeOfTry('jan', '192.0.2.1', right)).toBe('in')
    await inTheFuture(15, async () => expect(await codeOfTry('anna', '192.0.2.1', right)).toBe('in'))
  })

  test('who tries many at once does not slip through', async () => {
    const codes = await Promise.all(Array.from({ length: 40 }, () => codeOfTry('anna', '192.0.2.1', wrong)))
    // Eight are under way at once, which is below the ten that are borne.
    const looked = codes.filter((code) => code === 'identity.wrong-credentials').length
    expect([looked >= 8, looked <= 10, codes.filter((code) => code === 'identity.too-many-tries').length]).toEqual([
      true,
      true,
      40 - looked,
    ])
  })

  test('who knows the password is forgiven the wrong ones before it', async () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 9; i++) await codeOfTry('anna', '192.0.2.1', wrong)
      expect(await codeOfTry('anna', '192.0.2.1', right)).toBe('in')
    }
  })

  test('who guesses at many names from one address is stopped, and others are not', async () => {
    for (let i = 0; i < 100; i++) await codeOfTry(`n${i}`, '192.0.2.1', wrong)
    await expect(attempt('anna', '192.0.2.1', right)).rejects.toMatchObject(stoppedFor(900))
    expect(await codeOfTry('anna', '192.0.2.2', right)).toBe('in')
  })

  test('is stopped for five minutes when strangers from everywhere have guessed at a name', async () => {
    await guessFromEverywhere('anna')
    await expect(attempt('anna', '192.0.2.1', right)).rejects.toMatchObject(stoppedFor(300))
    await inTheFuture(5, async () => expect(await codeOfTry('anna', '192.0.2.1', right)).toBe('in'))
  })

  test('alone cannot use up what others may try at a name', async () => {
    for (let i = 0; i < 200; i++) await codeOfTry('anna', '192.0.2.1', wrong)
    expect(await codeOfTry('anna', '192.0.2.2', right)).toBe('in')
    expect(await codeOfTry('jan', '192.0.2.1', right)).toBe('in')
  })

  test('who was stopped has lost none of what they may try', async () => {
    await guessFromEverywhere('anna')
    for (let i = 0; i < 11; i++) await codeOfTry('anna', '192.0.2.1', wrong)
    await inTheFuture(5, async () => {
      for (let i = 0; i < 10; i++)
        expect(await codeOfTry('anna', '192.0.2.1', wrong)).toBe('identity.wrong-credentials')
    })
  })

  test('has a whole IPv6 network for an address, and an IPv4 address is the same in either form', async () => {
    for (let i = 0; i < 10; i++) await codeOfTry('anna', `2001:db8:0:7::${i.toString(16)}`, wrong)
    expect(await codeOfTry('anna', '2001:db8::7:0:0:0:ff', right)).toBe('identity.too-many-tries')
    expect(await codeOfTry('anna', '2001:db8:0:8::1', right)).toBe('in')
    for (let i = 0; i < 10; i++) await codeOfTry('jan', '192.0.2.9', wrong)
    expect(await codeOfTry('jan', '::ffff:192.0.2.9', right)).toBe('identity.too-many-tries')
  })

  test('has a few tries under way at once, right or wrong, and others are not kept waiting', async () => {
    let leave = () => {}
    const left = new Promise<void>((resolve) => {
      leave = resolve
    })
    let inside = 0
    const slow = async () => {
      inside += 1
      await left
    }
    const many = Array.from({ length: 12 }, (_, i) => codeOfTry(`own${i}`, '192.0.2.1', slow))
    await vi.waitUntil(() => inside === 8)
    expect(await codeOfTry('anna', '192.0.2.2', right)).toBe('in')
    await expect(attempt('anna', '192.0.2.1', right)).rejects.toMatchObject(stoppedFor(1))
    leave()
    const codes = await Promise.all(many)
    expect(codes.filter((code) => code === 'in')).toHaveLength(8)
    expect(codes.filter((code) => code === 'identity.too-many-tries')).toHaveLength(4)
  })
})

test.each([true, false])(
  'a failure that is not about the password counts nowhere, known or not: %s',
  async (isKnown) => {
    const busy = async () => {
      throw new Refused({ code: 'identity.busy' })
    }
    for (let i = 0; i < 30; i++) expect(await codeOfTry('anna', '192.0.2.1', busy, { isKnown })).toBe('identity.busy')
    expect((await db.query({ text: 'select from throttle_counters where points <> 0' })).rows).toEqual([])
    expect(await codeOfTry('anna', '192.0.2.1', right, { isKnown })).toBe('in')
  },
)

describe('a customer at an address that is known', () => {
  const home = '192.0.2.1'
  const known = { isKnown: true }

  test('gets in whatever strangers try elsewhere, for hours', async () => {
    for (let minutes = 0; minutes < 120; minutes += 5) {
      await inTheFuture(minutes, async () => {
        await guessFromEverywhere('anna', minutes)
        expect(await codeOfTry('anna', '192.0.2.2', right)).toBe('identity.too-many-tries')
        expect(await codeOfTry('anna', home, right, known)).toBe('in')
      })
    }
  })

  test('gets in though somebody at the same address has guessed at all the world', async () => {
    for (let i = 0; i < 100; i++) await codeOfTry(`n${i}`, home, wrong)
    expect(await codeOfTry('anna', home, right)).toBe('identity.too-many-tries')
    expect(await codeOfTry('anna', home, right, known)).toBe('in')
  })

  test('has ten tries there, like anybody, and a right one forgives', async () => {
    for (let i = 0; i < 9; i++) expect(await codeOfTry('anna', home, wrong, known)).toBe('identity.wrong-credentials')
    expect(await codeOfTry('anna', home, right, known)).toBe('in')
    for (let i = 0; i < 10; i++) expect(await codeOfTry('anna', home, wrong, known)).toBe('identity.wrong-credentials')
    await expect(attempt('anna', home, right, known)).rejects.toMatchObject(stoppedFor(900))
  })

  test('may be guessed at ten times more at most, while strangers are stopped', async () => {
    await guessFromEverywhere('anna')
    let looks = 0
    const guess = async () => {
      looks += 1
      return wrong()
    }
    for (let i = 0; i < 30; i++) await codeOfTry('anna', home, guess, known)
    expect(looks).toBe(10)
  })

  test.each([
    ['nobody was stopped yet', async () => {}],
    ['strangers have used up the name', () => guessFromEverywhere('anna')],
    [
      'somebody has used up the address',
      async () => {
        for (let i = 0; i < 100; i++) await codeOfTry(`n${i}`, home, wrong)
      },
    ],
  ])('is told from a stranger by nobody who guesses, when %s', async (_, prepare) => {
    async function listen(isKnown: boolean): Promise<unknown[]> {
      await db.query({ text: 'truncate throttle_counters' })
      throttle = makeServersThrottle()
      await prepare()
      const heard: unknown[] = []
      for (let i = 0; i < 12; i++) heard.push(await codeOfTry('anna', home, wrong, { isKnown }))
      // Nor afterwards, by what is left for other names, at other addresses and later.
      heard.push(await codeOfTry('anna', '192.0.2.2', wrong), await codeOfTry('jan', home, wrong))
      for (const minutes of [5, 15]) {
        heard.push(await inTheFuture(minutes, () => codeOfTry('anna', home, wrong, { isKnown })))
      }
      const { rows } = await db.query({ text: `select count(*)::int as n from throttle_counters` })
      expect(rows[0]?.n).toBeGreaterThan(0)
      return heard
    }
    expect(await listen(true)).toEqual(await listen(false))
  })

  test('is answered like a stranger too when too much is under way', async () => {
    await guessFromEverywhere('anna')
    const busy = async () => {
      throw new Refused({ code: 'identity.busy', retryAfterSeconds: 1 })
    }
    await expect(attempt('anna', home, busy, known)).rejects.toMatchObject(stoppedFor(300))
    for (let i = 0; i < 20; i++) await codeOfTry('anna', home, busy, known)
    expect(await codeOfTry('anna', home, right, known)).toBe('in')
  })

  test('is not told from a stranger by the wait: who is stopped hears it later than a password is looked at', async () => {
    const by = makeThrottle(db, KEYS, { stoppedAfterMs: 120 })
    await guessFromEverywhere('anna')
    for (const isKnown of [true, false]) {
      const begun = performance.now()
      expect(await codeOfTry('anna', home, wrong, { by, isKnown })).toBe('identity.too-many-tries')
      // Timers come late, never early.
      expect([isKnown, performance.now() - begun > 115]).toEqual([isKnown, true])
    }
  })

  test('has twenty of them; the one not used for longest is forgotten, and so is one of half a year ago', async () => {
    const id = newId<CustomerId>()
    const text = `insert into customers (id, username, email, username_key, email_key, password_hash)
      values ($1, 'anna', 'anna@example.com', 'anna', 'anna@example.com', '!')`
    await db.query({ text, values: [id] })
    const isKnown = async (address: string) => {
      const values = [id, throttle.marksOf(address)]
      const { rows } = await db.query({
        text: 'select from known_addresses where customer_id = $1 and mark = any ($2)',
        values,
      })
      return rows.length > 0
    }
    for (let i = 0; i < 20; i++) await rememberAddress(db, throttle, id, `192.0.2.${i}`)
    await rememberAddress(db, throttle, id, '192.0.2.0')
    await rememberAddress(db, throttle, id, '198.51.100.1')
    const known = await Promise.all(['192.0.2.0', '192.0.2.1', '192.0.2.2', '198.51.100.1'].map(isKnown))
    expect(known).toEqual([true, false, true, true])
    expect(await isKnown('::ffff:192.0.2.2')).toBe(true)

    await db.query({
      text: `update known_addresses set seen_at = seen_at - interval '181 days' where mark = $1`,
      values: [...throttle.marksOf('192.0.2.0')],
    })
    await forgetThrottling(db)
    expect((await db.query({ text: 'select from known_addresses' })).rows).toHaveLength(19)
    expect(await isKnown('192.0.2.0')).toBe(false)
  })

  test('is known under an older key as long as it is listed', () => {
    const [old] = throttle.marksOf(home)
    const rotated = makeThrottle(db, ['a-new-key-for-tests-and-nothing-else', ...KEYS])
    expect(rotated.marksOf(home)).toEqual([expect.not.stringMatching(`^${old}$`), old])
  })
})

describe('whoever has proved who they are', () => {
  test('has ten tries of their own for each proof, whatever others do, and a right one forgives', async () => {
    const [session, other] = ['session one', 'session two']
    await guessFromEverywhere('anna')
    for (let i = 0; i < 9; i++) await codeOf(throttle.tryPasswordAgain(session, wrong))
    expect(await codeOf(throttle.tryPasswordAgain(session, right))).toBe('in')
    for (let i = 0; i < 10; i++) await codeOf(throttle.tryPasswordAgain(session, wrong))
    await expect(throttle.tryPasswordAgain(session, right)).rejects.toMatchObject(stoppedFor(900))
    expect(await codeOf(throttle.tryPasswordAgain(other, right))).toBe('in')
  })
})

test('who has proved to be the owner otherwise has all their tries again there, and strangers have not', async () => {
  for (const isKnown of [true, false]) {
    for (let i = 0; i < 10; i++) await codeOfTry('anna', '192.0.2.1', wrong, { isKnown })
  }
  for (let i = 0; i < 10; i++) await codeOfTry('anna', '192.0.2.2', wrong)
  await throttle.forgive(['anna', 'anna@example.com'], '192.0.2.1')
  expect(await codeOfTry('anna', '192.0.2.1', right)).toBe('in')
  expect(await codeOfTry('anna', '192.0.2.2', right)).toBe('identity.too-many-tries')
})

test('mails are counted for the account and for the address, apart from passwords', async () => {
  const ask = (account: string, address: string) => codeOf(throttle.countMailRequest({ account, address }))
  for (let i = 0; i < 5; i++) expect(await ask('anna', `198.51.100.${i}`)).toBe('in')
  expect(await ask('anna', '192.0.2.1')).toBe('identity.too-many-tries')
  for (let i = 0; i < 49; i++) expect(await ask(`n${i}`, '192.0.2.1')).toBe('in')
  // What one limit stops is given back to the other.
  expect(await ask('jan', '192.0.2.1')).toBe('in')
  await expect(throttle.countMailRequest({ account: 'ola', address: '192.0.2.1' })).rejects.toMatchObject(
    stoppedFor(3_600),
  )
  expect(await ask('ola', '192.0.2.2')).toBe('in')
  expect(await codeOfTry('anna', '192.0.2.1', right)).toBe('in')
})

test('other names are asked for ten times an hour by a customer, and a hundred times from an address', async () => {
  const rename = (customerId: CustomerId, address: string) => codeOf(throttle.countRename({ customerId, address }))
  const anna = newId<CustomerId>()
  for (let i = 0; i < 10; i++) expect(await rename(anna, `198.51.100.${i}`)).toBe('in')
  expect(await rename(anna, '192.0.2.1')).toBe('identity.too-many-tries')
  for (let i = 0; i < 100; i++) expect(await rename(newId<CustomerId>(), '192.0.2.1')).toBe('in')
  expect(await rename(newId<CustomerId>(), '192.0.2.1')).toBe('identity.too-many-tries')
  await inTheFuture(60, async () => expect(await rename(anna, '192.0.2.1')).toBe('in'))
})

describe('the counts', () => {
  test('are those of all servers together', async () => {
    const servers = [throttle, makeServersThrottle()]
    for (let i = 0; i < 10; i++) await codeOfTry('anna', '192.0.2.1', wrong, { by: servers[i % 2] as Throttle })
    for (const by of servers)
      expect(await codeOfTry('anna', '192.0.2.1', right, { by })).toBe('identity.too-many-tries')
  })

  test('are not asked for again while a flood goes on', async () => {
    let queries = 0
    const watched: Database = {
      ...db,
      query(config) {
        queries += 1
        return db.query(config)
      },
    }
    const by = makeThrottle(watched, KEYS, { stoppedAfterMs: 0 })
    for (let i = 0; i < 11; i++) await codeOfTry('anna', '192.0.2.1', wrong, { by })
    queries = 0
    const flood = await Promise.all(Array.from({ length: 500 }, () => codeOfTry('anna', '192.0.2.1', wrong, { by })))
    expect([queries, new Set(flood)]).toEqual([0, new Set(['identity.too-many-tries'])])
    // It looks again after some seconds: another server may have forgiven.
    await throttle.forgive(['anna'], '192.0.2.1')
    await inTheFuture(6 / 60, async () => expect(await codeOfTry('anna', '192.0.2.1', right, { by })).toBe('in'))
  })

  test('tell nobody who reads the table which names and addresses were tried', async () => {
    await codeOfTry('my-password-typed-into-the-wrong-field', '192.0.2.1', wrong)
    const { rows } = await db.query<{ key: string }>({ text: 'select key from throttle_counters' })
    expect(rows).toHaveLength(3)
    for (const { key } of rows) expect(key).toMatch(/^[a-z ]+:[\w-]{43}$/)
  })

  test('leave the table when they are over', async () => {
    await codeOfTry('anna', '192.0.2.1', wrong)
    await throttle.countRegistration('192.0.2.1')
    const count = async () => (await db.query({ text: 'select from throttle_counters' })).rows.length
    await forgetThrottling(db)
    expect(await count()).toBe(4)
    await db.query({ text: 'update throttle_counters set expire = expire - 16 * 60000' })
    await forgetThrottling(db)
    expect(await count()).toBe(1)
  })

  test('fail the try when the database does', async () => {
    const broken = { ...db, query: () => Promise.reject(new Error('gone')) }
    let looked = false
    const look = async () => {
      looked = true
    }
    await expect(attempt('anna', '192.0.2.1', look, { by: makeThrottle(broken, KEYS) })).rejects.toThrow('gone')
    expect(looked).toBe(false)
  })
})
