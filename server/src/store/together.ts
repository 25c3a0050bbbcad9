import { setImmediate as endOfTurn, setTimeout as pause } from 'node:timers/promises'
import { type Db, wasRefused } from './database.ts'

/** In the order of the keys, with promises where some come later. */
type Answers<Answer> = readonly (Answer | Promise<Answer>)[]
type AskForAll<Key, Answer> = (db: Db, keys: readonly Key[]) => Promise<Answers<Answer>>
type Ask<Key, Answer> = (db: Db, key: Key) => Promise<Answer>

/** {@link together}, or {@link writtenTogether}. */
export type Gather = <Key, Answer>(askForAll: AskForAll<Key, Answer>) => Ask<Key, Answer>

/**
 * For what is read so often that those who ask in the same turn of the event loop are better answered by one round trip
 * (docs/adr/0023). It starts after all of them have asked, so nobody is told anything older than without it. When it fails, it
 * fails for all of them.
 */
export const together: Gather = (askForAll) => gather(askForAll, () => endOfTurn())

/**
 * For writes: who comes while some are written waits for them, and is written with all who have come meanwhile, in one
 * transaction (docs/adr/0023). None waits for long, and where PostgreSQL refuses the transaction, for one of them or for a
 * lock that somebody else holds, each is written alone. Whether they were written is open only where it would be for each
 * alone: when the connection is lost.
 */
export const writtenTogether: Gather = <Key, Answer>(askForAll: AskForAll<Key, Answer>) => {
  const underWay = new WeakMap<Db, Promise<unknown>>()

  async function ourTurn(db: Db): Promise<void> {
    await endOfTurn()
    const others = underWay.get(db)
    if (others) await Promise.race([others, pause(PATIENCE_MS, undefined, { ref: false })])
  }

  return gather<Key, Answer>(async (db, keys) => {
    const written = askForAll(db, keys)
    underWay.set(
      db,
      written.catch(() => {}),
    )
    try {
      return await written
    } catch (error) {
      if (keys.length === 1 || !wasRefused(error)) throw error
      return keys.map((key) => askForAll(db, [key]).then(([answer]) => answer as Answer))
    }
  }, ourTurn)
}

/** As long as the commit of a slow disk takes: what takes longer holds up nobody but its own. */
const PATIENCE_MS = 20

/** So many orders take PostgreSQL some 10 ms. */
const TOGETHER_MAX = 50

function gather<Key, Answer>(askForAll: AskForAll<Key, Answer>, turn: (db: Db) => Promise<void>): Ask<Key, Answer> {
  const gathering = new WeakMap<Db, { keys: Key[]; answers: Promise<Answers<Answer>> }>()

  async function askInTurn(db: Db, keys: readonly Key[]): Promise<Answers<Answer>> {
    await turn(db)
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
