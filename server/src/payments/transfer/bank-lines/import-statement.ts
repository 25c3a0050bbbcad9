import { lockOrder } from '../../../orders/index.ts'
import type { Database, Db, Tx } from '../../../store/database.ts'
import { recordNewsOf } from '../../record-news.ts'
import { findTitles } from '../find-titles.ts'
import type { Statement, StatementLine } from '../statement/statement-line.ts'
import {
  type BankLine,
  type BankLineDecision,
  decideBankLine,
  fingerprintsOf,
  type NamedTransfer,
  newsOf,
} from './bank-line.ts'
import * as sql from './bank-lines.sql.ts'

/** What became of a statement's lines. */
export interface ImportedStatement {
  /** The lines that are new, in the file's order. */
  readonly lines: readonly BankLine[]
  /** Credits that an earlier file had brought; `open` of them still wait for a person. */
  readonly known: { readonly count: number; readonly open: number }
  /** Bookings of money that went out, and of nothing. */
  readonly ignored: number
}

interface ImportOptions {
  /** Only tells what would become of them. */
  readonly dryRun?: boolean
  readonly onProgress?: (lines: number) => void
}

/**
 * Books a statement's credits to the orders whose titles they bear, and keeps the others for a person. Each line and what
 * it does is one transaction: importing again, the same file or one that overlaps with it, goes on where it was left and
 * changes nothing that is done.
 */
export async function importStatement(
  db: Database,
  statement: Statement,
  { dryRun = false, onProgress = () => {} }: ImportOptions = {},
): Promise<ImportedStatement> {
  const came = statement.lines.filter(({ kind, amountMinor }) => kind !== 'debit' && amountMinor > 0)
  const fingerprints = fingerprintsOf(came)
  const lines: BankLine[] = []
  const known = { count: 0, open: 0 }
  const foreseen = new Set<string>()

  for (let from = 0; from < came.length; from += BATCH) {
    const found = await sql.listKnownLines(db, fingerprints.slice(from, from + BATCH))
    const isOpen = new Map(found.map((row) => [row.fingerprint.toString('hex'), row.isOpen]))
    for (const [i, line] of came.slice(from, from + BATCH).entries()) {
      const fingerprint = fingerprints[from + i] as Buffer
      const key = fingerprint.toString('hex')
      const imported = isOpen.has(key)
        ? undefined
        : dryRun
          ? await foresee(db, line, foreseen)
          : await importLine(db, line, fingerprint)
      if (imported) lines.push(imported)
      else {
        known.count += 1
        if (isOpen.get(key)) known.open += 1
      }
      onProgress(from + i + 1)
    }
  }
  return { lines, known, ignored: statement.lines.length - came.length }
}

/** So many are asked about at once. */
const BATCH = 500

/** Undefined: another import was quicker. */
async function importLine(db: Database, line: StatementLine, fingerprint: Buffer): Promise<BankLine | undefined> {
  try {
    return await db.transaction(async (tx) => {
      const decision = await decideUnderLock(tx, line)
      const { outcome, transfer } = decision
      if (outcome === 'booked' && decision.bookedAs !== 'confirmed-before') {
        const news = newsOf(decision.transfer, [fingerprint], line.amountMinor, line.currency)
        const recorded = await recordNewsOf(tx, await lockOrder(tx, decision.transfer.orderId), news)
        // The event is there and its line is not: nothing of ours leaves it like this.
        if (recorded !== decision.bookedAs)
          throw new Error(`${news.event} was decided ${decision.bookedAs}, recorded ${recorded}`)
      }
      const inserted = await sql.insertLine(tx, {
        ...line,
        fingerprint: fingerprint.toString('hex'),
        outcome,
        reason: outcome === 'booked' ? undefined : decision.reason,
        bookedAs: outcome === 'booked' ? decision.bookedAs : undefined,
        attemptId: transfer?.id,
      })
      if (!inserted) throw new ImportedMeanwhile()
      return inserted
    })
  } catch (error) {
    if (error instanceof ImportedMeanwhile) return undefined
    throw error
  }
}

/** Undoes what a second import of the same line has begun. */
class ImportedMeanwhile extends Error {}

async function decideUnderLock(tx: Tx, line: StatementLine): Promise<BankLineDecision> {
  const { titles, transfers } = await lookUp(tx, line)
  const [only] = transfers
  if (!only || transfers.length > 1) return decideBankLine(line, titles, transfers)
  await lockOrder(tx, only.orderId)
  // Somebody may have paid or canceled it while we waited for the lock.
  return decideBankLine(line, titles, await sql.listNamedTransfers(tx, titles))
}

async function lookUp(db: Db, line: StatementLine): Promise<{ titles: string[]; transfers: NamedTransfer[] }> {
  // Each by itself: a title does not go on in the next field.
  const titles = [...new Set([line.title, line.endToEndId, line.payerName].flatMap(findTitles))]
  return { titles, transfers: titles.length > 0 ? await sql.listNamedTransfers(db, titles) : [] }
}

/** What would become of the line. `foreseen`: what the lines before would have paid. */
async function foresee(db: Db, line: StatementLine, foreseen: Set<string>): Promise<BankLine> {
  const { titles, transfers } = await lookUp(db, line)
  const paidBefore = transfers.map((transfer) =>
    foreseen.has(transfer.id)
      ? { ...transfer, capturedMinor: transfer.amountMinor, awaitsItsBankLine: false }
      : transfer,
  )
  const decision = decideBankLine(line, titles, paidBefore)
  const { outcome, transfer } = decision
  if (outcome === 'booked') foreseen.add(decision.transfer.id)
  return {
    ...line,
    kind: line.kind as BankLine['kind'],
    id: null,
    outcome,
    reason: outcome === 'booked' ? null : decision.reason,
    bookedAs: outcome === 'booked' ? decision.bookedAs : null,
    attemptId: transfer?.id ?? null,
    orderId: transfer?.orderId ?? null,
    note: null,
  }
}
