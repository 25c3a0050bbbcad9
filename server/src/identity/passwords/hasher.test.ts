import { performance } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { makeHasher } from './hasher.ts'

// Made with Django 5.2.17 (argon2-cffi 25.1, bcrypt 5.0, Python's hashlib), `make_password`, its default parameters.
const ZAZOLC = 'Zażółć gęślą jaźń 1'
const BY_DJANGO = [
  'pbkdf2_sha256$1000000$ZzWbtTmAtDliEgb3YNm1cT$/gYGBbjY7SBOa49sl8C8y7NoNPS9QPlK6IzuauPQC08=',
  'scrypt$16384$t0sl7dosXmiR2cB7KUGYxe$8$5$tWYMVEvUqDYcVeQAH1mfy6yALZCv3I9oRcuwYpSw50vshVgxrKDkqH0IZghlbUBlgyXhbQjJcuyxAC7RDTP+lw==',
  'bcrypt_sha256$$2b$12$k0eQfZ83Y6biMEdDgDRpW.9xnKalc/hISTPzt6sL6biveiJBN8/A6',
  'argon2$argon2id$v=19$m=102400,t=2,p=8$ZjA0VkR3UGptRmV0TWhETlRhcXUybg$yGvkJQK+iL5S9xm/d91J8vYZlZ8O2mG8dJldGqIW/yw',
]
const OBIWANSUX = [
  // Printed in the shop contract.
  'pbkdf2_sha256$36000$xvzy4LeTXEol$y/Rkl8Qn8JQ49tc3pIzRjX7+CLEPIzL9RZLoHqVz5n0=',
  // Django's hasher with n=1024.
  'scrypt$1024$seasalt$8$5$miSTzMtaSs8RO01l9Ph9PxqxntYWO0KsjmA47jeZC/a43A4ENEMN7ZMhhPiJksPzJ//kDx5gxyEDpIjoi8dJ9Q==',
  // glibc's crypt(3) of the SHA-256 in hex.
  'bcrypt_sha256$$2y$05$CCCCCCCCCCCCCCCCCCCCC.EXJVUA/Aphdo3aEaBdAzAzIeBMdtiGW',
  // argon2-cffi's hash_secret: the three varieties, two lanes, a digest of 24 bytes, both versions.
  'argon2$argon2i$v=19$m=256,t=3,p=2$c2Vhc2FsdHNlYXNhbHQ$cMxe/yqKAzuPTfctqC5Ksj8vANIUvSh3',
  'argon2$argon2d$v=19$m=256,t=3,p=2$c2Vhc2FsdHNlYXNhbHQ$x3oq4NwAl4+Pp+ju7PgB4BgA5jEsdOSp',
  'argon2$argon2id$v=19$m=256,t=3,p=2$c2Vhc2FsdHNlYXNhbHQ$W4KQZzamgkUb7XuPzmar5vPa0P4sPEAl',
  'argon2$argon2i$v=16$m=256,t=3,p=2$c2Vhc2FsdHNlYXNhbHQ$t7/o/lFNUScHGK5zXIuQHRvdOcJb7rDf',
  'argon2$argon2i$m=256,t=3,p=2$c2Vhc2FsdHNlYXNhbHQ$t7/o/lFNUScHGK5zXIuQHRvdOcJb7rDf',
]
const NO = { matches: false, outdated: false }
const hasher = makeHasher()

test.each([
  ...BY_DJANGO.map((encoded) => [ZAZOLC, encoded] as const),
  ...OBIWANSUX.map((encoded) => ['obiwansux', encoded] as const),
])('%s matches %s, which is to be renewed; another password does not match', async (password, encoded) => {
  expect(await hasher.verify(password, encoded)).toEqual({ matches: true, outdated: true })
  expect(await hasher.verify(`${password} `, encoded)).toEqual(NO)
})

