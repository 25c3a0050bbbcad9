import type { BadRow } from '../../kernel/import-file/index.ts'

/**
 * Which of the wanted warehouses are new. A name that another one differs from by case alone is taken for a slip: two
 * warehouses `Main` and `main` would be counted apart for ever.
 *
 * @param wanted by the line where each name is met first
 */
export function decideWarehouses(
  existing: readonly string[],
  wanted: readonly { name: string; line: number }[],
): { added: string[]; badRows: BadRow[] } {
  const names = new Set(existing)
  const spellings = new Map(existing.map((name) => [fold(name), name]))
  const added: string[] = []
  const badRows: BadRow[] = []
  for (const { name, line } of wanted) {
    if (names.has(name)) continue
    const spelling = spellings.get(fold(name))
    if (spelling !== undefined) {
      badRows.push({
        line,
        column: 'warehouse',
        problem: `"${name}" is written "${spelling}" elsewhere: write it the same`,
      })
      continue
    }
    names.add(name)
    spellings.set(fold(name), name)
    added.push(name)
  }
  return { added, badRows }
}

function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}
