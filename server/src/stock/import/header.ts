import { type BadRow, findWrongSeparator } from '../../kernel/import-file/index.ts'

const REQUIRED = ['sku', 'name', 'description', 'price', 'product_type'] as const
const OPTIONAL = ['status', 'picture', 'warehouse', 'quantity'] as const
export const COLUMNS = [...REQUIRED, ...OPTIONAL] as const
export type Column = (typeof COLUMNS)[number]

/** A row's values by their columns, trimmed; a column that the file lacks is like an empty value. */
export type Cells = Readonly<Partial<Record<Column, string>>>

/** The columns in the file's order, or what is wrong with the header. */
export function decideHeader(values: readonly string[]): { columns: Column[] } | { problems: Omit<BadRow, 'line'>[] } {
  const names = values.map((value) => value.trim().toLowerCase())
  const wrongSeparator = findWrongSeparator(names)
  if (wrongSeparator) return { problems: [{ problem: wrongSeparator }] }
  const problems = [...findForeign(names), ...findMissing(names)]
  return problems.length > 0 ? { problems } : { columns: names as Column[] }
}

function* findForeign(names: readonly string[]): Generator<Omit<BadRow, 'line'>> {
  for (const [index, name] of names.entries()) {
    const column = name.slice(0, 64)
    if (name === '') yield { problem: `column ${index + 1} has no name` }
    else if (!COLUMNS.some((known) => known === name)) {
      yield { column, problem: `the column "${column}" is not known; the columns are ${COLUMNS.join(', ')}` }
    } else if (names.indexOf(name) < index) yield { column, problem: `the column "${column}" stands there twice` }
  }
}

function* findMissing(names: readonly string[]): Generator<Omit<BadRow, 'line'>> {
  for (const column of REQUIRED) {
    if (!names.includes(column)) yield { column, problem: `the column "${column}" is missing` }
  }
}

/** The row's values under their columns; undefined when there are more or fewer of them than columns. */
export function cellsOf(columns: readonly Column[], values: readonly string[]): Cells | undefined {
  if (values.length !== columns.length) return undefined
  return Object.fromEntries(columns.map((column, index) => [column, values[index]?.trim()]))
}
