import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type S3Server, startS3Server } from '../../../test/support/s3-server.ts'
import {
  type MediaName,
  type MediaStore,
  MediaStoreError,
  makeDiskStore,
  makeS3Store,
  newMediaName,
  parseMediaName,
  type StoredFile,
} from './index.ts'

const BYTES = Buffer.from([0, 1, 0xff, 0x0d, 0x0a, 0x80])
const newName = () => newMediaName('avatars', 'webp')

let directory: string
let s3: S3Server
beforeAll(async () => {
  s3 = await startS3Server()
})
afterAll(() => s3.stop())
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  s3.objects.clear()
  s3.requests.length = 0
  s3.failure = undefined
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

async function allOf(store: MediaStore): Promise<StoredFile[]> {
  const files = []
  for await (const file of store.list('avatars')) files.push(file)
  return files
}

/** What every store promises, whatever it stands on. */
const STORES: Readonly<Record<string, Harness>> = {
  'on disk': {
    make: () => makeDiskStore(join(directory, 'media')),
    keep: (name) => {
      mkdirSync(join(directory, 'media/avatars'), { recursive: true })
      writeFileSync(join(directory, 'media', name), 'other')
    },
    age: (name, storedAt) => utimesSync(join(directory, 'media', name), storedAt, storedAt),
    breakDown: () => writeFileSync(join(directory, 'media'), 'a file where a directory should be'),
  },
  'in S3': {
    make: () => makeS3Store(s3.settings),
    keep: (name) => s3.objects.set(name, { bytes: Buffer.from('other'), type: 'text/html', storedAt: new Date() }),
    age: (name, storedAt) => Object.assign(s3.objects.get(name) ?? {}, { storedAt }),
    breakDown: () => {
      s3.failure = { status: 403, code: 'AccessDenied' }
    },
  },
}

interface Harness {
  make(): MediaStore
  /** Puts something there behind the store's back. */
  keep(name: string): void
  age(name: MediaName, storedAt: Date): void
  breakDown(): void
}

describe.each(Object.entries(STORES))('a media store %s', (_, { make, keep, age, breakDown }) => {
  async function read(store: MediaStore, name: MediaName) {
    const file = await store.open(name)
    return file && { size: file.size, type: file.type, bytes: await buffer(file.bytes) }
  }
  const listed = async (store: MediaStore) => (await allOf(store)).map(({ name }) => name)

  test('gives back what was put, with its size and type', async () => {
    const store = make()
    const [name, other] = [newName(), newName()]
    await store.put(name, BYTES)
    await store.put(other, Buffer.from('other'))
    expect(await read(store, name)).toEqual({ size: 6, type: 'image/webp', bytes: BYTES })
    expect(await read(store, other)).toEqual({ size: 5, type: 'image/webp', bytes: Buffer.from('other') })
  })

  test('keeps large files whole, and for whoever opens the store next', async () => {
    const name = newName()
    const large = Buffer.alloc(3_000_000, 'large')
    await make().put(name, large)
    const found = await read(make(), name)
    expect(found?.size).toBe(3_000_000)
    expect(found?.bytes.equals(large)).toBe(true)
  })

  test('has nothing under a name that was never used, or is not any more', async () => {
    const store = make()
    const name = newName()
    expect(await store.open(name)).toBeUndefined()
    await store.put(name, BYTES)
    await store.delete(name)
    expect(await store.open(name)).toBeUndefined()
    expect(await listed(store)).toEqual([])
  })

  test('deletes nothing but what it is asked to, and what is not there without a word', async () => {
    const store = make()
    const [name, other] = [newName(), newName()]
    await store.delete(name)
    await store.put(other, BYTES)
    await store.delete(name)
    expect(await listed(store)).toEqual([other])
  })

  test('lists all its files with the time they came, and nothing that is not its own', async () => {
    const store = make()
    expect(await listed(store)).toEqual([])
    const names = Array.from({ length: 5 }, newName).sort()
    for (const name of names) await store.put(name, BYTES)
    keep('avatars/readme.txt')
    const longAgo = new Date('2020-02-02T02:02:02Z')
    age(names[0] as MediaName, longAgo)
    const files = (await allOf(store)).sort((a, b) => (a.name < b.name ? -1 : 1))
    expect(files.map(({ name }) => name)).toEqual(names)
    expect(files[0]?.storedAt).toEqual(longAgo)
    for (const { storedAt } of files.slice(1)) expect(Math.abs(Date.now() - storedAt.getTime())).toBeLessThan(60_000)
  })

  test('lists and deletes what is left of a put that never ended, and opens it for nobody', async () => {
    const store = make()
    const part = `avatars/${'0'.repeat(32)}.part` as MediaName
    keep(part)
    expect(await store.open(part)).toBeUndefined()
    expect(await listed(store)).toEqual([part])
    await store.delete(part)
    expect(await listed(store)).toEqual([])
  })

  test('says in its own words that it cannot do its work', async () => {
    const store = make()
    breakDown()
    const name = newName()
    await expect(listed(store)).rejects.toThrow(new MediaStoreError('avatars cannot be listed'))
    await expect(store.put(name, BYTES)).rejects.toThrow(new RegExp(`^${name} cannot be (written|stored)$`))
  })
})

