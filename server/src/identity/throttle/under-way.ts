import { tooManyTries } from './counters.ts'

/**
 * A right password costs as much to check as a wrong one, and does not count: so many may be under way at once for each
 * key, on this server, that nobody fills the queue for everybody.
 */
export function makeUnderWay(max: number): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const counts = new Map<string, number>()
  return async (key, work) => {
    const count = counts.get(key) ?? 0
    if (count >= max) throw tooManyTries(1_000)
    counts.set(key, count + 1)
    try {
      return await work()
    } finally {
      const left = (counts.get(key) ?? 1) - 1
      if (left === 0) counts.delete(key)
      else counts.set(key, left)
    }
  }
}
