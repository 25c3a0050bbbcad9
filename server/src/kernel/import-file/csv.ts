import { CsvError, parse } from 'csv-parse'
import type { BadRows } from './bad-rows.ts'
import { plainBytes } from './plain-bytes.ts'

export interface CsvRecord {
  /** Where it begins. */
  readonly line: number
  readonly values: readonly string[]
}

/** Far above the longest row that could be right; what is longer lacks a closing quote. */
const RECORD_LENGTH_MAX = 131_072

/**
 * Reads RFC 4180: commas, values in double quotes where they hold commas, quotes or line breaks. Empty lines and rows
 * of nothing but empty values are left out. Keeps little more than one chunk of the input in memory.
 *
 * Rows with a stray quote go to `badRows`. Where a quoted value does not end, nobody knows where the next row begins:
 * that goes there too, and reading ends.
 *
 * @throws ImportFailed for what is no UTF-8 text to begin with
 */
export async function* readCsv(input: AsyncIterable<Buffer | string>, badRows: BadRows): AsyncGenerator<CsvRecord> {
  const parsed: CsvRecord[] = []
  let lastLine = 0
  const parser = parse({
    record_delimiter: '\n',
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: RECORD_LENGTH_MAX,
    skip_records_with_error: true,
    // Taken from here and not from the parser's output, which is thrown away when an error comes behind it.
    on_record: (values: string[], { lines }) => {
      lastLine = lines
      if (values.some((value) => value.trim() !== '')) parsed.push({ line: lines - lineBreaks(values), values })
      return null
    },
    on_skip: (error) => {
      if (error?.code !== 'INVALID_OPENING_QUOTE') throw error
      const line = Number(error.lines)
      // It is called for every quote of the row.
      if (line > lastLine) badRows.add({ line, problem: STRAY_QUOTE })
      lastLine = line
    },
  })
  parser.on('error', () => {}) // the pending call tells

  try {
    for await (const chunk of plainLines(input)) {
      await settled((done) => parser.write(chunk, done))
      yield* parsed.splice(0)
    }
    await settled((done) => parser.end(done))
    yield* parsed.splice(0)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    yield* parsed.splice(0)
    badRows.addLast(
      error.code === 'CSV_INVALID_CLOSING_QUOTE'
        ? { line: Number(error.lines), problem: TEXT_AFTER_QUOTE }
        : { line: lastLine + 1, problem: NO_END },
    )
  } finally {
    parser.destroy()
  }
}

const STRAY_QUOTE = 'a quote stands inside a value: put the whole value in quotes and write each inner quote twice'
const TEXT_AFTER_QUOTE =
  'text follows a closing quote: write quotes inside a value twice; what comes after this was not read'
const NO_END = 'a row that begins here or further down has no end, as if a closing quote were missing; it was not read'

function settled(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())))
}

function lineBreaks(values: readonly string[]): number {
  let count = 0
  for (const value of values) {
    for (let at = value.indexOf('\n'); at >= 0; at = value.indexOf('\n', at + 1)) count += 1
  }
  return count
}

/** Makes all line breaks LF, those inside values too: the parser counts a CRLF inside quotes as two lines. */
async function* plainLines(input: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  let endedInCr = false
  for await (const bytes of plainBytes(input)) {
    // Latin 1 keeps every byte as it is.
    const text = bytes.toString('latin1')
    const rest = endedInCr && text.startsWith('\n') ? text.slice(1) : text
    endedInCr = text.endsWith('\r')
    yield rest.includes('\r') ? Buffer.from(rest.replaceAll(/\r\n?/g, '\n'), 'latin1') : Buffer.from(rest, 'latin1')
  }
}

/** Says so when a header is separated by what spreadsheets write in countries that need the comma for their decimals. */
export function findWrongSeparator(header: readonly string[]): string | undefined {
  const found = header.length === 1 && SEPARATORS.find(([sign]) => header[0]?.includes(sign))
  return found ? `the values are separated by ${found[1]}: separate them by commas` : undefined
}

const SEPARATORS = [
  [';', 'semicolons'],
  ['\t', 'tabs'],
] as const

/** What is wrong with a row that has more or fewer values than there are columns. */
export function wrongLength(values: readonly string[], columns: number): string {
  return `has ${values.length} values for ${columns} columns: quote values that hold commas`
}
