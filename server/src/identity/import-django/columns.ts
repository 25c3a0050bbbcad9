/** What is taken from a user, by Django's names. The last four Django does not have: they come by a column map alone. */
export const FIELDS = [
  'username',
  'email',
  'password',
  'first_name',
  'last_name',
  'date_joined',
  'is_active',
  'is_staff',
  'is_superuser',
  'patronymic',
  'phone',
  'city',
  'address',
] as const
export type Field = (typeof FIELDS)[number]

/** How the file calls the fields. */
export interface ColumnMap {
  /** A field without a name is not looked for. */
  readonly names: Readonly<Partial<Record<Field, string>>>
  /** Those without which the file is not what its owner takes it for. */
  readonly required: ReadonlySet<Field>
}

const NEEDED: readonly Field[] = ['username', 'email', 'password']
const BY_MAP_ALONE: ReadonlySet<Field> = new Set(['patronymic', 'phone', 'city', 'address'])

/**
 * Reads a column map, `username=login,email=mail`. Fields it does not name keep Django's names; those it names must be in
 * the file. Two fields may come from one column.
 */
export function decideColumns(map = ''): { columns: ColumnMap } | { problem: string } {
  const names: Partial<Record<Field, string>> = Object.fromEntries(
    FIELDS.filter((field) => !BY_MAP_ALONE.has(field)).map((field) => [field, field]),
  )
  const mapped = new Set<Field>()
  for (const pair of map.split(',').map((text) => text.trim())) {
    if (pair === '') continue
    const [left = '', right = '', ...more] = pair.split('=').map((text) => text.trim())
    const field = FIELDS.find((known) => known === left)
    if (!right || more.length > 0) return { problem: `"${pair}" is no pair: write field=column, such as email=mail` }
    if (!field) return { problem: `"${left}" is no field; the fields are ${FIELDS.join(', ')}` }
    if (mapped.has(field)) return { problem: `"${field}" is given twice` }
    mapped.add(field)
    names[field] = right
  }
  return { columns: { names, required: new Set([...NEEDED, ...mapped]) } }
}

/** Where each field stands in a CSV file's header, or what is wrong with it. Columns nobody asked for do not matter. */
export function decideHeader(
  values: readonly string[],
  { names, required }: ColumnMap,
): { positions: ReadonlyMap<Field, number> } | { problems: { column: string; problem: string }[] } {
  const header = values.map(fold)
  const positions = new Map<Field, number>()
  const problems = new Map<string, string>()
  for (const field of FIELDS) {
    const name = names[field]
    if (name === undefined) continue
    const position = header.indexOf(fold(name))
    if (position >= 0) positions.set(field, position)
    if (position < 0 && required.has(field)) problems.set(name, `the column "${name}" is missing: ${NAMES_COME_FIRST}`)
    if (position !== header.lastIndexOf(fold(name))) problems.set(name, `the column "${name}" stands there twice`)
  }
  if (problems.size === 0) return { positions }
  return { problems: [...problems].map(([column, problem]) => ({ column, problem })) }
}

const NAMES_COME_FIRST = "the first line names the columns, and --columns says which are the users' own"

// Some databases write their names in capitals.
function fold(name: string): string {
  return name.trim().toLowerCase()
}
