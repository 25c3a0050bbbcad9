import { expect, test } from 'vitest'
import { Clock, warsawTime } from './clock.ts'

test('waits are scaled, advances are not', () => {
  const clock = new Clock({ timeScale: 60, advancedSeconds: 10, isStanding: true })
  const start = clock.now()
  expect(clock.after(120) - start).toBe(2000)
  clock.advance(5)
  expect(clock.now() - start).toBe(5000)
  expect(clock.advancedSeconds).toBe(15)
})

test.each([-1, Number.NaN])('does not go back: %f', (seconds) => {
  const clock = new Clock({ timeScale: 1, advancedSeconds: 0, isStanding: true })
  expect(() => clock.advance(seconds)).toThrow(RangeError)
  expect(() => new Clock({ timeScale: seconds, advancedSeconds: 0, isStanding: true })).toThrow(RangeError)
})

test.each([
  ['2026-01-11T11:00:00.000Z', '2026-01-11T12:00:00.000+01:00'],
  ['2026-07-01T22:30:00.123Z', '2026-07-02T00:30:00.123+02:00'],
  ['2026-12-31T23:00:00.000Z', '2027-01-01T00:00:00.000+01:00'],
  ['2026-03-29T00:59:59.999Z', '2026-03-29T01:59:59.999+01:00'],
  ['2026-03-29T01:00:00.000Z', '2026-03-29T03:00:00.000+02:00'],
])('%s is %s in Warsaw', (utc, warsaw) => {
  expect(warsawTime(Date.parse(utc))).toBe(warsaw)
})
