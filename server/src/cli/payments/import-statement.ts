import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { Command } from 'commander'
import { OperatorError } from '../../kernel/operator-error.ts'
import {
  BadStatement,
  type ImportedStatement,
  importStatement,
  readStatement,
  STATEMENT_BYTES_MAX,
  type Statement,
} from '../../payments/index.ts'
import type { Db } from '../../store/database.ts'
import { progressLine } from '../import-file.ts'
import { say, withStore } from '../run.ts'
import { becameOf, lineHeading, linesForAPerson, sumsOf } from './bank-line-words.ts'

/** So that a cron job can tell "a person is needed" from "it did not work", which is 1. */
const NEEDS_A_PERSON = 2

export function importStatementCommand(): Command {
  return new Command('import-statement')
    .description('book the transfers of a bank statement to their orders: CAMT.053 or MT940, by what is in the file')
    .argument('<file>', 'the statement, as it was downloaded from the bank')
    .option('--dry-run', 'only tell what would be booked')
    .addHelpText(
      'after',
      `
Booked is what bears the title of one transfer and is exactly its sum. Everything else is listed for a person, and
stays in "tradepost payments bank-lines --open" until it is settled. Importing a file again, or one that overlaps with
it, books nothing twice. A file that cannot be read whole books nothing at all.

Ends with 0, with ${NEEDS_A_PERSON} when lines of the file wait for a person, with 1 when it was refused. See docs/bank-statements.md.`,
    )
    .action(async (file: string, { dryRun = false }: { dryRun?: boolean }) => {
      await withStore(async ({ transfer }, { db }) => {
        const statement = await readFile(file)
        for (const warning of statement.warnings) say(`Warning: ${warning}`)
        warnOfOtherAccounts(statement, transfer?.iban)
        const progress = progressLine()
        const imported = await importStatement(db, statement, { dryRun, onProgress: progress.show })
        progress.clear()
        for (const line of await report(db, basename(file), statement, imported, dryRun)) console.log(line)
        const waits = imported.known.open > 0 || imported.lines.some(({ outcome }) => outcome === 'needs-a-person')
        if (waits) process.exitCode = NEEDS_A_PERSON
      })
    })
}

async function readFile(file: string): Promise<Statement> {
  const handle = await open(file).catch(() => {
    throw new OperatorError(`Cannot read ${file}.`)
  })
  try {
    const { size } = await handle.stat()
    // One byte more, so that the reader sees that it is too large.
    const bytes = Buffer.alloc(Math.min(size, STATEMENT_BYTES_MAX + 1))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0).catch(() => {
      throw new OperatorError(`Cannot read ${file}.`)
    })
    return readStatement(bytes.subarray(0, bytesRead))
  } catch (error) {
    if (!(error instanceof BadStatement)) throw error
    const where = error.lineNumber === undefined ? '' : `, line ${error.lineNumber}`
    throw new OperatorError(`Nothing was imported. ${file}${where}: ${error.message}.`)
  } finally {
    await handle.close()
  }
}

/** A statement of another account may be right, after a change of banks: it is not refused. */
function warnOfOtherAccounts({ lines }: Statement, iban: string | undefined): void {
  const others = new Set(lines.map(({ account }) => account).filter((account) => account !== iban))
  for (const account of others) say(`Note: ${account} is not the account that customers are told (TRANSFER_IBAN).`)
}

async function report(
  db: Db,
  file: string,
  { format, lines: all }: Statement,
  { lines, known, ignored }: ImportedStatement,
  dryRun: boolean,
): Promise<string[]> {
  const booked = lines.filter(({ outcome }) => outcome === 'booked')
  const waiting = lines.filter(({ outcome }) => outcome === 'needs-a-person')
  const toSendBack = booked.filter(({ bookedAs }) => bookedAs === 'refund-late' || bookedAs === 'refund-twice')
  const open = known.open > 0 ? `, ${known.open} of them still for a person` : ''
  const said = [
    `${file}: ${format === 'mt940' ? 'MT940' : 'CAMT.053'}, ${all.length} ${all.length === 1 ? 'booking' : 'bookings'}.`,
    `${dryRun ? 'Would be booked' : 'Booked'}: ${sumsOf(booked)}.`,
    ...booked.map((line) => `  ${lineHeading(line)}  ${becameOf(line)}`),
    ...(toSendBack.length > 0
      ? [`To be sent back, of these: ${sumsOf(toSendBack)}. See: tradepost payments open`]
      : []),
    `For a person: ${sumsOf(waiting)}.`,
    ...(await linesForAPerson(db, waiting)),
  ]
  if (known.count > 0) said.push(`Imported before: ${known.count}${open}.`)
  if (ignored > 0) said.push(`Left alone: ${ignored} of money that went out.`)
  if (dryRun) said.push('Nothing was written: this was a dry run.')
  return said
}
