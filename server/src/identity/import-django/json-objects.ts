import type { BadRows } from '../../kernel/import-file/index.ts'

export interface JsonObject {
  /** Where it begins. */
  readonly line: number
  /** Which it is, from 1. */
  readonly item: number
  readonly value: unknown
}

/** Far above any user; what is longer lacks a quote or a bracket. */
const OBJECT_BYTES_MAX = 8 * 1_048_576

const code = (sign: string) => sign.charCodeAt(0)
const [QUOTE, BACKSLASH, COMMA, NEWLINE] = [code('"'), code('\\'), code(','), code('\n')]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [code('['), code(']'), code('{'), code('}')]
const BLANKS: ReadonlySet<number> = new Set([...' \t\r\n'].map(code))

/**
 * Reads a JSON list of objects, or objects one after another as in JSON Lines, one by one: only where each begins and ends
 * is looked for here, by counting brackets outside strings, and `JSON.parse` does the rest. Keeps one object and one chunk
 * in memory.
 *
 * An object that is no JSON goes to `badRows`. So does what leaves nobody sure where the next one begins; reading ends then.
 *
 * @param input in UTF-8, where all signs that matter are single bytes
 */
export async function* readJsonObjects(input: AsyncIterable<Buffer>, badRows: BadRows): AsyncGenerator<JsonObject> {
  /** What may come between the objects. */
  let next: 'anything' | 'first of list' | 'of list' | 'comma' | 'of lines' | 'nothing' = 'anything'
  let pieces: Buffer[] = []
  let bytesKept = 0
  let depth = 0
  let inString = false
  let isEscaped = false
  let line = 1
  let item = 0
  let lineOfObject = 1

  for await (const chunk of input) {
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      const sign = chunk[at]
      if (sign === NEWLINE) line += 1
      if (inString) {
        if (isEscaped) isEscaped = false
        else if (sign === BACKSLASH) isEscaped = true
        else if (sign === QUOTE) inString = false
      } else if (depth > 0) {
        if (sign === QUOTE) inString = true
        else if (sign === OPEN_OBJECT || sign === OPEN_LIST) depth += 1
        else if (sign === CLOSE_OBJECT || sign === CLOSE_LIST) depth -= 1
        if (depth > 0) continue
        const value = parse([...pieces, chunk.subarray(start, at + 1)])
        if (value === undefined) badRows.add({ line: lineOfObject, item, problem: NO_JSON })
        else yield { line: lineOfObject, item, value }
        pieces = []
        bytesKept = 0
        next = next === 'of lines' ? next : 'comma'
      } else if (BLANKS.has(sign as number)) {
        // between objects
      } else if (sign === OPEN_OBJECT && next !== 'comma' && next !== 'nothing') {
        if (next === 'anything') next = 'of lines'
        depth = 1
        start = at
        item += 1
        lineOfObject = line
      } else if (sign === OPEN_LIST && next === 'anything') {
        next = 'first of list'
      } else if (sign === CLOSE_LIST && (next === 'first of list' || next === 'comma')) {
        next = 'nothing'
      } else if (sign === COMMA && next === 'comma') {
        next = 'of list'
      } else {
        badRows.addLast({
          line,
          problem: `${shown(sign as number)} should not stand here, ${WHERE[next]}: ${NOT_READ}`,
        })
        return
      }
    }
    if (depth === 0) continue
    pieces.push(chunk.subarray(start))
    bytesKept += chunk.length - start
    if (bytesKept > OBJECT_BYTES_MAX) break
  }
  if (depth > 0) badRows.addLast({ line: lineOfObject, item, problem: NO_END })
  else if (next !== 'nothing' && next !== 'of lines') badRows.addLast({ line, problem: NO_LIST_END })
}

const WHERE = {
  anything: 'where a list of objects should begin',
  'first of list': 'where an object should begin',
  'of list': 'where an object should begin',
  comma: 'after an object',
  'of lines': 'where an object should begin',
  nothing: 'after the closing "]"',
}
const NOT_READ = 'it and what comes after it were not read'
const NO_JSON = 'is no JSON: a quote, a comma or a bracket is wrong in it'
const NO_END = 'has no end, as if a closing quote or bracket were missing: it and what comes after it were not read'
const NO_LIST_END = 'the file breaks off before the closing "]"'

/** Of the characters beyond ASCII this is only a part. */
function shown(sign: number): string {
  return sign < 0x7f ? JSON.stringify(String.fromCharCode(sign)) : `the byte 0x${sign.toString(16)}`
}

function parse(pieces: readonly Buffer[]): unknown {
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch {
    return undefined
  }
}
