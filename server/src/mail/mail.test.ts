import { describe, expect, test } from 'vitest'
import { cleanReason, decideNextTry, withoutControls } from './mail.ts'

describe('a mail that could not be delivered', () => {
  const after = (attempts: number, waitedSeconds = 0) =>
    decideNextTry({ attempts, waitedSeconds, refusedForGood: false })

  test('is tried again after pauses that double, up to an hour', () => {
    const pauses = [1, 2, 3, 4, 7, 8, 60].map((attempts) => after(attempts))
    expect(pauses).toEqual([30, 60, 120, 240, 1_920, 3_600, 3_600].map((pauseSeconds) => ({ pauseSeconds })))
  })

  test('is given up after three days, or at once when it was refused for good', () => {
    expect(after(80, 3 * 86_400 - 1)).toEqual({ pauseSeconds: 3_600 })
    expect(after(80, 3 * 86_400)).toBe('give-up')
    expect(decideNextTry({ attempts: 1, waitedSeconds: 0, refusedForGood: true })).toBe('give-up')
  })
})

describe('the reason of a failure', () => {
  test('is what the server said, without the link it may quote', () => {
    const token = 'q'.repeat(43)
    const response = `554 5.7.1 blocked URL\r\nhttps://shop.example/reset-password?token=${token}`
    expect(cleanReason({ message: 'Message failed', response })).toBe(
      '554 5.7.1 blocked URL https://shop.example/reset-password?token=…',
    )
  })

  test('is short, and there always is one', () => {
    expect(cleanReason(new Error('no '.repeat(1_000)))).toHaveLength(300)
    expect([cleanReason({}), cleanReason(new Error(''))]).toEqual(['unknown', 'unknown'])
  })
})

test('a line has nothing in it that ends it, nor what a terminal would obey', () => {
  expect(withoutControls('Hi\r\nBcc: all@example.com\u2028x\x1b[2J\x7f\x85 ')).toBe('Hi Bcc: all@example.com x [2J')
})
