import { describe, expect, test } from 'vitest'
import { decideNextStep, readRetryAfter } from './ladder.ts'

const answer = (status: number, retryAfterSeconds?: number) => ({ status, text: '', retryAfterSeconds })
const FIRST = { attempts: 1, random: 0 }

describe('a try', () => {
  test.each([200, 201, 204, 299])('that is answered %i is the last', (status) =>
    expect(decideNextStep(answer(status), FIRST)).toEqual({ step: 'delivered' }),
  )

  test.each([100, 301, 302, 307, 400, 401, 404, 409, 429, 500, 503])(
    'that is answered %i is followed by another',
    (status) => expect(decideNextStep(answer(status), FIRST)).toEqual({ step: 'retry', pauseSeconds: 5 }),
  )

  test('that is answered 410 tells that nobody is there any more', () =>
    expect(decideNextStep(answer(410), FIRST)).toEqual({ step: 'gone' }))

  test('that fails is followed by pauses of up to a day, ten tries in all, over three days', () => {
    const steps = Array.from({ length: 10 }, (_, i) =>
      decideNextStep({ problem: 'ECONNREFUSED' }, { attempts: i + 1, random: 0 }),
    )
    const pauses = steps.map((step) => (step.step === 'retry' ? step.pauseSeconds : step.step))
    expect(pauses).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, 'give-up'])
  })

  test('may come later by a fifth, so that not all come back at once', () => {
    expect(decideNextStep(answer(500), { attempts: 2, random: 1 })).toEqual({ step: 'retry', pauseSeconds: 360 })
  })

  test('comes no sooner than it was asked to, and within a day', () => {
    expect(decideNextStep(answer(429, 120), FIRST)).toEqual({ step: 'retry', pauseSeconds: 120 })
    expect(decideNextStep(answer(429, 2), FIRST)).toEqual({ step: 'retry', pauseSeconds: 5 })
    expect(decideNextStep(answer(503, 1e9), FIRST)).toEqual({ step: 'retry', pauseSeconds: 86_400 })
  })
})

test.each([
  ['120', 120],
  ['Fri, 20 Nov 2026 12:00:30 GMT', 30],
  ['Fri, 20 Nov 2026 11:00:00 GMT', undefined],
  ['0', undefined],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After: %s', (header, seconds) => {
  expect(readRetryAfter(header, new Date('2026-11-20T12:00:00Z'))).toBe(seconds)
})
