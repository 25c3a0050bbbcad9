import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { type ClientRequest, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../../../../test/support/database.ts'
import { noise } from '../../../../test/support/form-body.ts'
import { TEST_MAILS } from '../../../../test/support/mails.ts'
import {
  type AvatarIntake,
  makeAvatarIntake,
  makeHasher,
  makeJwts,
  makeStandInPoint,
  obtainJwt,
  register,
  SessionActivity,
  UNTHROTTLED,
} from '../../identity/index.ts'
import { makeDiskStore } from '../../media/index.ts'
import { makeCsrfTokens } from '../http/session-csrf.ts'
import { accountsContract } from './index.ts'

// The contract by itself, so that one can look into the intake while pictures come in.

const TERM = { idleDays: 7, maxDays: 7 }
const TERMS = { cookie: TERM, access: TERM, jwt: TERM }
const KEYS = ['a-key-for-tests-and-for-nothing-else']
const MB = 1_024 * 1_024

const standInPoint = makeStandInPoint(KEYS)
const signIn = { hasher: makeHasher(), terms: TERMS, throttle: UNTHROTTLED, standInPoint }
const jwts = makeJwts(KEYS)
let fresh: FreshDatabase
let directory: string
let avatars: AvatarIntake
let app: FastifyInstance
let port: number
let picture: Buffer

beforeAll(async () => {
  fresh = await freshDatabase()
  directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  avatars = makeAvatarIntake()
  app = Fastify({ trustProxy: true })
  app.register(
    accountsContract({
      db: fresh.db,
      jwts,
      sessionActivity: new SessionActivity(fresh.db, TERMS),
      publicUrl: 'http://127.0.0.1',
      signIn,
      passwordPolicy: 'documented',
      mails: TEST_MAILS,
      csrf: makeCsrfTokens(KEYS),
      media: makeDiskStore(directory),
      avatars,
    }),
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
  picture = await noise(260)
})
afterAll(async () => {
  app.server.closeAllConnections()
  await app.close()
  await fresh.drop()
  rmSync(directory, { recursive: true, force: true })
})
// Whatever came in is let go.
afterEach(async () => {
  await expect.poll(() => avatars.bytesHeld(), WHILE).toBe(0)
})

interface Person {
  readonly jwt: string
  readonly address: string
}

let made = 0
async function newPerson(address = `198.51.100.${made + 1}`): Promise<Person> {
  const name = `anna-${++made}`
  const wish = { username: name, email: `${name}@example.com`, password: 'obiwansux', firstName: '', address }
  await register(fresh.db, { ...signIn, policy: 'documented' }, wish)
  const origin = { kind: 'jwt', address, agent: 'vitest' } as const
  return { jwt: await obtainJwt(fresh.db, jwts, signIn, { name, password: wish.password, origin }), address }
}

const BEGIN = '--xx\r\ncontent-disposition: form-data; name="avatar"; filename="me.png"\r\n\r\n'
const END = '\r\n--xx--\r\n'

interface Upload {
  readonly sent: ClientRequest
  /** The status, or what became of the connection. */
  readonly answer: Promise<{ status: number | string; isLast?: boolean; text?: string }>
}

/** Begins a form with an avatar; its end is up to the caller. */
function begin({ jwt, address }: Person, headers: Record<string, string> = {}): Upload {
  const sent = request({
    host: '127.0.0.1',
    port,
    agent: false,
    method: 'PUT',
    path: '/update_profile/',
    headers: {
      authorization: `JWT ${jwt}`,
      'content-type': 'multipart/form-data; boundary=xx',
      'x-forwarded-for': address,
      connection: 'keep-alive',
      ...headers,
    },
  })
  const answer = new Promise<Awaited<Upload['answer']>>((resolve) => {
    sent.on('error', (error: NodeJS.ErrnoException) => resolve({ status: error.code ?? error.message }))
    sent.on('response', (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, isLast: response.headers.connection === 'close', text })
        if (!sent.writableEnded) sent.destroy()
      })
    })
  })
  return { sent, answer }
}

function upload(person: Person, file: Buffer): Upload['answer'] {
  const { sent, answer } = begin(person)
  sent.write(BEGIN)
  sent.write(file)
  sent.end(END)
  return answer
}

/** As long as somebody listens. */
function pour(sent: ClientRequest, bytes: number): void {
  const piece = Buffer.alloc(64 * 1_024, 'x')
  let left = bytes
  const more = () => {
    while (left > 0 && !sent.destroyed) {
      left -= piece.length
      if (!sent.write(piece)) return
    }
    if (!sent.destroyed) sent.end(END)
  }
  sent.on('drain', more)
  more()
}

const storedFiles = () => {
  const folder = join(directory, 'avatars')
  return existsSync(folder) ? readdirSync(folder).sort() : []
}
async function namedFiles(): Promise<string[]> {
  const { rows } = await fresh.db.query<{ avatar: string }>({
    text: `select avatar from customers where avatar <> '' order by avatar`,
  })
  return rows.map(({ avatar }) => avatar.slice('avatars/'.length))
}

