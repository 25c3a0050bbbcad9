import { Refused } from '../../kernel/refused.ts'
import type { IdentityRefusal } from '../refusals.ts'

/** Lets work through when there is a place for it, in the order it came. */
export type Turnstile = <T>(work: () => Promise<T>) => Promise<T>

/**
 * At most `places` works run at once and at most `queueMax` wait; who comes then is sent away at once, which is kinder
 * than an answer that comes after the client has given up.
 *
 * @throws identity.busy from the turnstile it makes
 */
export function makeTurnstile(places: number, queueMax: number): Turnstile {
  const queue: (() => void)[] = []
  let free = places

  return async (work) => {
    if (free > 0) free -= 1
    else if (queue.length < queueMax) await new Promise<void>((admit) => queue.push(admit))
    else throw new Refused<IdentityRefusal>({ code: 'identity.busy', retryAfterSeconds: 1 })
    try {
      return await work()
    } finally {
      // The place goes to the next in the queue without ever being free, so that nobody jumps in.
      const admitNext = queue.shift()
      if (admitNext) admitNext()
      else free += 1
    }
  }
}
