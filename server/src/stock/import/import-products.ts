import type { Readable } from 'node:stream'
import { newId, type ProductId, type WarehouseId } from '../../kernel/ids.ts'
import { BAD_ROWS_MAX, BadRows, ImportFailed, readCsv, wrongLength } from '../../kernel/import-file/index.ts'
import type { Database, Db } from '../../store/database.ts'
import { transactionOn } from '../../store/transaction-on.ts'
import { type Column, cellsOf, decideHeader } from './header.ts'
import * as sql from './import.sql.ts'
import { decideRow } from './row.ts'
import { decideWarehouses } from './warehouses.ts'

export interface ImportOptions {
  /** Of all prices in the file. */
  readonly currency: string
  /** Told after each batch how many rows have been read so far. */
  readonly onProgress?: ((rowsRead: number) => void) | undefined
  /** The files in the pictures directory; undefined: nobody looks. */
  readonly picturesKnown?: ReadonlySet<string> | undefined
}

export interface ImportResult {
  readonly rows: number
  readonly products: { readonly added: number; readonly changed: number; readonly unchanged: number }
  /** Rows of stock that the file speaks of, changed or not. */
  readonly stockRows: number
  readonly warehousesAdded: readonly string[]
  /** Pictures that the file names and nobody has: no mistake, they may come later. At most {@link PICTURES_MISSING_MAX}. */
  readonly picturesMissing: readonly string[]
}

const PICTURES_MISSING_MAX = 100
const BATCH_ROWS = 2_000
/** From here on the tables look different to the planner. */
const ANALYZE_ROWS_MIN = 1_000

/**
 * Brings products and stock to what the CSV file says, all or nothing: `sku,name,description,price,product_type` and
 * optionally `status,picture,warehouse,quantity`, in any order. A sku that comes again, with another warehouse, adds a
 * row of stock; its product columns are then empty or the same. An empty status or picture leaves an existing product
 * its own. Quantities are set, not added, so that the same file may be imported again.
 *
 * Memory does not grow with the file. Orders that need the same stock rows wait while the last step is written.
 *
 * @throws ImportFailed with every mistake there is; nothing has changed then
 */
export async function importProducts(db: Database, input: Readable, options: ImportOptions): Promise<ImportResult> {
  return db.withConnection(async (client) => {
    const badRows = new BadRows()
    try {
      await sql.createStaging(client)
      const { rows, picturesMissing } = await stage(client, input, options, badRows)
      const merged = await transactionOn(client, () => merge(client, options.currency, badRows))
      if (rows >= ANALYZE_ROWS_MIN) await sql.analyzeStock(client)
      return { rows, ...merged, picturesMissing }
    } finally {
      // A connection that cannot even do this is broken, and leaves the pool with its tables.
      await sql.dropStaging(client).catch(() => {})
    }
  })
}

/** Reads the file into the staging table, row by row as far as each can be judged alone. */
async function stage(
  client: Db,
  input: Readable,
  { currency, onProgress, picturesKnown }: ImportOptions,
  badRows: BadRows,
): Promise<{ rows: number; picturesMissing: string[] }> {
  const picturesMissing = new Set<string>()
  let columns: Column[] | undefined
  let batch: sql.StagedRow[] = []
  let rows = 0

  async function flush(): Promise<void> {
    if (batch.length > 0) await sql.stageRows(client, batch)
    batch = []
    onProgress?.(rows)
  }

  for await (const { line, values } of readCsv(input, badRows)) {
    if (!columns) {
      columns = readHeader(line, values)
      continue
    }
    rows += 1
    const cells = cellsOf(columns, values)
    if (!cells) {
      badRows.add({ line, problem: wrongLength(values, columns.length) })
      continue
    }
    const { row, problems } = decideRow(cells, currency)
    for (const problem of problems) badRows.add({ line, ...problem })
    if (problems.some(({ column }) => column === 'sku')) continue
    batch.push({ ...row, line, isBad: problems.length > 0, newId: newId<ProductId>() })
    if (batch.length === BATCH_ROWS) await flush()

    const isMissing = row.picture && picturesKnown && !picturesKnown.has(row.picture)
    if (isMissing && picturesMissing.size < PICTURES_MISSING_MAX) picturesMissing.add(row.picture)
  }
  if (!columns && badRows.isEmpty)
    badRows.add({ line: 1, problem: 'the file is empty: its first line names the columns' })
  await flush()
  return { rows, picturesMissing: [...picturesMissing] }
}

/** Without its columns nothing of the file can be judged. */
function readHeader(line: number, values: readonly string[]): Column[] {
  const header = decideHeader(values)
  if ('columns' in header) return header.columns
  throw new ImportFailed(header.problems.map((problem) => ({ line, ...problem })))
}

/** Judges the rows together, and writes them if all are well. */
async function merge(
  client: Db,
  currency: string,
  badRows: BadRows,
): Promise<Pick<ImportResult, 'products' | 'stockRows' | 'warehousesAdded'>> {
  const productCount = await sql.beginMerge(client)
  for (const check of sql.CHECKS) badRows.addFound(await sql.findBadRows(client, check, BAD_ROWS_MAX))
  const warehouses = decideWarehouses(await sql.listWarehouseNames(client), await sql.listWantedWarehouses(client))
  for (const badRow of warehouses.badRows) badRows.add(badRow)
  badRows.throwIfAny()

  const added = await sql.insertProducts(client, currency)
  const changed = await sql.updateProducts(client, currency)
  await sql.insertWarehouses(client, warehouses.added.map(newId<WarehouseId>), warehouses.added)
  const stockRows = await sql.resolveStock(client)
  await sql.insertStock(client)
  // From here to the commit, orders of these products wait.
  const stock = await sql.updateStock(client)
  if (stock.changed < stock.differing) {
    badRows.addFound(await sql.findBadRows(client, sql.FEWER_THAN_RESERVED, BAD_ROWS_MAX))
    badRows.throwIfAny()
  }
  return {
    products: { added, changed, unchanged: productCount - added - changed },
    stockRows,
    warehousesAdded: warehouses.added,
  }
}
