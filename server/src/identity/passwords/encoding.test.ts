import { expect, test } from 'vitest'
import { isOutdated, maskHash, parseEncoded } from './encoding.ts'

const SALT = 'c2Vhc2FsdHNlYXNhbHQ'
const DIGEST = 'W4KQZzamgkUb7XuPzmar5vPa0P4sPEAl'
const PBKDF2_DIGEST = 'y/Rkl8Qn8JQ49tc3pIzRjX7+CLEPIzL9RZLoHqVz5n0='
const SCRYPT_DIGEST = 'miSTzMtaSs8RO01l9Ph9PxqxntYWO0KsjmA47jeZC/a43A4ENEMN7ZMhhPiJksPzJ//kDx5gxyEDpIjoi8dJ9Q=='
const BCRYPT_REST = 'k0eQfZ83Y6biMEdDgDRpW.9xnKalc/hISTPzt6sL6biveiJBN8/A6'

test("the hash printed in the shop contract is read: PBKDF2, 36,000 rounds, Django's old 12-letter salt", () => {
  expect(parseEncoded(`pbkdf2_sha256$36000$xvzy4LeTXEol$${PBKDF2_DIGEST}`)).toEqual({
    algorithm: 'pbkdf2_sha256',
    rounds: 36_000,
    salt: Buffer.from('xvzy4LeTXEol'),
    digest: Buffer.from('cbf46497c427f09438f6d737a48cd18d7efe08b10f2332fd4592e81ea573e67d', 'hex'),
  })
})

test('an argon2 encoding without a version is one of version 16', () => {
  expect(parseEncoded(`argon2$argon2i$m=512,t=2,p=2$${SALT}$${DIGEST}`)).toMatchObject({
    variety: 'argon2i',
    version: 16,
    memoryKib: 512,
    passes: 2,
    lanes: 2,
    salt: Buffer.from('seasaltseasalt'),
  })
})

test.each([
  ['nothing', ''],
  ['no encoding', 'obiwansux'],
  ["Django's unusable password", '!Qf3vVq0VY8eGkTzjDk3vJ7yLcZ2pXn1b'],
  ['an algorithm nobody should use any more', 'md5$seasalt$f5531bef9f3687d0ccf0f617f0e25573'],
  ['a name every object has', 'constructor$1$a$b'],
  ['pbkdf2 without a digest', 'pbkdf2_sha256$36000$xvzy4LeTXEol$'],
  ['pbkdf2 without a salt', `pbkdf2_sha256$36000$$${PBKDF2_DIGEST}`],
  ['pbkdf2 with a shortened digest', `pbkdf2_sha256$36000$xvzy4LeTXEol$${PBKDF2_DIGEST.slice(4)}`],
  ['pbkdf2 with no rounds', `pbkdf2_sha256$0$xvzy4LeTXEol$${PBKDF2_DIGEST}`],
  ['pbkdf2 with rounds in another spelling', `pbkdf2_sha256$1e3$xvzy4LeTXEol$${PBKDF2_DIGEST}`],
  ['a line break at the end', `pbkdf2_sha256$36000$xvzy4LeTXEol$${PBKDF2_DIGEST}\n`],
  ['scrypt with a work factor that is no power of two', `scrypt$1000$seasalt$8$5$${SCRYPT_DIGEST}`],
  ['bcrypt with a cost of 3', `bcrypt_sha256$$2b$03$${BCRYPT_REST}`],
  ['bcrypt of a broken version', `bcrypt_sha256$$2x$12$${BCRYPT_REST}`],
  ['bcrypt that lacks a letter', `bcrypt_sha256$$2b$12$${BCRYPT_REST.slice(1)}`],
  ['argon2 with too little memory for its lanes', `argon2$argon2id$v=19$m=15,t=2,p=2$${SALT}$${DIGEST}`],
  ['argon2 with a salt of 7 bytes', `argon2$argon2id$v=19$m=16,t=2,p=2$c2Vhc2FsdA$${DIGEST}`],
  ['argon2 of an unknown version', `argon2$argon2id$v=18$m=16,t=2,p=2$${SALT}$${DIGEST}`],
])('%s is not read', (_, encoded) => {
  expect(parseEncoded(encoded)).toBeUndefined()
})

