import { readCamt053 } from './camt053.ts'
import { readMt940 } from './mt940.ts'
import { BadStatement, type Statement } from './statement-line.ts'

/** Far above a year of a busy account. */
export const STATEMENT_BYTES_MAX = 64 * 1024 * 1024

/**
 * Reads a bank statement, CAMT.053 or MT940 by what is in it: all of it, or nothing.
 *
 * @throws BadStatement
 */
export function readStatement(bytes: Buffer): Statement {
  if (bytes.length > STATEMENT_BYTES_MAX) {
    throw new BadStatement('the file is larger than 64 MB: download the statement for fewer days at a time')
  }
  const head = bytes.toString('latin1', 0, HEAD_BYTES)
  for (const { start, problem } of FOREIGN) if (head.startsWith(start)) throw new BadStatement(problem)
  const text = head.replaceAll('\0', '').replace(/^[\xEF\xBB\xBF\xFE\xFF]+/, '')
  if (/^\s*</.test(text)) return readCamt053(bytes)
  if (/^[\s\p{Cc}]*(:20:|\{1:)/mu.test(text)) return readMt940(bytes)
  throw new BadStatement('this is neither a CAMT.053 nor an MT940 statement: choose one of them when downloading it')
}

const HEAD_BYTES = 4_096

const FOREIGN = [
  { start: 'PK\x03\x04', problem: 'the file is a zip: unpack it and import each statement in it' },
  { start: '\x1F\x8B', problem: 'the file is compressed (gzip): unpack it first' },
  { start: '%PDF', problem: 'the file is a PDF, for people to read: download the statement as CAMT.053 or MT940' },
]
