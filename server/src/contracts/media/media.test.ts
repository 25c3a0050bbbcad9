import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type S3Server, startS3Server } from '../../../../test/support/s3-server.ts'
import { send } from '../../../../test/support/shop-client.ts'
import { type ShopServer, startShopServer } from '../../../../test/support/shop-server.ts'
import { type MediaName, makeDiskStore, makeS3Store, newMediaName } from '../../media/index.ts'
import { mediaPath } from './index.ts'

const BYTES = Buffer.from('RIFF\x04\0\0\0WEBP\xff\xfe', 'latin1')
let onDisk: ShopServer
let s3: S3Server
let inS3: ShopServer
let name: MediaName

beforeAll(async () => {
  s3 = await startS3Server()
  const { endpoint, region, bucket, accessKey, secretKey } = s3.settings
  const env = {
    S3_ENDPOINT: endpoint,
    S3_REGION: region,
    S3_BUCKET: bucket,
    S3_ACCESS_KEY: accessKey,
    S3_SECRET_KEY: secretKey,
  }
  onDisk = await startShopServer()
  inS3 = await startShopServer({ env })
  name = newMediaName('avatars', 'webp')
  await makeDiskStore(join(onDisk.config.dataDir, 'media')).put(name, BYTES)
  await makeS3Store(s3.settings).put(name, BYTES)
})
afterAll(async () => {
  await onDisk?.stop()
  await inS3?.stop()
  await s3?.stop()
})

const get = (server: ShopServer, path: string, method = 'GET') => send(server.baseUrl, method, path, undefined)

test.each([
  ['on disk', () => onDisk],
  ['in S3', () => inS3],
])('a file %s is served with its type, to be kept for ever, and to run nothing', async (_, server) => {
  const response = await fetch(server().baseUrl + mediaPath(name))
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/webp',
    'content-length': String(BYTES.length),
    'cache-control': 'public, max-age=31536000, immutable',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  })
  expect(response.headers.has('set-cookie')).toBe(false)
  expect(response.body && (await buffer(response.body))).toEqual(BYTES)
})

test.each([
  ['on disk', () => onDisk],
  ['in S3', () => inS3],
])('a file %s is not sent again to who has it, and to nobody else', async (_, server) => {
  const etag = `"${name.slice('avatars/'.length)}"`
  const ask = (path: string, known?: string, method = 'GET') =>
    send(server().baseUrl, method, path, undefined, { 'if-none-match': known })
  expect((await ask(mediaPath(name))).headers.etag).toBe(etag)
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, text } = await ask(mediaPath(name), known, method)
      expect([status, headers.etag, headers['cache-control'], headers['content-type'], text]).toEqual([
        304,
        etag,
        'public, max-age=31536000, immutable',
        undefined,
        '',
      ])
    }
  }
  for (const other of ['"other"', name, '""', '']) expect((await ask(mediaPath(name), other)).status).toBe(200)
  // What is gone is gone, also for who has it still.
  expect((await ask(mediaPath(newMediaName('avatars', 'webp')), '*')).status).toBe(404)
})

test('HEAD tells the same without the bytes', async () => {
  const { status, headers, text } = await get(onDisk, mediaPath(name), 'HEAD')
  expect([status, headers['content-type'], headers['content-length'], text]).toEqual([200, 'image/webp', '14', ''])
})

test.each([
  '/media',
  '/media/',
  '/media/avatars',
  '/media/avatars/',
  `/media/avatars/${'0'.repeat(32)}.webp`,
  `/media/avatars/${'0'.repeat(32)}.part`,
  '/media/avatars/..%2f..%2fsecret-key',
  '/media/avatars/%2e%2e%2f%2e%2e%2fsecret-key',
  '/media/..%2fsecret-key',
  '/media/avatars/..',
  '/media/avatars/notes.webp',
  '/media/avatars/a%00b.webp',
  '/media/avatars/link',
  `/media/avatars/${'f'.repeat(32)}.webp`,
])('%s is not found', async (path) => {
  const folder = join(onDisk.config.dataDir, 'media/avatars')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(onDisk.config.dataDir, 'secret-key'), 'secret')
  writeFileSync(join(folder, 'notes.webp'), 'not ours')
  writeFileSync(join(folder, `${'0'.repeat(32)}.part`), 'half a file')
  try {
    symlinkSync(join(onDisk.config.dataDir, 'secret-key'), join(folder, `${'f'.repeat(32)}.webp`))
  } catch {
    // It is there since the test before, or the system lets nobody make links.
  }
  const { status, headers, body } = await get(onDisk, path)
  expect([status, body, headers['content-type']]).toEqual([
    404,
    { detail: 'Not found.' },
    'application/json; charset=utf-8',
  ])
  expect(headers['cache-control'] ?? '').not.toContain('immutable')
})

test('a store that is out of order is told in words, without a reason', async () => {
  s3.failure = { status: 403, code: 'AccessDenied' }
  const { status, body } = await get(inS3, mediaPath(name))
  s3.failure = undefined
  expect(status).toBeGreaterThanOrEqual(500)
  expect(JSON.stringify(body)).not.toMatch(/AccessDenied|avatars|s3/i)
})