test('a new hash is argon2id in the encoding of Django with a salt of its own, and matches without renewal', async () => {
  const [one, other] = await Promise.all([hasher.hash('12345'), hasher.hash('12345')])
  const layout = /^argon2\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{30}\$[A-Za-z0-9+/]{43}$/
  expect(one).toMatch(layout)
  expect(other).toMatch(layout)
  expect(one).not.toBe(other)
  expect(await hasher.verify('12345', one)).toEqual({ matches: true, outdated: false })
  expect(await hasher.verify('12346', one)).toEqual(NO)
})

test('passwords are not normalised: a letter in one piece is not a letter and its accent', async () => {
  const encoded = await hasher.hash('jaźń-12345'.normalize('NFC'))
  expect(await hasher.verify('jaźń-12345'.normalize('NFD'), encoded)).toEqual(NO)
})

test('what cannot be read and what would be too dear is no match', async () => {
  expect(await hasher.verify('12345', '')).toEqual(NO)
  expect(await hasher.verify('12345', 'md5$seasalt$f5531bef9f3687d0ccf0f617f0e25573')).toEqual(NO)
  expect(await hasher.verify('', '!')).toEqual(NO)
  expect(
    await hasher.verify('12345', 'bcrypt_sha256$$2b$31$k0eQfZ83Y6biMEdDgDRpW.9xnKalc/hISTPzt6sL6biveiJBN8/A6'),
  ).toEqual(NO)
})

test('a password of 256 characters is hashed, one of 257 never', async () => {
  const longest = '😀'.repeat(256)
  const encoded = await hasher.hash(longest)
  expect(await hasher.verify(longest, encoded)).toEqual({ matches: true, outdated: false })
  expect(await hasher.verify(`${longest}😀`, encoded)).toEqual(NO)
  await expect(hasher.hash('a'.repeat(257))).rejects.toThrow(RangeError)
})

test('no customer, an unreadable hash and a password too long all cost what a wrong password costs', async () => {
  const encoded = await hasher.hash('obiwansux')
  const [wrong = 0, ...others] = await medianMs([
    () => hasher.verify('darkside', encoded),
    () => hasher.verify('darkside', undefined),
    () => hasher.verify('darkside', '!'),
    () => hasher.verify('d'.repeat(257), encoded),
  ])
  // Milliseconds against what would be microseconds: wide bounds tell them apart on a busy machine too.
  expect(others.length).toBe(3)
  for (const other of others) expect(other / wrong).toBeGreaterThan(0.4)
  for (const other of others) expect(other / wrong).toBeLessThan(2.5)
})

test('with one place and room for two to wait, the fourth at once is sent away and the others are served', async () => {
  const narrow = makeHasher({ concurrency: 1, queueMax: 2 })
  const answers = await Promise.allSettled([1, 2, 3, 4].map(() => narrow.verify('darkside', undefined)))
  expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
  expect(answers[3]).toMatchObject({ reason: { refusal: { code: 'identity.busy', retryAfterSeconds: 1 } } })
  expect(await narrow.verify('darkside', undefined)).toEqual(NO)
})

test('hashes that were moved in leave a place to the others, and have a queue of their own', async () => {
  const narrow = makeHasher({ concurrency: 2, queueMax: 2, dearQueueMax: 1 })
  const current = await narrow.hash('obiwansux')
  const order: string[] = []
  const verify = (what: string, encoded: string) =>
    narrow.verify('darkside', encoded).then(
      () => order.push(what),
      () => order.push(`${what} is sent away`),
    )
  // Some hundred milliseconds against less than ten.
  const dear = `pbkdf2_sha256$1000000$c2FsdHlzYWx0$${'A'.repeat(43)}=`
  await Promise.all([
    verify('first', dear),
    verify('second', dear),
    verify('third', dear),
    verify('a current one', current),
  ])
  expect(order).toEqual(['third is sent away', 'a current one', 'first', 'second'])
})

/** Of each work, taken in turns, so that a busy moment of the machine meets them all. */
async function medianMs(works: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times = works.map((): number[] => [])
  for (let round = 0; round < 15; round++) {
    for (const [index, work] of works.entries()) {
      const start = performance.now()
      await work()
      times[index]?.push(performance.now() - start)
    }
  }
  return times.map((of) => of.sort((a, b) => a - b)[7] ?? Number.NaN)
}
