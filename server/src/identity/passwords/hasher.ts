import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { makeTurnstile } from '../../kernel/turnstile.ts'
import { busy } from '../busy.ts'
import { derive, matches } from './derive.ts'
import { CURRENT, type Encoded, encodeCurrent, isOutdated, parseEncoded } from './encoding.ts'
import { isTooLong } from './policy.ts'

export interface HasherOptions {
  /** Server processes that hash on this machine, each its share. */
  readonly processes?: number
  /** Hashes computed at once. */
  readonly concurrency?: number
  /** Hashes waiting for their turn; a full default queue is half a second on two cores, and longer while others want them. */
  readonly queueMax?: number
  /** The same for hashes that were moved in, which may take forty times as long. */
  readonly dearQueueMax?: number
}

export interface Verified {
  readonly matches: boolean
  /** Only of a password that matches, since only that can be hashed anew. */
  readonly outdated: boolean
}

/** Hashes and verifies passwords; one for the whole process, since it is what bounds their cost. */
export interface Hasher {
  /** @throws identity.busy */
  hash(password: string): Promise<string>
  /**
   * Without a hash, with one that cannot be read and with a password that is too long, it takes as long as with a current
   * one, and says no. A hash that was moved in takes its own time until it is renewed; such never take all places, so
   * that they keep nobody else waiting.
   *
   * @throws identity.busy
   */
  verify(password: string, encoded: string | undefined): Promise<Verified>
}

/**
 * Makes the hasher. Passwords are taken as they are: neither trimmed nor normalised, because Django does neither and its
 * hashes must go on matching. They are hashed as UTF-8.
 */
export function makeHasher(options: HasherOptions = {}): Hasher {
  const { processes = 1, concurrency = concurrencyOfEach(processes), queueMax = 100, dearQueueMax = 20 } = options
  const inTurn = makeTurnstile({ places: concurrency, queueMax, busy })
  const whenDear = makeTurnstile({ places: Math.max(1, concurrency - 1), queueMax: dearQueueMax, busy })
  return {
    async hash(password) {
      if (isTooLong(password)) throw new RangeError('decidePassword was not asked about this password')
      return inTurn(() => hashNow(password))
    },
    async verify(password, encoded) {
      const parsed = encoded === undefined || isTooLong(password) ? undefined : parseEncoded(encoded)
      if (encoded === undefined || !parsed) {
        await inTurn(() => derive('', withoutDigest(DUMMY_SALT)))
        return { matches: false, outdated: false }
      }
      const isDear = isOutdated(encoded)
      const check = () => inTurn(() => matches(password, parsed))
      const isRight = isDear ? await whenDear(check) : await check()
      return { matches: isRight, outdated: isRight && isDear }
    },
  }
}

/** Each takes 30 MiB, and 128 more while it checks the dearest hash; four hash for more sign-ins than one process serves. */
const THREADS_MAX = 4

/** More at once than there are cores would only make each wait longer. */
function concurrencyOfEach(processes: number): number {
  return Math.min(Math.ceil(availableParallelism() / processes), THREADS_MAX)
}

const SALT_BYTES = 16
// Django's salts are text of 22 letters that stands for 128 random bits; so are ours.
const newSalt = () => Buffer.from(randomBytes(SALT_BYTES).toString('base64url'))
const DUMMY_SALT = newSalt()

async function hashNow(password: string): Promise<string> {
  const salt = newSalt()
  return encodeCurrent(salt, await derive(password, withoutDigest(salt)))
}

function withoutDigest(salt: Buffer): Extract<Encoded, { algorithm: 'argon2' }> {
  const { digestBytes, ...parameters } = CURRENT
  return {
    algorithm: 'argon2',
    variety: 'argon2id',
    version: 19,
    ...parameters,
    salt,
    digest: Buffer.alloc(digestBytes),
  }
}
