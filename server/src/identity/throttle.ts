import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { Refused } from '../kernel/refused.ts'
import type { IdentityRefusal } from './refusals.ts'

/** Slows down whoever guesses passwords; the same for everything that takes one. */
export interface Throttle {
  /**
   * Runs a try at the password of an account from an address; one that is refused as wrong counts, one that succeeds
   * forgives.
   *
   * @param who.name as it was given, in its key form: that two names are one customer's is nobody's to learn from the limit
   * @param who.account the customer's id, however they were named; for a name that is nobody's, the name
   * @throws identity.too-many-tries instead of trying
   */
  tryPassword<T>(who: { name: string; account: string; address: string }, attempt: () => Promise<T>): Promise<T>
  /** @throws identity.too-many-tries */
  countRegistration(address: string): Promise<void>
  /**
   * Counts a mail that somebody asks to be sent, before it is known whether there is anybody to send it to.
   *
   * @param who.account what names the account: the customer's id, or the name that was given
   * @throws identity.too-many-tries
   */
  countMailRequest(who: { account: string; address: string }): Promise<void>
}

const MINUTE_S = 60

/**
 * Wrong passwords that are borne. Nobody can lock another person out for long: the limit that counts one account
 * from everywhere is generous and over in five minutes; the strict one counts a name from one address.
 */
const LIMITS = {
  nameFromAddress: { points: 10, duration: 15 * MINUTE_S },
  address: { points: 100, duration: 15 * MINUTE_S },
  account: { points: 50, duration: 5 * MINUTE_S },
  registrations: { points: 100, duration: 60 * MINUTE_S },
  // Who uses up somebody's has filled their mailbox with good links: they are not locked out by it.
  mailsToAccount: { points: 5, duration: 60 * MINUTE_S },
  mailsFromAddress: { points: 50, duration: 60 * MINUTE_S },
}

/** Without throttling: for load tests. */
export const UNTHROTTLED: Throttle = {
  tryPassword: (_who, attempt) => attempt(),
  countRegistration: async () => {},
  countMailRequest: async () => {},
}

/** Counts in this process's memory: each server bears as many tries. */
export function makeThrottle(): Throttle {
  const nameFromAddress = new RateLimiterMemory(LIMITS.nameFromAddress)
  const byAddress = new RateLimiterMemory(LIMITS.address)
  const byAccount = new RateLimiterMemory(LIMITS.account)
  const registrations = new RateLimiterMemory(LIMITS.registrations)
  const mailsToAccount = new RateLimiterMemory(LIMITS.mailsToAccount)
  const mailsFromAddress = new RateLimiterMemory(LIMITS.mailsFromAddress)
  const underWay = makeUnderWay()

  return {
    async tryPassword({ name, account, address }, attempt) {
      const from = addressKey(address)
      const pair = `${from} ${name.slice(0, 254)}`
      // A try that one of them stops is not counted by those behind it: an address that is stopped fills no memory with
      // names, and uses up nothing of what others may still try at the same account.
      const counts: Count[] = [
        [byAddress, from],
        [nameFromAddress, pair],
        [byAccount, account.slice(0, 254)],
      ]
      await countAll(counts)
      try {
        const result = await underWay.run(from, attempt)
        await giveBack(counts)
        await nameFromAddress.delete(pair)
        return result
      } catch (error) {
        const isWrong = error instanceof Refused && error.refusal.code === 'identity.wrong-credentials'
        if (!isWrong) await giveBack(counts)
        throw error
      }
    },
    async countRegistration(address) {
      await registrations.consume(addressKey(address)).catch(refuse)
    },
    async countMailRequest({ account, address }) {
      await countAll([
        [mailsFromAddress, addressKey(address)],
        [mailsToAccount, account.slice(0, 254)],
      ])
    },
  }
}

/**
 * A right password costs as much to check as a wrong one: one address may have this many checked at once, so that it
 * cannot fill the queue for everybody.
 */
const UNDER_WAY_MAX = 8

function makeUnderWay() {
  const counts = new Map<string, number>()
  return {
    async run<T>(from: string, attempt: () => Promise<T>): Promise<T> {
      const count = counts.get(from) ?? 0
      if (count >= UNDER_WAY_MAX)
        throw new Refused<IdentityRefusal>({ code: 'identity.too-many-tries', retryAfterSeconds: 1 })
      counts.set(from, count + 1)
      try {
        return await attempt()
      } finally {
        const left = (counts.get(from) ?? 1) - 1
        if (left === 0) counts.delete(from)
        else counts.set(from, left)
      }
    },
  }
}

/** Who has one IPv6 address has the 2^64 beside it: they count as one. An IPv4 address in IPv6's clothes is itself. */
function addressKey(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  const [before = '', after = ''] = address.toLowerCase().split('%', 1)[0]?.split('::') ?? []
  const [start, end] = [before, after].map((part) => (part ? part.split(':') : []))
  const groups = [
    ...(start ?? []),
    ...Array(Math.max(0, 8 - (start?.length ?? 0) - (end?.length ?? 0))).fill('0'),
    ...(end ?? []),
  ]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
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
