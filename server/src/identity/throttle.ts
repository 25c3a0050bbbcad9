import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Refused } from '../kernel/refused.ts'
import { nameKey } from './names.ts'
import type { IdentityRefusal } from './refusals.ts'

/** Slows down whoever guesses passwords; the same for everything that takes one. */
export interface Throttle {
  /**
   * Runs a try at the password of `name` from `address`; one that is refused as wrong counts, one that succeeds forgives.
   *
   * @throws identity.too-many-tries instead of trying
   */
  tryPassword<T>(who: { name: string; address: string }, attempt: () => Promise<T>): Promise<T>
  /** @throws identity.too-many-tries */
  countRegistration(address: string): Promise<void>
}

const MINUTE_S = 60

/**
 * Wrong passwords that are borne. Nobody can lock another person out for long: the limit that counts one name from
 * everywhere is generous and over in five minutes; the strict one counts a name from one address.
 */
const LIMITS = {
  nameFromAddress: { points: 10, duration: 15 * MINUTE_S },
  address: { points: 100, duration: 15 * MINUTE_S },
  name: { points: 50, duration: 5 * MINUTE_S },
  registrations: { points: 100, duration: 60 * MINUTE_S },
}

/** Without throttling: for load tests. */
export const UNTHROTTLED: Throttle = { tryPassword: (_who, attempt) => attempt(), countRegistration: async () => {} }

/** Counts in this process's memory: each server bears as many tries. */
export function makeThrottle(): Throttle {
  const nameFromAddress = new RateLimiterMemory(LIMITS.nameFromAddress)
  const byAddress = new RateLimiterMemory(LIMITS.address)
  const byName = new RateLimiterMemory(LIMITS.name)
  const registrations = new RateLimiterMemory(LIMITS.registrations)

  return {
    async tryPassword({ name, address }, attempt) {
      const key = nameKey(name).slice(0, 254)
      const counts: [RateLimiterAbstract, string][] = [
        [nameFromAddress, `${address} ${key}`],
        [byAddress, address],
        [byName, key],
      ]
      // Counted before the try and forgiven after it: tries that run at once must not all slip through. The strictest first:
      // a try that it stops must not use up what others may still try at the same name.
      for (const [limiter, of] of counts) await limiter.consume(of).catch(refuse)
      try {
        const result = await attempt()
        await nameFromAddress.delete(`${address} ${key}`)
        await Promise.all([byAddress.reward(address), byName.reward(key)])
        return result
      } catch (error) {
        const isWrong = error instanceof Refused && error.refusal.code === 'identity.wrong-credentials'
        if (!isWrong) await Promise.all(counts.map(([limiter, of]) => limiter.reward(of)))
        throw error
      }
    },
    async countRegistration(address) {
      await registrations.consume(address).catch(refuse)
    },
  }
}

function refuse(full: unknown): never {
  if (!(full instanceof RateLimiterRes)) throw full
  const retryAfterSeconds = Math.max(1, Math.ceil(full.msBeforeNext / 1_000))
  throw new Refused<IdentityRefusal>({ code: 'identity.too-many-tries', retryAfterSeconds })
}
