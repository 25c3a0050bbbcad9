export { BAD_ROWS_MAX, type BadRow, BadRows, ImportFailed } from './bad-rows.ts'
export { type CsvRecord, findWrongSeparator, readCsv, wrongLength } from './csv.ts'
export { plainBytes } from './plain-bytes.ts'
export { findTooLong, findUnreadable } from './text.ts'
