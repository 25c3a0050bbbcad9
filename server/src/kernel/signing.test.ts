import { expect, test } from 'vitest'
import { deriveKeys, isSame, mac } from './signing.ts'

test('each purpose has a key of its own, and so has each secret key', () => {
  const keys = [...deriveKeys(['one', 'two'], 'tea'), ...deriveKeys(['one'], 'coffee')]
  expect(keys.map((key) => key.length)).toEqual([32, 32, 32])
  expect(new Set(keys.map((key) => mac(key, 'text'))).size).toBe(3)
  expect(deriveKeys(['one'], 'tea')[0]).toEqual(keys[0])
  expect(() => deriveKeys([], 'tea')).toThrow('there is no key to sign with')
})

test('only the whole text is the same', () => {
  expect(isSame('abc', 'abc')).toBe(true)
  for (const given of ['', 'ab', 'abd', 'abcd', 'ABC']) expect(isSame('abc', given)).toBe(false)
})
