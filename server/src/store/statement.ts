import type pg from 'pg'
import type { Db } from './database.ts'
import { type Gather, readTogether } from './together.ts'

/** A statement that is prepared once on each connection and from then on only bound and run. */
export type Statement<Params extends readonly unknown[], Row extends pg.QueryResultRow> = (
  db: Db,
  ...params: Params
) => Promise<Row[]>

const names = new Set<string>()

/**
 * Names a statement and gives it types. The name is the prepared statement's on the wire, so it is unique;
 * the SQL text is constant: whatever varies is a parameter.
 *
 * @param name room and verb, such as `bucket.try-add-line`; at most 63 bytes, PostgreSQL's limit
 */
export function statement<Params extends readonly unknown[], Row extends pg.QueryResultRow>(
  name: string,
  text: string,
): Statement<Params, Row> {
  if (names.has(name)) throw new Error(`two statements are named ${name}`)
  names.add(name)
  return async (db, ...params) => (await db.query<Row>({ name, text, values: params as unknown as unknown[] })).rows
}

/** Like {@link statement}, for one that answers at most one row. */
export function statementOne<Params extends readonly unknown[], Row extends pg.QueryResultRow>(
  name: string,
  text: string,
): (db: Db, ...params: Params) => Promise<Row | undefined> {
  const run = statement<Params, Row>(name, text)
  return async (db, ...params) => (await run(db, ...params))[0]
}

/**
 * Like {@link statement}, for several who ask at once: one round trip for all of them.
 *
 * @param text takes an array for each parameter, which is therefore none itself, with a place for each who asks; its rows tell
 *   whose they are by `place`, from 1. What it looks up for each stands behind `lateral`, with a `limit` or an `offset 0`, which
 *   keep PostgreSQL from joining whole tables by a plan from when they were small (test/plans.test.ts)
 * @param gather {@link readTogether}, or `writeTogether` where it writes
 */
export function statementTogether<Params extends readonly unknown[], Row extends pg.QueryResultRow>(
  name: string,
  text: string,
  gather: Gather = readTogether,
): Statement<Params, Row> {
  const run = statement<unknown[][], Row & { place: number }>(name, text)
  const ask = gather<Params, Row[]>(async (db, asked) => {
    const columns = (asked[0] ?? []).map((_, i) => asked.map((params) => params[i]))
    const answers: Row[][] = asked.map(() => [])
    for (const { place, ...row } of await run(db, ...columns)) {
      const answer = answers[place - 1]
      if (!answer) throw new Error(`${name} answered for place ${place} of ${asked.length}`)
      answer.push(row as unknown as Row)
    }
    return answers
  })
  return (db, ...params) => ask(db, params)
}
