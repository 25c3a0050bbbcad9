import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import { TEST_MAILS } from '../../../test/support/mails.ts'
import type { CustomerId } from '../kernel/ids.ts'
import type { MailSeal } from '../mail/index.ts'
import { type MediaStore, MediaStoreError, makeDiskStore, newMediaName } from '../media/index.ts'
import type { Database } from '../store/database.ts'
import {
  type Avatar,
  changeProfile,
  deleteOrphanAvatars,
  getProfile,
  isLines,
  isOneLine,
  LENGTH_MAX,
  makeAvatarIntake,
  makeHasher,
  makeStandInPoint,
  newToken,
  type Presented,
  type ProfileChange,
  type ProfileText,
  presentToken,
  register,
  signIn,
  UNTHROTTLED,
} from './index.ts'

const TERM = { idleDays: 14, maxDays: 90 }
const SIGN_IN = {
  hasher: makeHasher(),
  terms: { cookie: TERM, access: TERM, jwt: TERM },
  throttle: UNTHROTTLED,
  standInPoint: makeStandInPoint(['a-key-for-tests-and-for-nothing-else']),
}
const ORIGIN = { kind: 'cookie', address: '127.0.0.1', agent: 'vitest' } as const
const NOW = new Date()
const DAY_MS = 86_400_000

let fresh: FreshDatabase
let db: Database
let directory: string
let media: MediaStore
let picture: Avatar

beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
  const red = sharp({ create: { width: 8, height: 8, channels: 3, background: '#f00' } })
  const file = Readable.from([await red.png().toBuffer()])
  const sender = { customerId: 'anna' as CustomerId, address: '127.0.0.1' }
  picture = await makeAvatarIntake().admit(sender, (readAvatar) => readAvatar(file))
})
afterAll(() => fresh.drop())
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  media = makeDiskStore(directory)
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

let made = 0
async function newCustomer(): Promise<Presented> {
  const name = `anna-${++made}`
  const password = 'obiwansux'
  const wish = { username: name, email: `${name}@example.com`, password, firstName: '', address: '' }
  await register(db, { ...SIGN_IN, policy: 'documented' }, wish)
  return presentToken((await signIn(db, SIGN_IN, { name, password, origin: ORIGIN })).token)
}

const avatarOf = async (presented: Presented) => (await getProfile(db, presented)).avatar
/** The names of all files there are, whole or not. */
function files(): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `avatars/${entry.name}`)
    .sort()
}

const change = (db: Database, store: MediaStore, who: Presented, wish: ProfileChange) =>
  changeProfile({ db, media: store, mails: TEST_MAILS }, who, wish, '')
const setAvatar = (db: Database, store: MediaStore, who: Presented, avatar: Avatar) =>
  change(db, store, who, { avatar })
const removeAvatar = (db: Database, store: MediaStore, who: Presented) => change(db, store, who, { avatar: null })

test('a customer begins without an avatar', async () => {
  expect(await avatarOf(await newCustomer())).toBe('')
})

test('the avatar is kept under a name of ours, and the profile tells it', async () => {
  const anna = await newCustomer()
  const changed = await setAvatar(db, media, anna, picture)
  expect(changed).toEqual(await getProfile(db, anna))
  expect(changed.avatar).toMatch(/^avatars\/[0-9a-f]{32}\.webp$/)
  expect(files()).toEqual([changed.avatar])
})

test('another avatar takes its place, and the file before is gone', async () => {
  const [anna, jan] = [await newCustomer(), await newCustomer()]
  const jans = await setAvatar(db, media, jan, picture)
  const first = await setAvatar(db, media, anna, picture)
  const second = await setAvatar(db, media, anna, picture)
  expect(second.avatar).not.toBe(first.avatar)
  expect(files()).toEqual([jans.avatar, second.avatar].sort())
})

test('an avatar that is removed leaves no file, and removing it again is no mistake', async () => {
  const anna = await newCustomer()
  await setAvatar(db, media, anna, picture)
  expect((await removeAvatar(db, media, anna)).avatar).toBe('')
  expect(files()).toEqual([])
  expect(await removeAvatar(db, media, anna)).toEqual(await getProfile(db, anna))
})

test('of many at once one stays, in the row and on the disk', async () => {
  const anna = await newCustomer()
  await Promise.all(Array.from({ length: 12 }, () => setAvatar(db, media, anna, picture)))
  expect(files()).toEqual([await avatarOf(anna)])
})

test('set and removed at once, the row and the disk agree', async () => {
  const anna = await newCustomer()
  for (let round = 0; round < 5; round++) {
    await Promise.all([
      setAvatar(db, media, anna, picture),
      removeAvatar(db, media, anna),
      setAvatar(db, media, anna, picture),
    ])
    expect(files()).toEqual([await avatarOf(anna)].filter(Boolean))
  }
})

