import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { every } from './every.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** How often it has run after so many seconds; it fails at the runs that are named. */
async function watch(seconds: number, failsAt: readonly number[] = []) {
  let runs = 0
  const errors: unknown[] = []
  const log = { error: (...said: unknown[]) => void errors.push(said) }
  const job = every(seconds, 'a job', log, async () => {
    runs++
    if (failsAt.includes(runs)) throw new Error('not now')
  })
  return {
    errors,
    stop: () => job.stop(),
    async runsAfter(elapsed: number) {
      await vi.advanceTimersByTimeAsync(elapsed * 1_000)
      return runs
    },
  }
}

test.each([
  [5, 1],
  [30, 1],
  [3_600, 60],
])(
  'what is due every %i s runs for the first time %i s after the start, however short the server lives',
  async (seconds, first) => {
    const job = await watch(seconds)
    expect(await job.runsAfter(first - 0.001)).toBe(0)
    expect(await job.runsAfter(0.001)).toBe(1)
    expect(await job.runsAfter(seconds - 0.001)).toBe(1)
    expect(await job.runsAfter(0.001)).toBe(2)
    await job.stop()
    expect(await job.runsAfter(seconds)).toBe(2)
  },
)

test('a run that fails is logged, and the next one comes all the same', async () => {
  const job = await watch(5, [1])
  expect(await job.runsAfter(6)).toBe(2)
  expect(job.errors).toMatchObject([[{ job: 'a job', err: { message: 'not now' } }, expect.any(String)]])
  await job.stop()
})

test('a run that hangs does not keep the next from beginning', async () => {
  let begun = 0
  const hanging = every(5, 'a job', { error: () => {} }, () => {
    begun++
    return new Promise(() => {})
  })
  await vi.advanceTimersByTimeAsync(301_000 + 5_000)
  expect(begun).toBe(2)
  void hanging.stop()
})
