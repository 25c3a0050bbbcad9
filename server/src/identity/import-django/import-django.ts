import { type CustomerId, newId } from '../../kernel/ids.ts'
import { BAD_ROWS_MAX, type BadRow, BadRows, ImportFailed } from '../../kernel/import-file/index.ts'
import type { Database, Db } from '../../store/database.ts'
import { transactionOn } from '../../store/transaction-on.ts'
import type { ColumnMap } from './columns.ts'
import * as sql from './import-django.sql.ts'
import { readUsers } from './read-users.ts'
import { decideUser } from './user.ts'

export interface DjangoImportOptions {
  readonly columns: ColumnMap
  /** Which objects of a JSON file are users, such as `auth.user`. */
  readonly model: string
  readonly fileName?: string | undefined
  /** Bad rows are left out, and reported in the result; otherwise one of them is enough to import nothing. */
  readonly skipBad?: boolean | undefined
  /** All but the writing: the result is what it would have been. */
  readonly dryRun?: boolean | undefined
  /** Told after each batch how many users have been read so far. */
  readonly onProgress?: ((usersRead: number) => void) | undefined
}

export interface DjangoImportResult {
  readonly customers: {
    readonly added: number
    readonly changed: number
    readonly unchanged: number
    /** They have signed in here, registered here, or were blocked or unblocked by an operator. */
    readonly leftAlone: number
  }
  /** Rows left out because they are bad. */
  readonly leftOut: number
  /** Of those in `customers` who were not left alone: inactive in Django, so they cannot sign in. */
  readonly blocked: number
  /** The same: they cannot sign in by a password. Who is both counts as blocked. */
  readonly withoutPassword: number
  /** Inactive in Django, and yet not blocked, because they are left alone; the first of them by name. */
  readonly notBlocked: { readonly count: number; readonly usernames: readonly string[] }
  /** Of those in `customers`: staff and superusers of Django's, customers like any others here. */
  readonly staff: number
  /** Objects of a JSON file that are no users, by model. */
  readonly others: ReadonlyMap<string, number>
  /** By line, as far as they are kept; `mistakes` counts them all. */
  readonly badRows: readonly BadRow[]
  readonly mistakes: number
}

const BATCH_USERS = 2_000
/** From here on the table looks different to the planner. */
const ANALYZE_USERS_MIN = 1_000
/** Nobody has more models; a file of nothing but odd names must not fill the memory. */
const MODELS_MAX = 1_000
const USERNAMES_TOLD = 20

/**
 * Makes customers of a Django shop's users: from `dumpdata` in JSON, or the table in CSV. Their hashes are kept and renewed
 * when they sign in. All or nothing, or with `skipBad` all that are good; a file that cannot be read to its end is never
 * imported.
 *
 * A customer is known again by username and e-mail together. One who is only known from an import is brought to what the
 * file says, blocked or not; one who has signed in here, or whom an operator has blocked or unblocked, is left alone. So
 * the same file may be imported again, and a later one too.
 *
 * Memory does not grow with the file. Nobody gets a mail. While the last step is written, registrations of the same names
 * wait, and so do customers who are being changed, should they sign in for the first time.
 *
 * @throws ImportFailed with every mistake there is; nothing has changed then
 * @see docs/moving-from-django.md
 */
export async function importDjango(
  db: Database,
  input: AsyncIterable<Buffer | string>,
  options: DjangoImportOptions,
): Promise<DjangoImportResult> {
  return db.withConnection(async (client) => {
    const badRows = new BadRows()
    try {
      await sql.createStaging(client)
      const { rows, others } = await stage(client, input, options, badRows)
      const merged = await transactionOn(client, () => merge(client, options, badRows))
      const { good, added, changed, leftAlone, ...tally } = merged
      if (added + changed >= ANALYZE_USERS_MIN && !options.dryRun) await sql.analyzeCustomers(client)
      return {
        ...tally,
        customers: { added, changed, unchanged: good - added - changed - leftAlone, leftAlone },
        leftOut: rows - good,
        others,
        badRows: badRows.kept,
        mistakes: badRows.total,
      }
    } finally {
      // A connection that cannot even do this is broken, and leaves the pool with its tables.
      await sql.dropStaging(client).catch(() => {})
    }
  })
}

/** Reads the file into the staging table, user by user as far as each can be judged alone. */
async function stage(
  client: Db,
  input: AsyncIterable<Buffer | string>,
  { columns, model, fileName, onProgress }: DjangoImportOptions,
  badRows: BadRows,
): Promise<{ rows: number; others: Map<string, number> }> {
  const others = new Map<string, number>()
  let batch: sql.StagedUser[] = []
  let users = 0
  let problemsOfUsers = 0

  async function flush(): Promise<void> {
    if (batch.length > 0) await sql.stageUsers(client, batch)
    batch = []
    onProgress?.(users)
  }
  function onOther(other: string): void {
    const name = others.has(other) || others.size < MODELS_MAX ? other : 'other models'
    others.set(name, (others.get(name) ?? 0) + 1)
  }

  for await (const { line, item, values } of readUsers(input, { columns, model, fileName, onOther }, badRows)) {
    users += 1
    const { user, problems } = decideUser(values, columns)
    for (const problem of problems) badRows.add({ line, item, ...problem })
    problemsOfUsers += problems.length
    batch.push({ ...user, line, item: item ?? null, isBad: problems.length > 0, newId: newId<CustomerId>() })
    if (batch.length === BATCH_USERS) await flush()
  }
  if (users === 0 && others.size > 0 && badRows.isEmpty) throw new ImportFailed([noUsers(model, others)])
  await flush()
  // What the readers found bad came to no user: a row each.
  return { rows: users + badRows.total - problemsOfUsers, others }
}

function noUsers(model: string, others: ReadonlyMap<string, number>): BadRow {
  const found = [...others].slice(0, 20).map(([name, count]) => `${name} (${count})`)
  return { line: 1, problem: `holds no ${model}, but ${found.join(', ')}: name the users' model with --model` }
}

/** Judges the users together, and writes them if they may be written. */
async function merge(
  client: Db,
  { columns, skipBad, dryRun }: DjangoImportOptions,
  badRows: BadRows,
): Promise<sql.Tally & { added: number; changed: number }> {
  async function gather(check: string): Promise<void> {
    const found = await sql.markBad(client, check, BAD_ROWS_MAX)
    badRows.addFound(found.map(({ field, ...row }) => ({ ...row, column: columns.names[field] ?? field })))
  }
  function throwIfTooBad(): void {
    if (!skipBad || badRows.isCutShort) badRows.throwIfAny()
  }

  await sql.beginMerge(client)
  for (const check of [sql.REPEATED_IN_FILE, sql.JOINED_IN_FUTURE, sql.IN_THE_WAY]) await gather(check)
  throwIfTooBad()
  await sql.beginWriting(client)
  const changed = await sql.updateCustomers(client)
  const added = await sql.insertCustomers(client)
  await gather(sql.IN_THE_WAY)
  throwIfTooBad()
  const tally = await sql.tallyUsers(client, USERNAMES_TOLD)
  if (dryRun) await sql.undoWriting(client)
  return { ...tally, added, changed }
}
