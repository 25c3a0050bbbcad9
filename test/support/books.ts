import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Db } from '../../server/src/store/database.ts'

const BREACHES = readFileSync(join(import.meta.dirname, 'breaches.sql'), 'utf8')

/** The rows of a question that a test asks the database itself. */
export async function rowsOf<Row extends Record<string, unknown>>(
  db: Db,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return (await db.query<Row>({ text, values })).rows
}

/**
 * What the books say about goods, money and what has happened: each breach of a rule that must never break, in words; empty
 * when all is well.
 */
export async function findBreaches(db: Db): Promise<string[]> {
  const rows = await rowsOf<{ breach: string }>(db, BREACHES)
  return rows.map((row) => row.breach)
}
