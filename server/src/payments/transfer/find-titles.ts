import { ALPHABET, readTransferTitle } from './title.ts'

const PREFIX = 'TP'
/** Eight characters and the check character, behind the prefix. */
const BODY = 9
/** What a payer may write has some 140 characters; no statement asks for more than this. */
const LOOKED_AT = 20_000
const FOUND_MAX = 100

/**
 * All titles that a text can be read to hold, wherever they stand in it. Banks change case, drop or add spaces and
 * separators and break lines in the middle of words, so only letters and digits count. Whether a title was ever given out,
 * the caller has to look up: of random texts of a transfer's length, one in 300 holds what could be one.
 */
export function findTitles(text: string): string[] {
  const found = new Set<string>()
  for (const body of bodiesIn(text)) {
    const title = body.length >= BODY ? readTransferTitle(PREFIX + body.slice(0, BODY)) : undefined
    if (title !== undefined) found.add(title)
    if (found.size === FOUND_MAX) break
  }
  return [...found]
}

/**
 * Titles that were meant, perhaps, where none can be read that exists: with one character wrong, missing or too many, or
 * two neighbours swapped. One in 32 that lost or gained a character reads like another title, which nobody was given. For
 * a person to look at, once it is known which of them exist; nothing is booked on them.
 */
export function findNearTitles(text: string): string[] {
  const found = new Set<string>()
  for (const body of bodiesIn(text).slice(0, NEAR_BODIES_MAX)) {
    for (const edited of editsOf(body)) {
      const title = readTransferTitle(PREFIX + edited)
      if (title !== undefined) found.add(title)
    }
  }
  for (const title of findTitles(text)) found.delete(title)
  return [...found]
}

const NEAR_BODIES_MAX = 5

/** What stands behind each `TP`, one character more than a title has. */
function bodiesIn(text: string): string[] {
  const squeezed = squeeze(text)
  const bodies: string[] = []
  for (let at = squeezed.indexOf(PREFIX); at >= 0; at = squeezed.indexOf(PREFIX, at + 1)) {
    bodies.push(squeezed.slice(at + PREFIX.length, at + PREFIX.length + BODY + 1))
  }
  return bodies
}

/** Letters without their accents and digits, nothing else. */
export function squeeze(text: string): string {
  return text
    .slice(0, LOOKED_AT)
    .normalize('NFKD')
    .toUpperCase()
    .replaceAll('Ł', 'L')
    .replace(/[^A-Z0-9]/g, '')
}

/** Every text of a title's length that is one slip away from the beginning of this one. */
function* editsOf(body: string): Generator<string> {
  const nine = body.slice(0, BODY)
  for (let at = 0; at < BODY; at++) {
    if (nine.length === BODY) {
      for (const character of ALPHABET) yield nine.slice(0, at) + character + nine.slice(at + 1)
      yield nine.slice(0, at) + (nine[at + 1] ?? '') + nine[at] + nine.slice(at + 2)
    }
    if (body.length > BODY) yield body.slice(0, at) + body.slice(at + 1)
    if (body.length >= BODY - 1) {
      for (const character of ALPHABET) yield body.slice(0, at) + character + body.slice(at, BODY - 1)
    }
  }
}