test.each([
  [`pbkdf2_sha256$5000000$seasalt$${PBKDF2_DIGEST}`, `pbkdf2_sha256$5000001$seasalt$${PBKDF2_DIGEST}`],
  [`bcrypt_sha256$$2b$14$${BCRYPT_REST}`, `bcrypt_sha256$$2b$15$${BCRYPT_REST}`],
  [`scrypt$131072$seasalt$8$2$${SCRYPT_DIGEST}`, `scrypt$131072$seasalt$8$3$${SCRYPT_DIGEST}`],
  [`scrypt$32768$seasalt$32$1$${SCRYPT_DIGEST}`, `scrypt$65536$seasalt$32$1$${SCRYPT_DIGEST}`],
  [`scrypt$2$seasalt$8$16$${SCRYPT_DIGEST}`, `scrypt$2$seasalt$8$17$${SCRYPT_DIGEST}`],
  [
    `argon2$argon2id$v=19$m=131072,t=8,p=1$${SALT}$${DIGEST}`,
    `argon2$argon2id$v=19$m=131072,t=9,p=1$${SALT}$${DIGEST}`,
  ],
  [
    `argon2$argon2id$v=19$m=131072,t=1,p=1$${SALT}$${DIGEST}`,
    `argon2$argon2id$v=19$m=131073,t=1,p=1$${SALT}$${DIGEST}`,
  ],
])('%s is the dearest of its kind that is computed', (bearable, tooDear) => {
  expect(parseEncoded(bearable)).toBeDefined()
  expect(parseEncoded(tooDear)).toBeUndefined()
})

test('a hash is outdated unless it is argon2id of version 19 with the parameters of today', () => {
  expect(isOutdated(`argon2$argon2id$v=19$m=19456,t=2,p=1$${SALT}$${DIGEST}`)).toBe(false)
  expect(isOutdated(`argon2$argon2id$v=19$m=102400,t=2,p=8$${SALT}$${DIGEST}`)).toBe(true)
  expect(isOutdated(`argon2$argon2i$v=19$m=19456,t=2,p=1$${SALT}$${DIGEST}`)).toBe(true)
  expect(isOutdated(`pbkdf2_sha256$36000$xvzy4LeTXEol$${PBKDF2_DIGEST}`)).toBe(true)
})

test('a masked hash keeps its layout, algorithm and parameters, and shows nothing of salt and digest', () => {
  expect(maskHash(`pbkdf2_sha256$36000$xvzy4LeTXEol$${PBKDF2_DIGEST}`)).toBe(
    `pbkdf2_sha256$36000$************$${'*'.repeat(44)}`,
  )
  expect(maskHash(`scrypt$1024$seasalt$8$5$${SCRYPT_DIGEST}`)).toBe(`scrypt$1024$*******$8$5$${'*'.repeat(88)}`)
  expect(maskHash(`bcrypt_sha256$$2b$12$${BCRYPT_REST}`)).toBe(`bcrypt_sha256$$2b$12$${'*'.repeat(53)}`)
  expect(maskHash(`argon2$argon2id$v=19$m=19456,t=2,p=1$${SALT}$${DIGEST}`)).toBe(
    `argon2$argon2id$v=19$m=19456,t=2,p=1$*******************$${'*'.repeat(32)}`,
  )
})

test('of an encoding that is not known nothing is shown at all', () => {
  expect(maskHash('obiwansux')).toBe('********')
  expect(maskHash('md5$seasalt$f5531bef9f3687d0ccf0f617f0e25573')).toBe('********')
  expect(maskHash('pbkdf2_sha256$36000$with$a$dollar')).toBe('********')
})
