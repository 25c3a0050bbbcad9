import { Command, InvalidArgumentError } from 'commander'
import { type ColumnMap, type DjangoImportResult, decideColumns, importDjango } from '../identity/index.ts'
import { ImportFailed } from '../kernel/import-file/index.ts'
import { OperatorError } from '../kernel/operator-error.ts'
import { badRowLines, nothingImported, openFile, progressLine } from './import-file.ts'
import { withStore } from './run.ts'

/** The good rows were imported, others were not: neither success nor failure. */
const STATUS_LEFT_OUT = 2

interface Options {
  readonly columns?: ColumnMap
  readonly model: string
  readonly skipBad?: boolean
  readonly dryRun?: boolean
}

export function importDjangoCommand(): Command {
  return new Command('import-django')
    .description("move a Django shop's users in, with their passwords, from a JSON or CSV file")
    .argument('<file>', 'what `manage.py dumpdata auth.user` wrote, or the table auth_user as CSV; in UTF-8')
    .option('--columns <map>', "the file's names where they are not Django's: username=login,email=mail,…", readColumns)
    .option('--model <label>', 'which objects of a JSON file are the users', 'auth.user')
    .option('--skip-bad', 'import the good rows and report the bad ones; without it one bad row is enough to stop')
    .option('--dry-run', 'tell what would happen, and change nothing')
    .addHelpText(
      'after',
      `
From Django:
  $ python manage.py dumpdata auth.user -o users.json
or from its database:
  $ psql -c "\\copy auth_user to 'users.csv' csv header" shop

Then:
  $ npx tradepost import-django users.json --dry-run
  $ npx tradepost import-django users.json

What is taken: username, email and password (they must be there), first_name, last_name, date_joined, is_active;
with --columns also patronymic, phone, city and address. Other columns do not matter. Two users with one e-mail,
or with usernames that differ by case alone, are bad rows: here both sign in.

A user table of your own:
  $ npx tradepost import-django people.csv --columns username=login,email=mail,password=pwd_hash,phone=mobile
  $ npx tradepost import-django dump.json --model accounts.customer

Passwords go on working (pbkdf2_sha256, bcrypt_sha256, scrypt, argon2) and are hashed anew when their owner signs in.
Who has none that is usable is imported, and cannot sign in by a password; who is inactive is imported and blocked.

It may be run again: customers who have signed in here are left alone, as are those whom \`tradepost customers\` has
blocked or unblocked; others are brought to what the file says.
Ends with status 0 when all is well, 1 when nothing was imported, 2 when --skip-bad has left rows out.
More in docs/moving-from-django.md.`,
    )
    .action(async (file: string, { columns = readColumns(''), ...options }: Options) => {
      await withStore(
        async (_config, { db }) => {
          const input = await openFile(file)
          const progress = progressLine()
          try {
            const onProgress = progress.show
            const result = await importDjango(db, input, { ...options, columns, fileName: file, onProgress })
            progress.clear()
            report(result, options.dryRun === true)
          } catch (error) {
            progress.clear()
            throw error instanceof ImportFailed ? new OperatorError(nothingImported(file, error)) : error
          }
        },
        { mayBeFirst: true },
      )
    })
}

function readColumns(map: string): ColumnMap {
  const decided = decideColumns(map)
  if ('columns' in decided) return decided.columns
  throw new InvalidArgumentError(decided.problem)
}

function report(result: DjangoImportResult, isDryRun: boolean): void {
  const { leftOut, badRows, mistakes } = result
  if (leftOut > 0) {
    const found = `${counted(leftOut, 'bad row')} left out, for ${counted(mistakes, 'mistake')}:`
    console.error([found, ...badRowLines(badRows, mistakes)].join('\n'))
    process.exitCode = STATUS_LEFT_OUT
  }
  console.log([...(isDryRun ? ['Dry run, nothing was written. It would be:'] : []), ...summary(result)].join('\n'))
}

function* summary({ customers, leftOut, ...result }: DjangoImportResult) {
  const { blocked, withoutPassword, notBlocked, staff, others } = result
  const { added, changed, unchanged, leftAlone } = customers
  const rest = leftOut > 0 ? `, ${leftOut} left out` : ''
  yield `Customers: ${added} added, ${changed} changed, ${unchanged} unchanged, ${leftAlone} left alone${rest}.`
  if (leftAlone > 0) yield 'Left alone: they have been here, or an operator has blocked or unblocked them.'
  if (blocked > 0) yield `Blocked, inactive in Django: ${blocked}.`
  if (notBlocked.count > 0) yield `Inactive in Django, but left alone and not blocked: ${named(notBlocked)}.`
  if (withoutPassword > 0) yield `Cannot sign in by a password, none or unusable in Django: ${withoutPassword}.`
  if (staff > 0) yield `Staff and superusers in Django, here customers like any others: ${staff}.`
  if (others.size > 0)
    yield `Skipped, not users: ${[...others].map(([model, count]) => `${model} (${count})`).join(', ')}.`
}

function named({ count, usernames }: DjangoImportResult['notBlocked']): string {
  const more = count > usernames.length ? `, and ${count - usernames.length} more` : ''
  return `${count} (${usernames.join(', ')}${more}); \`tradepost customers block\` keeps them out`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
