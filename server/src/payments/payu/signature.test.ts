import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSigned, parseSignature } from './signature.ts'

const header = (signature: string, algorithm: string) =>
  `sender=checkout;signature=${signature};algorithm=${algorithm};content=DOCUMENT`

const ORDER =
  '{"order":{"orderId":"TEST0000000000GUEST000P01","extOrderId":"A-1","totalAmount":"1999","currencyCode":"PLN","description":"Zażółć","status":"COMPLETED"}}'
const KEY = 'b6ca15b0d1020e8094d9b5f8d163db54'

describe('the published vectors', () => {
  test.each([
    ['OpenPayUData', 'SignatureKey', 'MD5', '8375034eb737d520c829fad4026a38aa'],
    ['OpenPayUData', 'SignatureKey', 'SHA-256', '8b2fd55b48f150347df56ce18d787335f32ced1d67f214016476f7c0a8f09981'],
    [ORDER, KEY, 'MD5', '876931a3e59834b91c41058007085743'],
    [ORDER, KEY, 'SHA-256', '9943f445db5bb031ff1ca94b7dd631f525777134e63980110e9a39788580bf2e'],
  ])('%s with %s by %s', (body, key, algorithm, signature) => {
    expect(isSigned(Buffer.from(body), header(signature, algorithm), [key])).toBe(true)
  })

  test('the second one has 158 bytes', () => expect(Buffer.byteLength(ORDER)).toBe(158))
})

const NAMES = {
  MD5: 'md5',
  SHA: 'sha1',
  SHA1: 'sha1',
  'SHA-1': 'sha1',
  SHA256: 'sha256',
  'SHA-256': 'sha256',
  SHA384: 'sha384',
  'SHA-384': 'sha384',
  SHA512: 'sha512',
  'SHA-512': 'sha512',
}
const sign = (algorithm: string, body: Uint8Array, key: string) =>
  createHash(algorithm).update(body).update(key).digest('hex')

test('whatever the bytes, their signature by every known algorithm is good, and by another key or for other bytes it is not', () => {
  const name = fc.constantFrom(...Object.keys(NAMES)) as fc.Arbitrary<keyof typeof NAMES>
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ minLength: 1 }), name, (body, key, algorithm) => {
      const signed = header(sign(NAMES[algorithm], body, key), algorithm)
      expect(isSigned(Buffer.from(body), signed, [key])).toBe(true)
      expect(isSigned(Buffer.from(body), signed, [`${key}x`])).toBe(false)
      expect(isSigned(Buffer.from([...body, 0x20]), signed, [key])).toBe(false)
    }),
  )
})

test('the pairs may come in any order, with blanks, with others between them and with a ; at the end', () => {
  const pairs = ['sender=checkout', 'signature=876931a3e59834b91c41058007085743', 'algorithm=MD5', 'content=DOCUMENT']
  const arranged = fc.shuffledSubarray([...pairs, 'more=x'], { minLength: 5 })
  fc.assert(
    fc.property(arranged, fc.constantFrom('', ';', ' ; '), fc.constantFrom(';', '; '), (all, end, separator) => {
      expect(isSigned(Buffer.from(ORDER), all.join(separator) + end, [KEY])).toBe(true)
    }),
  )
})

test('a key that was replaced still verifies while it stands behind the new one', () => {
  const signed = header('876931a3e59834b91c41058007085743', 'MD5')
  expect(isSigned(Buffer.from(ORDER), signed, ['the-new-key', KEY])).toBe(true)
  expect(isSigned(Buffer.from(ORDER), signed, ['the-new-key'])).toBe(false)
  expect(isSigned(Buffer.from(ORDER), signed, [])).toBe(false)
})

test('the bytes are signed, not what they mean', () => {
  const printed = JSON.stringify(JSON.parse('{"a":1.0,"b":"\\u0142\\/"}'))
  const body = Buffer.from('{"a":1.0,"b":"\\u0142\\/"}')
  const signed = header(sign('md5', body, KEY), 'MD5')
  expect(isSigned(body, signed, [KEY])).toBe(true)
  expect(isSigned(Buffer.from(printed), signed, [KEY])).toBe(false)
})

describe('refused', () => {
  const good = '876931a3e59834b91c41058007085743'
  test.each([
    ['an algorithm nobody knows', header(good, 'MD4')],
    ['one that is a property of every object', header(good, 'constructor')],
    ['a plain name for another hash of Node', header(good, 'ripemd160')],
    ['no algorithm', `sender=checkout;signature=${good}`],
    ['no signature', 'sender=checkout;algorithm=MD5'],
    ['a signature that is too short', header(good.slice(2), 'MD5')],
    ['a signature for another algorithm', header(good, 'SHA-256')],
    ['no hex', header(`${good.slice(1)}g`, 'MD5')],
    ['two signatures', `${header(good, 'MD5')};signature=${good}`],
    ['an empty header', ''],
  ])('%s', (_what, value) => {
    expect(parseSignature(value)).toBeUndefined()
    expect(isSigned(Buffer.from(ORDER), value, [KEY])).toBe(false)
  })

  test('no header at all', () => expect(isSigned(Buffer.from(ORDER), undefined, [KEY])).toBe(false))

  test('whatever else stands in the header, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(isSigned(Buffer.from(ORDER), value, [KEY])).toBe(false)
      }),
    )
  })
})
