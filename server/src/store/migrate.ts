import { type Database, type Db, sqlState, type Tx, unhurried } from './database.ts'
import { MIGRATIONS_DIRECTORY, type Migration, MigrationError, readMigrations } from './migration-files.ts'

export { MigrationError } from './migration-files.ts'

export interface MigrateOptions {
  /** Where the files are; the program's own by default. */
  readonly directory?: string
  /** Told of each migration before it is run. */
  readonly onProgress?: (line: string) => void
}

type Applied = Pick<Migration, 'number' | 'name' | 'checksum'>

/** An advisory lock of the application's database: of several starting servers one migrates, the others wait. */
const MIGRATING = 7_236_119_001

const UNDEFINED_TABLE = '42P01'
const INSUFFICIENT_PRIVILEGE = '42501'

/**
 * Brings the database up to date: runs the files it has not seen, in order, each in its own transaction.
 * There is no way back. One quick query when there is nothing to do.
 *
 * @returns the names of what was applied
 * @throws MigrationError when an applied file was edited, when a newer program has migrated the database,
 *   or when the numbering has gaps or duplicates; nothing is changed then
 */
export async function migrate(db: Database, options: MigrateOptions = {}): Promise<string[]> {
  const applied: string[] = []
  for (const migration of await listPending(db, options)) {
    options.onProgress?.(`Migrating the database: ${migration.name}`)
    if (await apply(db, migration)) applied.push(migration.name)
  }
  return applied
}

/** The names of what {@link migrate} would apply. It throws what that would throw. */
export async function pendingMigrations(db: Db, options: MigrateOptions = {}): Promise<string[]> {
  return (await listPending(db, options)).map((migration) => migration.name)
}

async function listPending(db: Db, { directory = MIGRATIONS_DIRECTORY }: MigrateOptions): Promise<Migration[]> {
  return decidePending(readMigrations(directory), await listApplied(db))
}

function decidePending(known: readonly Migration[], applied: readonly Applied[]): Migration[] {
  for (const { number, name, checksum } of applied) {
    const file = known[number - 1]
    if (!file) {
      throw new MigrationError(
        `A newer Tradepost has migrated this database (${name}); this one knows ${known.length} migrations. Run the newer one.`,
      )
    }
    if (file.name === name && file.checksum === checksum) continue
    throw new MigrationError(
      `The migration ${name} was edited after it had been applied to this database (now ${file.name}).\n` +
        'Put the file back as it was, and the change into a new migration.',
    )
  }
  return known.slice(applied.length)
}

async function listApplied(db: Db): Promise<Applied[]> {
  try {
    const text = 'select number, name, checksum from schema_migrations order by number'
    return (await db.query<Applied>({ text })).rows
  } catch (error) {
    if (sqlState(error) === UNDEFINED_TABLE) return []
    throw error
  }
}

/** False if another process has applied it meanwhile. */
async function apply(db: Database, migration: Migration): Promise<boolean> {
  const { number, name, sql, checksum } = migration
  return await db.transaction(async (tx) => {
    // However long the others take; then lock_timeout as ever, so that a migration that waits for a table does not
    // stop all who queue behind it. The lock is the transaction's: a connection pooler in between does no harm.
    await tx.query({ text: 'set local lock_timeout = 0; set local statement_timeout = 0' })
    await tx.query(unhurried({ text: `select pg_advisory_xact_lock(${MIGRATING})` }))
    await tx.query({ text: 'set local lock_timeout = default' })
    await createTable(
      tx,
      `create table if not exists schema_migrations (
        number     int primary key,
        name       text not null,
        checksum   text not null,
        applied_at timestamptz not null default now()
      )`,
    )
    const found = await tx.query({ text: 'select from schema_migrations where number = $1', values: [number] })
    if (found.rowCount) return false
    await tx.query(unhurried({ text: sql })).catch((error: Error) => {
      throw new MigrationError(`The migration ${name} failed, nothing of it has happened: ${error.message}`, {
        cause: error,
      })
    })
    await tx.query({
      text: 'insert into schema_migrations (number, name, checksum) values ($1, $2, $3)',
      values: [number, name, checksum],
    })
    return true
  })
}

/** The first thing that a database user without rights is refused. */
async function createTable(tx: Tx, sql: string): Promise<void> {
  try {
    await tx.query({ text: sql })
  } catch (error) {
    if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) throw error
    const advice = 'Make it the owner: alter database … owner to …'
    throw new MigrationError(`The database user may not create tables in this database. ${advice}`, { cause: error })
  }
}
