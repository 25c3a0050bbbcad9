import { ImportFailed } from './bad-rows.ts'

const HEAD_BYTES = 4
const MARK_UTF8 = '\xEF\xBB\xBF'

/**
 * The file's bytes without a byte order mark, which is no part of the first value.
 *
 * @throws ImportFailed for what is no UTF-8 text to begin with
 */
export async function* plainBytes(input: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const chunk of input) {
    let bytes: Buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    if (head) {
      bytes = Buffer.concat([head, bytes])
      head = bytes.length < HEAD_BYTES ? bytes : undefined
      if (head) continue
      bytes = withoutMark(bytes)
    }
    yield bytes
  }
  if (head) yield withoutMark(head)
}

function withoutMark(bytes: Buffer): Buffer {
  const head = bytes.toString('latin1', 0, HEAD_BYTES)
  const problem = findForeign(head)
  if (problem) throw new ImportFailed([{ line: 1, problem }])
  return head.startsWith(MARK_UTF8) ? bytes.subarray(MARK_UTF8.length) : bytes
}

function findForeign(head: string): string | undefined {
  if (COMPRESSED.some((start) => head.startsWith(start))) return 'the file is compressed: unpack it first'
  if (head === 'PK\x03\x04') return 'the file is a spreadsheet: save it as CSV, in UTF-8'
  if (/^(\xFF\xFE|\xFE\xFF)|\0/.test(head)) {
    return 'the file is UTF-16: save it as UTF-8 ("CSV UTF-8" in a spreadsheet)'
  }
  return undefined
}

/** How gzip, bzip2 and xz begin. */
const COMPRESSED = ['\x1F\x8B', 'BZh', '\xFD7zX']
