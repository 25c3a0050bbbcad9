import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Refused } from '../kernel/refused.ts'
import type { IdentityRefusal } from './refusals.ts'

/** Slows down whoever guesses passwords; the same for everything that takes one. */
export interface Throttle {
  /**
   * Runs a try at the password of an account from an address; one that is refused as wrong counts, one that succeeds
   * forgives.
   *
   * @param who.account the customer's id, however they were named; for a name that is nobody's, the name
   * @throws identity.too-many-tries instead of trying
   */
  tryPassword<T>(who: { account: string; address: string }, attempt: () => Promise<T>): Promise<T>
  /** @throws identity.too-many-tries */
  countRegistration(address: string): Promise<void>
}

const MINUTE_S = 60

/**
 * Wrong passwords that are borne. Nobody can lock another person out for long: the limit that counts one account
 * from everywhere is generous and over in five minutes; the strict one counts an account from one address.
 */
const LIMITS = {
  accountFromAddress: { points: 10, duration: 15 * MINUTE_S },
  address: { points: 100, duration: 15 * MINUTE_S },
  account: { points: 50, duration: 5 * MINUTE_S },
  registrations: { points: 100, duration: 60 * MINUTE_S },
}

/** Without throttling: for load tests. */
export const UNTHROTTLED: Throttle = { tryPassword: (_who, attempt) => attempt(), countRegistration: async () => {} }

/** Counts in this process's memory: each server bears as many tries. */
export function makeThrottle(): Throttle {
  const accountFromAddress = new RateLimiterMemory(LIMITS.accountFromAddress)
  const byAddress = new RateLimiterMemory(LIMITS.address)
  const byAccount = new RateLimiterMemory(LIMITS.account)
  const registrations = new RateLimiterMemory(LIMITS.registrations)

  return {
    async tryPassword({ account, address }, attempt) {
      const key = account.slice(0, 254)
      // The strictest first: a try that it stops must not use up what others may still try at the same account.
      const counts: Count[] = [
        [accountFromAddress, `${address} ${key}`],
        [byAddress, address],
        [byAccount, key],
      ]
      await countAll(counts)
      try {
        const result = await attempt()
        await accountFromAddress.delete(`${address} ${key}`)
        await giveBack(counts.slice(1))
        return result
      } catch (error) {
        const isWrong = error instanceof Refused && error.refusal.code === 'identity.wrong-credentials'
        if (!isWrong) await giveBack(counts)
        throw error
      }
    },
    async countRegistration(address) {
      await registrations.consume(address).catch(refuse)
    },
  }
}

type Count = readonly [limiter: RateLimiterAbstract, of: string]

/** Counted before the try and given back after it: tries that run at once must not all slip through. */
async function countAll(counts: readonly Count[]): Promise<void> {
  for (const [i, [limiter, of]] of counts.entries()) {
    try {
      await limiter.consume(of)
    } catch (full) {
      await giveBack(counts.slice(0, i))
      refuse(full)
    }
  }
}

async function giveBack(counts: readonly Count[]): Promise<void> {
  for (const [limiter, of] of counts) await limiter.reward(of)
}

function refuse(full: unknown): never {
  if (!(full instanceof RateLimiterRes)) throw full
  const retryAfterSeconds = Math.max(1, Math.ceil(full.msBeforeNext / 1_000))
  throw new Refused<IdentityRefusal>({ code: 'identity.too-many-tries', retryAfterSeconds })
}