describe('on disk', () => {
  const store = () => makeDiskStore(join(directory, 'media'))

  test('a put that fails leaves nothing', async () => {
    const name = newName()
    // Where the file should go, there is a directory: writing works, the last step does not.
    mkdirSync(join(directory, 'media', name), { recursive: true })
    await expect(store().put(name, BYTES)).rejects.toThrow(MediaStoreError)
    expect(readdirSync(join(directory, 'media/avatars'))).toEqual([name.slice('avatars/'.length)])
    expect(await store().open(name)).toBeUndefined()
  })

  test.skipIf(process.platform === 'win32')('a link is not followed, and not listed', async () => {
    writeFileSync(join(directory, 'secret'), 'secret')
    mkdirSync(join(directory, 'media/avatars'), { recursive: true })
    const name = newName()
    symlinkSync(join(directory, 'secret'), join(directory, 'media', name))
    expect(await store().open(name)).toBeUndefined()
    expect(await allOf(store())).toEqual([])
  })
})

describe('in S3', () => {
  test('an object lies in the bucket, under its name and with its type', async () => {
    const store = makeS3Store(s3.settings)
    const name = newName()
    await store.put(name, BYTES)
    expect([...s3.objects].map(([key, { bytes, type }]) => [key, bytes, type])).toEqual([[name, BYTES, 'image/webp']])
    await (await store.open(name))?.bytes.resume()
    await store.delete(name)
    expect(s3.requests).toEqual([`PUT /shop-media/${name}`, `GET /shop-media/${name}`, `DELETE /shop-media/${name}`])
  })

  test('the type is ours, whatever the bucket says', async () => {
    const name = newName()
    STORES['in S3']?.keep(name)
    const file = await makeS3Store(s3.settings).open(name)
    file?.bytes.resume()
    expect(file?.type).toBe('image/webp')
  })

  test.each([
    [{ accessKey: 'stolen' }, 'SignatureDoesNotMatch'],
    [{ bucket: 'elsewhere' }, 'NoSuchBucket'],
  ])('what the store refuses is in the cause: %j', async (wrong, code) => {
    const store = makeS3Store({ ...s3.settings, ...wrong })
    const works = [() => store.put(newName(), BYTES), () => store.open(newName()), () => store.delete(newName())]
    for (const work of works) {
      const error = await work().catch((thrown) => thrown)
      expect(error).toBeInstanceOf(MediaStoreError)
      expect(error.cause).toMatchObject({ name: code, message: code })
      // Whoever logs it must not log a signed request.
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('AWS4')
    }
    expect(s3.objects.size).toBe(0)
  })

  test('an error of the moment is tried again, three times in all', async () => {
    const store = makeS3Store(s3.settings)
    s3.failure = { status: 503, code: 'SlowDown' }
    const name = newName()
    await expect(store.put(name, BYTES)).rejects.toMatchObject({ cause: { name: 'SlowDown' } })
    expect(s3.requests).toEqual(Array(3).fill(`PUT /shop-media/${name}`))
  })

  test('a store that does not answer is an error, not a wait', async () => {
    const gone = await startS3Server()
    await gone.stop()
    await expect(makeS3Store(gone.settings).put(newName(), BYTES)).rejects.toThrow(MediaStoreError)
  })
})

describe('a name', () => {
  test('is another one every time, and nothing that could be counted up', () => {
    const names = Array.from({ length: 1_000 }, newName)
    expect(new Set(names).size).toBe(1_000)
    for (const name of names) expect(name).toMatch(/^avatars\/[0-9a-f]{32}\.webp$/)
    expect(parseMediaName(names[0] ?? '')).toBe(names[0])
  })

  test.each([
    '',
    'avatars/',
    'avatars/me.webp',
    `avatars/${'a'.repeat(31)}.webp`,
    `avatars/${'A'.repeat(32)}.webp`,
    `avatars/${'a'.repeat(32)}.svg`,
    `avatars/${'a'.repeat(32)}.webp\n`,
    `avatars/../${'a'.repeat(32)}.webp`,
    `/avatars/${'a'.repeat(32)}.webp`,
    `secrets/${'a'.repeat(32)}.webp`,
    `avatars\\${'a'.repeat(32)}.webp`,
  ])('%j is none', (text) => expect(parseMediaName(text)).toBeUndefined())
})
