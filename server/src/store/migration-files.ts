import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { OperatorError } from '../kernel/operator-error.ts'

/** One file of `server/migrations`. */
export interface Migration {
  readonly number: number
  /** Without the ending: `0001_customers`. */
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/** The migrations cannot be run, said in words for the operator or the developer: no stack needed. */
export class MigrationError extends OperatorError {
  override readonly name = 'MigrationError'
}

/** The same from `src` and from `dist`. */
export const MIGRATIONS_DIRECTORY = fileURLToPath(new URL('../../migrations', import.meta.url))

const FILE_NAME = /^([0-9]{4})_[a-z0-9_-]+\.sql$/
const FIRST_LINE = /^-- (safe|breaking: \S.*)$/

/** All migrations in order. Refuses gaps, duplicates and files that do not say whether they are safe. */
export function readMigrations(directory: string): Migration[] {
  const files = fs
    .readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
  return files.map((file, index) => {
    const number = Number(FILE_NAME.exec(file)?.[1])
    if (Number.isNaN(number)) throw new MigrationError(`${file} is no name for a migration; use 0007_what_it_does.sql`)
    if (number <= index) throw new MigrationError(`Two migrations have the number ${file.slice(0, 4)}; ${file} is one`)
    if (number > index + 1) throw new MigrationError(`There is no migration ${fourDigits(index + 1)} before ${file}`)
    // A checkout on Windows may have other line ends; it is the same migration.
    const sql = fs.readFileSync(path.join(directory, file), 'utf8').replaceAll('\r\n', '\n')
    if (!FIRST_LINE.test(sql.split('\n', 1)[0] ?? '')) {
      throw new MigrationError(`The first line of ${file} must be "-- safe" or "-- breaking: why"`)
    }
    return {
      number,
      name: file.slice(0, -'.sql'.length),
      sql,
      checksum: createHash('sha256').update(sql).digest('hex'),
    }
  })
}

function fourDigits(number: number): string {
  return String(number).padStart(4, '0')
}
