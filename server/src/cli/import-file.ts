import { createReadStream, type ReadStream } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import type { BadRow } from '../kernel/import-file/index.ts'
import { OperatorError } from '../kernel/operator-error.ts'

/** More bad rows than this are counted, not shown. */
const BAD_ROWS_SHOWN = 50

/** @throws OperatorError when it cannot be read */
export async function openFile(file: string): Promise<ReadStream> {
  const found = await stat(file).catch(() => undefined)
  const isReadable = await access(file, constants.R_OK).then(
    () => true,
    () => false,
  )
  if (!isReadable || found?.isDirectory()) throw new OperatorError(`Cannot read ${file}.`)
  return createReadStream(file)
}

/** One line that counts, where somebody watches. */
export function progressLine(): { show: (rows: number) => void; clear: () => void } {
  const { stderr } = process
  if (!stderr.isTTY) return { show: () => {}, clear: () => {} }
  return {
    show: (rows) => stderr.write(`\r${rows.toLocaleString('en')} rows read …`),
    clear: () => stderr.write('\r\x1b[K'),
  }
}

export function nothingImported(
  file: string,
  { badRows, total }: { badRows: readonly BadRow[]; total: number },
): string {
  const found = total === 1 ? 'a mistake' : `${total} mistakes`
  return [`Nothing was imported: ${file} has ${found}.`, ...badRowLines(badRows, total)].join('\n')
}

/** A line for each of the first bad rows, and one for the rest. */
export function badRowLines(badRows: readonly BadRow[], total: number): string[] {
  const shown = badRows.slice(0, BAD_ROWS_SHOWN).map(({ line, item, column, problem }) => {
    const where = [`line ${line}`, ...(item ? [`object ${item}`] : []), ...(column ? [column] : [])]
    return `  ${where.join(', ')}: ${problem}`
  })
  return total > shown.length ? [...shown, `  … and ${total - shown.length} more`] : shown
}