/** Waits as long as a machine may take that has other things to do. */
const WHILE = { timeout: 30_000 }

test('sixty uploads at once, good and bad: each gets its answer, no file is left over, and memory is bounded', async () => {
  const before = storedFiles().length
  const people = await Promise.all(Array.from({ length: 60 }, () => newPerson()))
  const next = () => people.pop() as Person
  const png = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, avatars.bytesHeld())
  }, 1)

  const slow = Array.from({ length: 10 }, next).map((person) => begin(person))
  for (const { sent } of slow) sent.write(Buffer.concat([Buffer.from(BEGIN), picture.subarray(0, 100_000)]))
  const aborted = Array.from({ length: 8 }, next).map((person) => ({ person, ...begin(person) }))
  for (const { sent } of aborted) sent.write(Buffer.concat([Buffer.from(BEGIN), picture.subarray(0, 150_000)]))
  // All of them have arrived.
  await expect.poll(() => avatars.bytesHeld(), WHILE).toBeGreaterThanOrEqual(8 * 150_000 + 10 * 100_000)

  const good = Array.from({ length: 18 }, next).map((person) => upload(person, picture))
  const none = Array.from({ length: 6 }, next).map((person) => upload(person, Buffer.from('<svg/>'.repeat(1_000))))
  const cut = Array.from({ length: 4 }, next).map((person) => upload(person, picture.subarray(0, 90_000)))
  const large = Array.from({ length: 6 }, next).map((person) => {
    const { sent, answer } = begin(person)
    sent.write(BEGIN)
    sent.write(png)
    pour(sent, 7 * MB)
    return answer
  })
  const told = Array.from({ length: 4 }, next).map((person) => {
    const { sent, answer } = begin(person, { 'content-length': String(40 * MB) })
    sent.write(BEGIN)
    return answer
  })
  const endless = Array.from({ length: 4 }, next).map((person) => {
    const { sent, answer } = begin(person)
    sent.write(BEGIN)
    sent.write(png)
    pour(sent, 500 * MB)
    return answer
  })
  expect(people).toEqual([])
  for (const { sent } of aborted) sent.destroy()

  const problem = (text: string) => ({ status: 400, isLast: false, text: JSON.stringify({ avatar: [text] }) })
  const noImage = 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.'
  const unread = { status: 413, isLast: true, text: '{"detail":"Request body is too large."}' }
  const okay = (await Promise.all(good)).map(({ status, isLast }) => [status, isLast])
  expect(okay).toEqual(Array(18).fill([200, false]))
  expect(await Promise.all(none)).toEqual(Array(6).fill(problem(noImage)))
  expect(await Promise.all(cut)).toEqual(Array(4).fill(problem(noImage)))
  expect(await Promise.all(large)).toEqual(Array(6).fill(problem('Ensure this file is at most 5 MB.')))
  expect(await Promise.all(told)).toEqual(Array(4).fill(unread))
  expect(await Promise.all(endless)).toEqual(Array(4).fill(unread))
  // The slow ones have disturbed nobody, and nobody them.
  for (const { sent } of slow) {
    sent.write(picture.subarray(100_000))
    sent.end(END)
  }
  expect((await Promise.all(slow.map(({ answer }) => answer))).map(({ status }) => status)).toEqual(Array(10).fill(200))
  clearInterval(watch)

  expect(storedFiles()).toEqual(await namedFiles())
  expect(storedFiles().length - before).toBe(28)
  // At the most, that of what is too large: it is let go when it is known to be.
  expect(most).toBeGreaterThan(8 * 150_000)
  expect(most).toBeLessThanOrEqual(64 * MB)
  // Who hung up has left no place taken.
  for (const { person } of aborted) expect((await upload(person, picture)).status).toBe(200)
}, 60_000)

test('one customer, and one address, cannot keep others from uploading', async () => {
  const address = '203.0.113.1'
  const mallory = await newPerson(address)
  const friends = await Promise.all(Array.from({ length: 10 }, () => newPerson(address)))
  const anna = await newPerson()
  const half = (person: Person) => {
    const started = begin(person)
    started.sent.write(Buffer.concat([Buffer.from(BEGIN), picture.subarray(0, 70_000)]))
    return started
  }

  /** Sends half of each, and waits until all but so many have heard that there is no room. */
  async function crowd(people: readonly Person[], places: number): Promise<Upload[]> {
    const refused: unknown[] = []
    const uploads = people.map(half)
    for (const { answer } of uploads) answer.then(({ status }) => refused.push(status))
    await expect.poll(() => refused.length, WHILE).toBe(people.length - places)
    expect(refused).toEqual(Array(people.length - places).fill(429))
    return uploads
  }
  const own = await crowd(Array(20).fill(mallory), 2)
  const others = await crowd(friends, 6)
  await expect.poll(() => avatars.bytesHeld(), WHILE).toBe(8 * 131_072)

  expect((await upload(anna, picture)).status).toBe(200)
  for (const { sent } of [...own, ...others]) sent.destroy()
})