describe('no file is left behind', () => {
  test('when nobody is signed in', async () => {
    const stranger = presentToken(newToken())
    for (const work of [() => setAvatar(db, media, stranger, picture), () => removeAvatar(db, media, stranger)]) {
      await expect(work()).rejects.toMatchObject({ refusal: { code: 'identity.not-signed-in' } })
    }
    expect(files()).toEqual([])
  })

  test('when the store cannot keep the file: the customer keeps the one before', async () => {
    const anna = await newCustomer()
    const { avatar } = await setAvatar(db, media, anna, picture)
    const full = { ...media, put: () => Promise.reject(new MediaStoreError('no room')) }
    await expect(setAvatar(db, full, anna, picture)).rejects.toThrow('no room')
    expect([await avatarOf(anna), files()]).toEqual([avatar, [avatar]])
  })

  test('when the database says no', async () => {
    const anna = await newCustomer()
    const { avatar } = await setAvatar(db, media, anna, picture)
    await db.query({ text: 'alter table customers add constraint no_more check (avatar is null) not valid' })
    try {
      await expect(setAvatar(db, media, anna, picture)).rejects.toMatchObject({ code: '23514' })
    } finally {
      await db.query({ text: 'alter table customers drop constraint no_more' })
    }
    expect([await avatarOf(anna), files()]).toEqual([avatar, [avatar]])
  })
})

test('when the connection breaks, the file stays: the row may point to it', async () => {
  const anna = await newCustomer()
  const silent: Database = {
    ...db,
    transaction: async (work) => {
      await db.transaction(work)
      throw new Error('Connection terminated unexpectedly')
    },
  }
  await expect(setAvatar(silent, media, anna, picture)).rejects.toThrow('Connection terminated unexpectedly')
  expect(files()).toEqual([await avatarOf(anna)])
})

test('a file that cannot be deleted now does not keep the customer from another avatar', async () => {
  const anna = await newCustomer()
  const first = await setAvatar(db, media, anna, picture)
  const stubborn = { ...media, delete: () => Promise.reject(new MediaStoreError('not now')) }
  const second = await setAvatar(db, stubborn, anna, picture)
  expect(await avatarOf(anna)).toBe(second.avatar)
  expect(files()).toEqual([first.avatar, second.avatar].sort())
})

describe('texts and avatar are changed together', () => {
  test('all of it', async () => {
    const anna = await newCustomer()
    const before = await getProfile(db, anna)
    const changed = await change(db, media, anna, { firstName: 'Anna', city: 'Łódź', avatar: picture })
    expect(changed).toEqual({ ...before, firstName: 'Anna', city: 'Łódź', avatar: changed.avatar })
    expect([await getProfile(db, anna), files()]).toEqual([changed, [changed.avatar]])
    // What is not named stays, the avatar too.
    expect(await change(db, media, anna, { city: '' })).toEqual({ ...changed, city: '' })
    expect(files()).toEqual([changed.avatar])
    expect(await change(db, media, anna, {})).toEqual({ ...changed, city: '' })
  })

  test('or nothing: names that are taken keep a new avatar out, and the old one in', async () => {
    const [anna, jan] = [await newCustomer(), await newCustomer()]
    const { username, email } = await getProfile(db, jan)
    const before = await change(db, media, anna, { firstName: 'Anna', avatar: picture })
    for (const avatar of [picture, null]) {
      const taken = change(db, media, anna, { avatar, lastName: 'Nowak', username: username.toUpperCase() })
      await expect(taken).rejects.toMatchObject({ refusal: { code: 'identity.already-used', fields: ['username'] } })
      const foreign = change(db, media, anna, { avatar, lastName: 'Nowak', username: email })
      await expect(foreign).rejects.toMatchObject({ refusal: { code: 'identity.username-is-an-email' } })
      expect([await getProfile(db, anna), files()]).toEqual([before, [before.avatar]])
    }
  })

  test('or nothing: also when it fails where the avatar is changed already, and the names are not', async () => {
    const anna = await newCustomer()
    const before = await change(db, media, anna, { firstName: 'Anna', avatar: picture })
    await db.query({
      text: `create function fail_between() returns trigger language plpgsql as $$
        begin if new.avatar <> old.avatar then raise exception 'between avatar and names'; end if; return new; end $$;
        create trigger fail_between after update of avatar on customers for each row execute function fail_between()`,
    })
    try {
      for (const avatar of [picture, null]) {
        await expect(change(db, media, anna, { avatar, firstName: 'Ewa' })).rejects.toThrow('between avatar')
        expect([await getProfile(db, anna), files()]).toEqual([before, [before.avatar]])
      }
    } finally {
      await db.query({ text: 'drop function fail_between cascade' })
    }
  })

  test('or nothing: also when the mail about a new e-mail cannot be written', async () => {
    const anna = await newCustomer()
    const before = await change(db, media, anna, { firstName: 'Anna', avatar: picture })
    const failing: MailSeal = { ...TEST_MAILS.seal, close: () => expect.fail('no seal') }
    const mails = { ...TEST_MAILS, seal: failing }
    for (const avatar of [picture, null]) {
      const wish = { avatar, firstName: 'Ewa', email: 'ewa@example.com' }
      await expect(changeProfile({ db, media, mails }, anna, wish, '')).rejects.toThrow('no seal')
      expect([await getProfile(db, anna), files()]).toEqual([before, [before.avatar]])
    }
  })

  test('the file is there before a profile names it, and deleted after no profile does', async () => {
    const anna = await newCustomer()
    const steps: string[] = []
    const watched: MediaStore = {
      ...media,
      put: async (name, bytes) => {
        steps.push(`put, ${(await avatarOf(anna)) === name ? 'named' : 'not named'}`)
        await media.put(name, bytes)
      },
      delete: async (name) => {
        steps.push(`delete, ${(await avatarOf(anna)) === name ? 'named' : 'not named'}`)
        await media.delete(name)
      },
    }
    await change(db, watched, anna, { avatar: picture })
    await change(db, watched, anna, { avatar: picture })
    await change(db, watched, anna, { avatar: null })
    expect(steps).toEqual(['put, not named', 'put, not named', 'delete, not named', 'delete, not named'])
  })
})

