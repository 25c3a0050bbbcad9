import { PRODUCT_STATUSES, type ProductStatus } from '../../catalogue/index.ts'
import { type BadRow, findTooLong, findUnreadable } from '../../kernel/import-file/index.ts'
import { fromDecimal, type Minor, PRICE_MINOR_MAX, toDecimal } from '../../kernel/money.ts'
import { type Cells, COLUMNS, type Column } from './header.ts'

/**
 * One row of the file. Null is an empty value, which says nothing: what it comes to depends on the other rows. A bad
 * value is null too, beside the problem.
 */
export interface ImportRow {
  readonly sku: string
  readonly name: string | null
  readonly description: string | null
  readonly priceMinor: Minor | null
  readonly productType: string | null
  readonly status: ProductStatus | null
  readonly picture: string | null
  /** Given whenever the quantity is. */
  readonly warehouse: string | null
  readonly quantity: number | null
}

export type CellProblem = Required<Pick<BadRow, 'column' | 'problem'>>

/** Where pieces go when the file does not say. */
export const WAREHOUSE_DEFAULT = 'main'
const QUANTITY_MAX = 10_000_000

// The migrations' checks, so that a bad row is told by its line before the database refuses the lot.
const LENGTH_MAX: Readonly<Partial<Record<Column, number>>> = {
  sku: 64,
  name: 200,
  description: 5_000,
  product_type: 64,
  picture: 200,
  warehouse: 100,
}

/**
 * Reads one row's values, and tells all that is wrong with them.
 *
 * @param currency of all prices in the file; only for the advice that is given
 */
export function decideRow(cells: Cells, currency: string): { row: ImportRow; problems: CellProblem[] } {
  const problems = COLUMNS.flatMap((column) => {
    const value = cells[column] ?? ''
    const problem = findUnreadable(value) ?? findTooLong(value, LENGTH_MAX[column])
    return problem ? [{ column, problem }] : []
  })
  /** Judges a value that has not been found bad already. */
  function read<T>(column: Column, decide: (value: string) => T | { problem: string }): T | null {
    const value = cells[column]
    if (!value || problems.some((found) => found.column === column)) return null
    const decided = decide(value)
    if (typeof decided !== 'object' || decided === null || !('problem' in decided)) return decided
    problems.push({ column, problem: decided.problem })
    return null
  }

  if (!cells.sku) problems.push({ column: 'sku', problem: 'is missing' })
  if (cells.warehouse && !cells.quantity) {
    problems.push({
      column: 'quantity',
      problem: `is missing: how many pieces are in the warehouse "${cells.warehouse}"?`,
    })
  }
  const text = (column: Column) => read(column, (value) => value)
  const row = {
    sku: text('sku') ?? '',
    name: text('name'),
    description: text('description'),
    priceMinor: read('price', (value) => decidePrice(value, currency)),
    productType: text('product_type'),
    status: read('status', decideStatus),
    picture: read('picture', decidePicture),
    warehouse: text('warehouse') ?? (cells.quantity ? WAREHOUSE_DEFAULT : null),
    quantity: read('quantity', decideQuantity),
  }
  return { row, problems }
}

function decidePrice(value: string, currency: string): Minor | { problem: string } {
  const minor = fromDecimal(value)
  if (minor === undefined) return { problem: adviseOnPrice(value, currency) }
  if (minor === 0) return { problem: 'must be above 0' }
  if (minor > PRICE_MINOR_MAX)
    return { problem: `is above ${toDecimal(PRICE_MINOR_MAX)}, the highest price there may be` }
  return minor
}

function adviseOnPrice(value: string, currency: string): string {
  const shown = `"${value.slice(0, 32)}"`
  const bare = value.replace(/^[\p{L}\p{Sc}.]+\s*(?=\d)|(?<=\d)\s*[\p{L}\p{Sc}][\p{L}\p{Sc}.]*$/gu, '')
  if (bare !== value && /^[\d.,\s]+$/.test(bare)) {
    return `${shown}: write the number alone, such as 12.50; all prices are in ${currency}`
  }
  if (/^\d+,\d{1,2}$/.test(value)) return `${shown}: write a dot before the decimals, ${value.replace(',', '.')}`
  if (/^\d+\.\d{3,}$/.test(value)) return `${shown} has more than two decimals`
  if (/^\d{1,3}([\s,.']\d{3})+([.,]\d{1,2})?$/.test(value))
    return `${shown}: write it without thousands separators, such as 1234.50`
  if (/^-/.test(value)) return `${shown}: must be above 0`
  return `${shown} is no price: write digits and a dot, such as 12.50`
}

function decideStatus(value: string): ProductStatus | { problem: string } {
  const found = PRODUCT_STATUSES.find((status) => status === value)
  return found ?? { problem: `"${value.slice(0, 32)}" is none of ${PRODUCT_STATUSES.join(', ')}` }
}

function decidePicture(value: string): string | { problem: string } {
  if (/[/\\]/.test(value)) return { problem: 'is a path: write the file name alone' }
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*\.(svg|png|jpe?g|webp|gif)$/.test(value)) return value
  return {
    problem:
      'is no picture: write a file name of letters, digits, ".", "_" and "-" that ends in .svg, .png, .jpg, .jpeg, .webp or .gif',
  }
}

function decideQuantity(value: string): number | { problem: string } {
  if (/^\d{1,8}$/.test(value) && Number(value) <= QUANTITY_MAX) return Number(value)
  return { problem: `"${value.slice(0, 32)}" is no whole number from 0 to ${QUANTITY_MAX}` }
}
