import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../../test/support/database.ts'
import { type MediaStore, MediaStoreError, makeDiskStore, newMediaName } from '../../media/index.ts'
import type { Database } from '../../store/database.ts'
import {
  getProfile,
  makeHasher,
  makeStandInPoint,
  newToken,
  type Presented,
  presentToken,
  register,
  signIn,
  UNTHROTTLED,
} from '../index.ts'
import { type Avatar, deleteOrphanAvatars, readAvatar, removeAvatar, setAvatar } from './index.ts'

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
  picture = await readAvatar(await red.png().toBuffer())
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
  const silent = {
    ...db,
    query: async (config: Parameters<Database['query']>[0]) => {
      await db.query(config)
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
