import { setImmediate as endOfTurn, setTimeout as pause } from 'node:timers/promises'
import { type Db, wasRolledBack } from './database.ts'

/** One for each key, in their order; what comes later than the others may still be under way. */
type Answers<Answer> = readonly (Answer | Promise<Answer>)[]
type AskForAll<Key, Answer> = (db: Db, keys: readonly Key[]) => Promise<Answers<Answer>>
type Ask<Key, Answer> = (db: Db, key: Key) => Promise<Answer>

/** {@link readTogether}, or {@link writeTogether}. */
export type Gather = typeof readTogether

/**
 * For what is read so often that those who ask in the same turn of the event loop are better answered by one round trip
 * (docs/adr/0023). It starts after all of them have asked, so nobody is told anything older than without it. When it fails, it
 * fails for all of them.
 */
export function readTogether<Key, Answer>(askForAll: AskForAll<Key, Answer>): Ask<Key, Answer> {
  return gather(askForAll, () => endOfTurn())
}

/**
 * For writes: who comes while some are written waits for them, for 20 ms at most, and is written with all who have come
 * meanwhile (docs/adr/0023). Where PostgreSQL rolls that back, for one of them or for a lock that somebody else holds, each is
 * written alone. Whether they were written is open only where it would be for each alone: when the connection is lost.
 *
 * @param askForAll all or nothing. For several it begins with `wait_briefly()`, so that a lock which only one of them needs
 *   does not hold up the others.
 */
export function writeTogether<Key, Answer>(
  askForAll: AskForAll<Key, Answer>,
  patienceMs = PATIENCE_MS,
): Ask<Key, Answer> {
  const underWay = new WeakMap<Db, Promise<unknown>>()

  async function ourTurn(db: Db): Promise<void> {
    await endOfTurn()
    const others = underWay.get(db)
    if (others) await Promise.race([others, pause(patienceMs, undefined, { ref: false })])
  }

  async function write(db: Db, keys: readonly Key[]): Promise<Answers<Answer>> {
    const written = askForAll(db, keys)
    underWay.set(db, Promise.allSettled([written]))
    try {
      return await written
    } catch (error) {
      if (keys.length === 1 || !wasRolledBack(error)) throw error
      // Nobody waits for these: one of them may wait for its lock for seconds.
      return keys.map(async (key) => (await askForAll(db, [key]))[0] as Answer)
    }
  }

  return gather(write, ourTurn)
}

/** As long as the commit of a slow disk takes: what takes longer holds up nobody but its own. */
const PATIENCE_MS = 20

/** So many orders hold the locks of all their products for some 4 ms. */
const TOGETHER_MAX = 20

/** Whoever asks before `turn` is over is asked for with the others, twenty at most. */
function gather<Key, Answer>(askForAll: AskForAll<Key, Answer>, turn: (db: Db) => Promise<void>): Ask<Key, Answer> {
  const gathering = new WeakMap<Db, { keys: Key[]; answers: Promise<Answers<Answer>> }>()

  async function askInTurn(db: Db, keys: readonly Key[]): Promise<Answers<Answer>> {
    await turn(db)
    // When they were too many, others are gathering by now.
    if (gathering.get(db)?.keys === keys) gathering.delete(db)
    return await askForAll(db, keys)
  }

  return async (db, key) => {
    let mine = gathering.get(db)
    if (!mine || mine.keys.length >= TOGETHER_MAX) {
      const keys: Key[] = []
      mine = { keys, answers: askInTurn(db, keys) }
      gathering.set(db, mine)
    }
    const place = mine.keys.push(key) - 1
    return (await mine.answers)[place] as Answer
  }
}
