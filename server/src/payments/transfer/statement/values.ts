import { isValidIBAN } from 'ibantools'
import type { Minor } from '../../../kernel/money.ts'

const AMOUNT = /^0*(\d{1,13})(?:[.,](\d{0,2})0*)?$/

/** `129`, `129,`, `129.5`, `000129,50` → minor units; undefined for what is no amount or has a third decimal. */
export function readAmount(text: string): Minor | undefined {
  const match = AMOUNT.exec(text)
  return match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : undefined
}

/** The date when the calendar has it, as `2026-11-20`. */
export function readDate(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day))
  const isReal = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal ? date.toISOString().slice(0, 10) : undefined
}

/**
 * The IBAN behind how banks write accounts: with spaces, a slash before or the currency behind, or, in Poland, without
 * the country. What is none of these stays as the bank has it.
 */
export function readAccount(text: string): string {
  const written = text.replace(/\s/g, '').replace(/^\//, '')
  const bare = written.replace(/(?<=\d{8})[A-Z]{3}$/, '')
  for (const iban of [written, bare, `PL${bare}`]) if (isValidIBAN(iban)) return iban
  return written
}

const CONTROLS_AND_SPACES = /[\s\p{Cc}]+/gu

/** On one line, with nothing in it that a terminal would obey or a database refuse. */
export function readText(text: string): string {
  return text.replace(CONTROLS_AND_SPACES, ' ').trim()
}
