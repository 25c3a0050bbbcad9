import { expect, test } from 'vitest'
import { makeCsrfTokens } from './session-csrf.ts'

const csrf = makeCsrfTokens(['a-key-for-tests-and-for-nothing-else'])

test('a token is good for its own session and no other, whatever key or length', () => {
  const token = csrf.of('session-a')
  expect(csrf.matches('session-a', token)).toBe(true)
  expect(csrf.matches('session-b', token)).toBe(false)
  expect(csrf.matches('session-a', `${token}x`)).toBe(false)
  expect(csrf.matches('session-a', '')).toBe(false)
  expect(makeCsrfTokens(['another-key-for-tests-and-nothing-else']).matches('session-a', token)).toBe(false)
})

test('a token made with an older key is good as long as the key is listed', () => {
  const token = csrf.of('session-a')
  const rotated = makeCsrfTokens(['a-new-key-for-tests-and-nothing-else', 'a-key-for-tests-and-for-nothing-else'])
  expect(rotated.matches('session-a', token)).toBe(true)
  expect(rotated.of('session-a')).not.toBe(token)
})
