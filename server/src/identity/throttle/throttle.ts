import { setTimeout } from 'node:timers/promises'
import type { CustomerId } from '../../kernel/ids.ts'
import { Refused } from '../../kernel/refused.ts'
import { deriveKeys, mac } from '../../kernel/signing.ts'
import type { Database } from '../../store/database.ts'
import type { IdentityRefusal } from '../refusals.ts'
import { type Count, countAll, giveBackAll, makeCounters } from './counters.ts'
import { networkOf } from './network.ts'
import { makeUnderWay } from './under-way.ts'

/**
 * Slows down whoever guesses passwords or names; the same for everything that takes one.
 *
 * @see docs/adr/0011-strangers-cannot-lock-a-customer-out.md
 */
export interface Throttle {
  /**
   * Runs a try at a password; one that is refused as wrong counts, one that succeeds forgives.
   *
   * @param who.name as it was given, in its key form: that two names are one customer's is nobody's to learn from the limit
   * @param who.isKnown whether the customer has signed in from this address before: then they get in though strangers
   *   have used up what may be tried, and nobody who tries a wrong password sees a difference
   * @throws identity.too-many-tries
   */
  tryPassword<T>(who: { name: string; address: string; isKnown: boolean }, attempt: () => Promise<T>): Promise<T>
  /**
   * Runs a try by somebody who has proved otherwise who they are: each proof has its own count, whatever strangers do.
   *
   * @param proof what names it, such as `session 8b2d…`
   * @throws identity.too-many-tries instead of trying
   */
  tryPasswordAgain<T>(proof: string, attempt: () => Promise<T>): Promise<T>
  /** Forgets what was tried at these names from this address, once their owner has proved to be themselves. */
  forgive(names: readonly string[], address: string): Promise<void>
  /** What an address is remembered by: the first is written down, all are looked for. Empty: none is remembered. */
  marksOf(address: string): readonly string[]
  /** @throws identity.too-many-tries */
  countRegistration(address: string): Promise<void>
  /**
   * Counts that somebody asks for another username or e-mail, since the answer tells whether it is taken.
   *
   * @throws identity.too-many-tries
   */
  countRename(who: { customerId: CustomerId; address: string }): Promise<void>
  /**
   * Counts a mail that somebody asks to be sent, before it is known whether there is anybody to send it to.
   *
   * @param who.account what names the account: the customer's id, or the name that was given
   * @throws identity.too-many-tries
   */
  countMailRequest(who: { account: string; address: string }): Promise<void>
  /**
   * Counts that a customer begins to pay: each time a gateway has work with it. A BLIK code counts for itself, since
   * somebody may be guessing: a code that happens to be good asks a stranger to pay.
   *
   * @throws identity.too-many-tries
   */
  countPayment(who: { customerId: CustomerId; isByBlikCode: boolean }): Promise<void>
}

const MINUTE_S = 60

const LIMITS = {
  nameFromAddress: { points: 10, duration: 15 * MINUTE_S },
  address: { points: 100, duration: 15 * MINUTE_S },
  /** From everywhere. Customers at a strange address are stopped with the strangers: so it is soon over. */
  name: { points: 50, duration: 5 * MINUTE_S },
  nameFromKnownAddress: { points: 10, duration: 15 * MINUTE_S },
  proof: { points: 10, duration: 15 * MINUTE_S },
  registrations: { points: 100, duration: 60 * MINUTE_S },
  renamesOfCustomer: { points: 10, duration: 60 * MINUTE_S },
  renamesFromAddress: { points: 100, duration: 60 * MINUTE_S },
  // Who uses up somebody's has filled their mailbox with good links: they are not locked out by it.
  mailsToAccount: { points: 5, duration: 60 * MINUTE_S },
  mailsFromAddress: { points: 50, duration: 60 * MINUTE_S },
  payments: { points: 60, duration: 60 * MINUTE_S },
  blikCodes: { points: 10, duration: 15 * MINUTE_S },
}

/** Tries under way at once. */
const UNDER_WAY_MAX = { address: 8, proof: 2 }

/**
 * Who is stopped hears it after this long, which is many times what it takes to look at a password: otherwise the wait
 * would tell whether it was looked at, and that the customer is known at the address one shares with them.
 */
const STOPPED_AFTER_MS = 250

/** Without throttling: for load tests. */
export const UNTHROTTLED: Throttle = {
  tryPassword: (_who, attempt) => attempt(),
  tryPasswordAgain: (_proof, attempt) => attempt(),
  forgive: async () => {},
  marksOf: () => [],
  countRegistration: async () => {},
  countRename: async () => {},
  countMailRequest: async () => {},
  countPayment: async () => {},
}

/**
 * Counts in the database, for all servers together.
 *
 * @param secretKeys what hides names and addresses there; with another first key, counts begin anew
 */
