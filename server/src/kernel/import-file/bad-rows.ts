/** What is wrong with one row, or one value of it, in words for whoever made the file. */
export interface BadRow {
  /** Where the row begins, as a text editor counts. */
  readonly line: number
  /** Which object of a JSON file, from 1: all of them may stand on one line. */
  readonly item?: number | undefined
  readonly column?: string | undefined
  readonly problem: string
}

/** Nothing was imported: these rows must be mended first. */
export class ImportFailed extends Error {
  /** By line; the first {@link BAD_ROWS_MAX} that were found. */
  readonly badRows: readonly BadRow[]
  /** How many there are in all. */
  readonly total: number

  constructor(badRows: readonly BadRow[], total = badRows.length) {
    super(`nothing was imported: the file has ${total} ${total === 1 ? 'mistake' : 'mistakes'}`)
    this.name = 'ImportFailed'
    this.badRows = badRows
    this.total = total
  }
}

/** Nobody mends more in one go, and a file of nothing but mistakes must not fill the memory. */
export const BAD_ROWS_MAX = 1_000

/** Gathers what is wrong over all the checks. */
export class BadRows {
  readonly #kept: BadRow[] = []
  #total = 0
  #isCutShort = false

  add(row: BadRow): void {
    this.#total += 1
    if (this.#kept.length < BAD_ROWS_MAX) this.#kept.push(row)
  }

  /** The same for what makes the rest of the file unreadable: nobody knows what is missing then. */
  addLast(row: BadRow): void {
    this.#isCutShort = true
    this.add(row)
  }

  /** What a check over all rows found; each finding says how many there are, since not all are handed over. */
  addFound(found: readonly (BadRow & { readonly total: number })[]): void {
    for (const { total: _, ...row } of found) this.add(row)
    this.#total += (found[0]?.total ?? 0) - found.length
  }

  get isEmpty(): boolean {
    return this.#total === 0
  }

  /** How many were added. */
  get total(): number {
    return this.#total
  }

  /** Whether reading ended before the file did. */
  get isCutShort(): boolean {
    return this.#isCutShort
  }

  /** By line; the first {@link BAD_ROWS_MAX} that were found. */
  get kept(): BadRow[] {
    return this.#kept.toSorted((a, b) => a.line - b.line || (a.item ?? 0) - (b.item ?? 0))
  }

  /** @throws ImportFailed when there are any */
  throwIfAny(): void {
    if (!this.isEmpty) throw new ImportFailed(this.kept, this.#total)
  }
}
