import { expect, test } from 'vitest'
import { makeCsrfTokens } from './csrf.ts'

const csrf = makeCsrfTokens('a-key-for-tests-and-for-nothing-else')

test('a token is good for its own session and no other, whatever key or length', () => {
  const token = csrf.of('session-a')
  expect(csrf.matches('session-a', token)).toBe(true)
  expect(csrf.matches('session-b', token)).toBe(false)
  expect(csrf.matches('session-a', `${token}x`)).toBe(false)
  expect(csrf.matches('session-a', '')).toBe(false)
  expect(makeCsrfTokens('another-key-for-tests-and-nothing-else').matches('session-a', token)).toBe(false)
})