export function makeThrottle(
  db: Database,
  secretKeys: readonly string[],
  { stoppedAfterMs = STOPPED_AFTER_MS }: { stoppedAfterMs?: number } = {},
): Throttle {
  const keys = deriveKeys(secretKeys, 'tradepost throttle')
  const counter = makeCounters(db, keys[0])
  const nameFromAddress = counter('name from address', LIMITS.nameFromAddress)
  const byAddress = counter('address', LIMITS.address)
  const byName = counter('name', LIMITS.name)
  const nameFromKnownAddress = counter('name from known address', LIMITS.nameFromKnownAddress)
  const byProof = counter('proof', LIMITS.proof)
  const registrations = counter('registrations', LIMITS.registrations)
  const renamesOfCustomer = counter('renames of customer', LIMITS.renamesOfCustomer)
  const renamesFromAddress = counter('renames from address', LIMITS.renamesFromAddress)
  const mailsToAccount = counter('mails to account', LIMITS.mailsToAccount)
  const payments = counter('payments', LIMITS.payments)
  const blikCodes = counter('BLIK codes', LIMITS.blikCodes)
  const mailsFromAddress = counter('mails from address', LIMITS.mailsFromAddress)
  const runFromAddress = makeUnderWay(UNDER_WAY_MAX.address)
  const runOnProof = makeUnderWay(UNDER_WAY_MAX.proof)

  async function forgive(pair: string, { isKnown = true } = {}): Promise<void> {
    await nameFromAddress.forget(pair)
    if (isKnown) await nameFromKnownAddress.forget(pair)
  }

  return {
    async tryPassword({ name, address, isKnown }, attempt) {
      const stopAt = performance.now() + stoppedAfterMs
      const from = networkOf(address)
      const pair = `${from} ${name}`
      // In this order: an address that is stopped fills no table with names, and uses up nothing of what others may try.
      const strangers: Count[] = [
        [byAddress, from],
        [nameFromAddress, pair],
        [byName, name],
      ]
      const countAsStranger = () => countAll(strangers).catch((full) => throwAt(stopAt, full))

      const tries = isKnown ? await countIfRoom([nameFromKnownAddress, pair]) : undefined
      if (tries) {
        try {
          const result = await runFromAddress(from, attempt)
          // The hot path: what was right at once has nothing to forgive.
          if (tries > 1) await forgive(pair)
          else await nameFromKnownAddress.forget(pair)
          return result
        } catch (error) {
          const isWrong = isWrongPassword(error)
          if (!isWrong) await nameFromKnownAddress.giveBack(pair)
          // What is answered is what a stranger would be answered, and so it counts as theirs, too.
          if (error instanceof Refused) await countAsStranger()
          if (error instanceof Refused && !isWrong) await giveBackAll(strangers)
          throw error
        }
      }

      await countAsStranger()
      try {
        const result = await runFromAddress(from, attempt)
        await giveBackAll([
          [byAddress, from],
          [byName, name],
        ])
        await forgive(pair, { isKnown })
        return result
      } catch (error) {
        if (!isWrongPassword(error)) await giveBackAll(strangers)
        throw error
      }
    },

    async tryPasswordAgain(proof, attempt) {
      await byProof.count(proof)
      try {
        const result = await runOnProof(proof, attempt)
        await byProof.forget(proof)
        return result
      } catch (error) {
        if (!isWrongPassword(error)) await byProof.giveBack(proof)
        throw error
      }
    },

    async forgive(names, address) {
      for (const name of names) await forgive(`${networkOf(address)} ${name}`)
    },

    marksOf: (address) => keys.map((key) => mac(key, `known address ${networkOf(address)}`)),

    async countRegistration(address) {
      await registrations.count(networkOf(address))
    },

    async countRename({ customerId, address }) {
      await countAll([
        [renamesFromAddress, networkOf(address)],
        [renamesOfCustomer, customerId],
      ])
    },

    async countMailRequest({ account, address }) {
      await countAll([
        [mailsFromAddress, networkOf(address)],
        [mailsToAccount, account],
      ])
    },

    async countPayment({ customerId, isByBlikCode }) {
      await countAll([[payments, customerId], ...(isByBlikCode ? [[blikCodes, customerId] as const] : [])])
    },
  }
}

/** How many there are now; undefined when it was full. */
async function countIfRoom([counter, of]: Count): Promise<number | undefined> {
  try {
    return await counter.count(of)
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

function isWrongPassword(error: unknown): boolean {
  return error instanceof Refused && (error as Refused<IdentityRefusal>).refusal.code === 'identity.wrong-credentials'
}

async function throwAt(time: number, error: unknown): Promise<never> {
  if (error instanceof Refused) await setTimeout(Math.max(0, time - performance.now()))
  throw error
}