describe('the database holds to the rules of texts', () => {
  const TEXTS = Object.entries(LENGTH_MAX) as [ProfileText, number][]

  test.each(TEXTS.filter(([field]) => field !== 'username' && field !== 'email'))(
    '%s has at most %i characters, of which each counts as one',
    async (field, max) => {
      const anna = await newCustomer()
      const longest = '𝒶'.repeat(max)
      expect((await change(db, media, anna, { [field]: longest }))[field]).toBe(longest)
      await expect(change(db, media, anna, { [field]: `${longest}a` })).rejects.toMatchObject({ code: '23514' })
    },
  )

  test.each(['firstName', 'lastName', 'patronymic', 'phone', 'city', 'address'] as const)(
    '%s holds what isOneLine and isLines let through, and nothing else',
    async (field) => {
      const anna = await newCustomer()
      const isGood = field === 'address' ? isLines : isOneLine
      const codes = [...Array(0xa1).keys(), 0x200d, 0x2027, 0x2028, 0x2029, 0x202a, 0xfeff].filter((code) => code > 0)
      for (const character of codes.map((code) => String.fromCodePoint(code))) {
        const outcome = await change(db, media, anna, { [field]: `a${character}b` }).then(
          () => true,
          (error) => (error.code === '23514' ? false : error),
        )
        expect([character, outcome]).toEqual([character, isGood(`a${character}b`)])
      }
    },
  )
})

describe('deleting orphans', () => {
  async function orphan(ageMs: number) {
    const name = newMediaName('avatars', 'webp')
    await media.put(name, picture)
    const time = new Date(NOW.getTime() - ageMs)
    utimesSync(join(directory, name), time, time)
    return name
  }

  test('takes the files that are nobody’s once they are a day old, and no other', async () => {
    const anna = await newCustomer()
    const { avatar } = await setAvatar(db, media, anna, picture)
    const longAgo = new Date(0)
    utimesSync(join(directory, avatar), longAgo, longAgo)
    const young = await orphan(DAY_MS - 60_000)
    await orphan(DAY_MS + 60_000)
    await orphan(400 * DAY_MS)
    expect(await deleteOrphanAvatars(db, media, NOW)).toEqual({ files: 2 })
    expect(files()).toEqual([avatar, young].sort())
    expect(await deleteOrphanAvatars(db, media, NOW)).toEqual({ files: 0 })
  })

  test('comes to an end of any number of them', async () => {
    const anna = await newCustomer()
    const { avatar } = await setAvatar(db, media, anna, picture)
    for (let i = 0; i < 1_003; i++) await orphan(2 * DAY_MS)
    const swept = await Promise.all([deleteOrphanAvatars(db, media, NOW), deleteOrphanAvatars(db, media, NOW)])
    expect(swept[0].files + swept[1].files).toBeGreaterThanOrEqual(1_003)
    expect(files()).toEqual([avatar])
  })

  test('finds nothing to do in a store that was never used', async () => {
    expect(await deleteOrphanAvatars(db, media, NOW)).toEqual({ files: 0 })
  })
})
