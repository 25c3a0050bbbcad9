import type { Page } from '../../../kernel/page.ts'
import type { Db } from '../../../store/database.ts'
import { findNearTitles, findTitles } from '../find-titles.ts'
import type { BankLine, NamedTransfer } from './bank-line.ts'
import * as sql from './bank-lines.sql.ts'

/** The last lines that came, or that wait for a person, in the order they came. */
export async function listBankLines(
  db: Db,
  { onlyOpen, limit }: { onlyOpen: boolean; limit: number },
): Promise<Page<BankLine>> {
  const rows = await sql.listLines(db, onlyOpen, limit)
  return { count: rows[0]?.total ?? 0, items: rows.map(({ total: _, ...line }) => line) }
}

/** What may help a person with a line. Nothing is done on it by itself. */
export type Suggestion =
  /** Transfers whose title is one slip away from what was written, or which have the titles that stand in it. */
  | { readonly kind: 'titles'; readonly transfers: readonly NamedTransfer[] }
  /** The only transfers that are awaited with this sum. */
  | { readonly kind: 'sum'; readonly transfers: readonly NamedTransfer[] }
  /** Open lines of the same title, this one among them, that come to the sum together. */
  | { readonly kind: 'together'; readonly lines: readonly number[]; readonly transfer: NamedTransfer }

/** More awaited transfers of one sum than this tell nothing. */
const OF_ONE_SUM_MAX = 3

export async function suggestFor(db: Db, line: BankLine): Promise<Suggestion | undefined> {
  switch (line.reason) {
    case 'several-titles':
      return { kind: 'titles', transfers: await sql.listNamedTransfers(db, findTitles(line.title)) }
    case 'no-title':
    case 'unknown-title': {
      const near = [...new Set([line.title, line.endToEndId].flatMap(findNearTitles))]
      const meant = (await sql.listNamedTransfers(db, near)).filter(({ capturedMinor }) => capturedMinor === 0)
      if (meant.length > 0) return { kind: 'titles', transfers: meant }
      const awaited = await sql.listAwaited(db, line.amountMinor, line.currency, OF_ONE_SUM_MAX + 1)
      const tells = awaited.length > 0 && awaited.length <= OF_ONE_SUM_MAX
      return tells ? { kind: 'sum', transfers: awaited } : undefined
    }
    case 'too-little':
      return await suggestTogether(db, line)
    default:
      return undefined
  }
}

async function suggestTogether(db: Db, { attemptId, orderId }: BankLine): Promise<Suggestion | undefined> {
  if (!attemptId || !orderId) return undefined
  const transfer = await sql.findNamedTransferOf(db, orderId)
  const lines = await sql.listOpenLinesOf(db, attemptId)
  const sum = lines.reduce((total, { amountMinor }) => total + amountMinor, 0)
  const isSum = transfer?.capturedMinor === 0 && sum === transfer.amountMinor && lines.length > 1
  return isSum ? { kind: 'together', lines: lines.flatMap(({ id }) => id ?? []), transfer } : undefined
}
