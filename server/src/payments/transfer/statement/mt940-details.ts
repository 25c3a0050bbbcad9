import { isValidIBAN } from 'ibantools'
import { readAccount, readText } from './values.ts'

/** What field `:86:` tells of a booking. */
export interface Mt940Details {
  readonly title: string
  readonly payerName: string
  readonly payerAccount: string
}

/** A bank's code for the kind of booking, then a sign that parts the subfields, then the first one's number. */
const HEAD = /^(?:\d{3})?\s*([^\dA-Za-z\s/:.,\-()])\d\d/

/** How long a full subfield is, at most banks. A shorter one ended with its text, or with a space that was dropped. */
const FULL = new Set([27, 35])

/**
 * Reads `:86:`, which every bank writes in a way of its own: subfields with two-digit numbers behind a sign (`~`, `+`,
 * `?`, `<` …), or free text, which is then the title. Some banks give the field twice, the code first by itself.
 */
export function readDetails(fields: readonly string[]): Mt940Details {
  const structured = fields.filter((field) => HEAD.test(field))
  if (structured.length === 0) {
    const text = fields.filter((field) => !/^\d{3}$/.test(field.trim())).join('\n')
    return { title: readText(text), payerName: '', payerAccount: '' }
  }

  const parts = new Map<number, string>()
  let isGerman = false
  for (const field of structured) {
    const separator = HEAD.exec(field)?.[1] ?? ''
    isGerman ||= separator === '?'
    for (const [code, text] of subfields(field, separator)) parts.set(code, (parts.get(code) ?? '') + text)
  }
  const joined = (...codes: number[]) => joinPieces(codes.map((code) => parts.get(code) ?? ''))
  return {
    title: joined(...(isGerman ? [...range(20, 29), ...range(60, 63)] : range(20, 26))),
    payerName: joined(32, 33) || (isGerman ? '' : joined(27, 28)),
    // A bank's number (30) alone is no account.
    payerAccount: payerAccount([joined(38), joined(31), joined(29), parts.has(31) ? joined(30) + joined(31) : '']),
  }
}

/**
 * The sign may stand in the title too, with two digits behind it, as in a telephone number: a number lower than the one
 * before is no subfield's.
 */
function subfields(field: string, separator: string): [code: number, text: string][] {
  const found: [number, string][] = []
  let isFirst = true
  for (const piece of field.replace(/\r?\n/g, '').split(separator)) {
    const code = /^\d\d/.test(piece) ? Number(piece.slice(0, 2)) : undefined
    const last = found.at(-1)
    if (isFirst) isFirst = false
    else if (code !== undefined && KNOWN.has(code) && code >= (last?.[0] ?? 0)) found.push([code, piece.slice(2)])
    else if (last) last[1] += separator + piece
  }
  return found
}

const KNOWN = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...range(20, 39), ...range(60, 65)])

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

/** Banks break the text after so many characters, in the middle of words. */
function joinPieces(pieces: readonly string[]): string {
  let text = ''
  for (const piece of pieces) text += FULL.has(piece.length) ? piece : `${piece} `
  return readText(text)
}

function payerAccount(candidates: readonly string[]): string {
  const accounts = candidates.map(readAccount)
  return readText(
    accounts.find((account) => isValidIBAN(account)) ?? accounts.find((account) => /\d{8}/.test(account)) ?? '',
  )
}
