import { PassThrough, type Readable } from 'node:stream'
import { Dicer } from '@fastify/busboy'
import { PIECES_MAX } from './unread-body.ts'

/** One field of a form, or one file. */
export interface FormPart {
  readonly name: string
  /** `no-file` is what browsers send where nobody chose one: a file without a name. */
  readonly kind: 'text' | 'file' | 'no-file'
  readonly bytes: Readable
}

const PARTS_MAX = 9
/** Of all that is nobody's contents: heads, boundaries, what stands before the first part and behind the last. */
const FRAME_BYTES_MAX = 64 * 1_024

/**
 * Takes a form (RFC 7578) apart while it comes in, and keeps nothing of it. Reading stops where it turns out that there
 * are too many parts or pieces, that something is no part, or that the whole is too large; the rest is left in the source.
 *
 * @param take reads a part, as far as it wants to, and has its own ways to remember what was wrong: it does not throw.
 *   It also sees the beginning of what turns out to be broken.
 * @returns when all that was taken is done with
 */
export async function takeApart(
  source: Readable,
  contentType: string,
  bytesMax: number,
  take: (part: FormPart) => Promise<void>,
): Promise<'whole' | 'broken' | 'too-large'> {
  const boundary = boundaryOf(contentType)
  if (!boundary) return 'broken'
  const parser = new Dicer({ boundary })
  const parts: Readable[] = []
  const taken: Promise<void>[] = []
  let contents = 0
  let isBroken = false
  let isOver = false
  let goOn = () => {}
  const end = () => {
    isOver = true
    goOn()
  }
  parser.on('finish', end)
  parser.on('error', () => {
    isBroken = true
    end()
  })
  parser.on('part', (part) => {
    parts.push(part)
    part.on('error', () => {}) // cut off: the parser says so, too
    part.on('header', (head) => {
      part.on('data', ({ length }: Buffer) => {
        contents += length
      })
      const about = parts.length > PARTS_MAX ? undefined : readHead(head)
      if (about) taken.push(hand(part, about, take))
      else isBroken = true
    })
  })

  /** One promise for each piece, and none that outlives it. */
  function untilOverOr(work: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      goOn = resolve
      work(resolve)
    })
  }

  let received = 0
  let pieces = 0
  try {
    for await (const piece of source.iterator({ destroyOnReturn: false })) {
      received += piece.length
      pieces += 1
      if (received > bytesMax) break
      // The piece with the end of the form in it may never be called written. What comes behind the end is not looked at.
      if (!isOver) await untilOverOr((written) => parser.write(piece, written))
      const underWay = parts.reduce((bytes, part) => bytes + part.readableLength, 0)
      if (received - contents - underWay > FRAME_BYTES_MAX || pieces > PIECES_MAX) isBroken = true
      if (isBroken) break
    }
    if (!isOver && !isBroken && received <= bytesMax) await untilOverOr(() => parser.end())
  } catch {
    isBroken = true // the connection is gone
  }
  // A part without a head is none that anybody was handed.
  const outcome = isBroken || taken.length < parts.length ? 'broken' : received > bytesMax ? 'too-large' : 'whole'
  if (outcome !== 'whole') for (const part of parts) part.destroy(new Error('the form ends here'))
  await Promise.all(taken)
  return outcome
}

/** What is not taken of a part is read away: those behind it have to come through. */
async function hand(
  part: Readable,
  about: Omit<FormPart, 'bytes'>,
  take: (part: FormPart) => Promise<void>,
): Promise<void> {
  const bytes = new PassThrough()
  part.on('error', (error) => bytes.destroy(error))
  bytes.on('error', () => {})
  part.pipe(bytes)
  await take({ ...about, bytes })
  part.unpipe(bytes)
  part.resume()
}

/** RFC 2046, 5.1.1: at most 70 characters. */
function boundaryOf(contentType: string): string | undefined {
  const found = /;\s*boundary=(?:"([^"]{1,70})"|([^;\s"]{1,70}))\s*(?:;|$)/i.exec(contentType)
  return found?.[1] ?? found?.[2]
}

function readHead(head: object): Omit<FormPart, 'bytes'> | undefined {
  const [disposition, ...more] = (head as Readonly<Record<string, string[]>>)['content-disposition'] ?? []
  if (disposition === undefined || more.length > 0 || !/^form-data\s*;/i.test(disposition)) return undefined
  const found = /;\s*name=(?:"([^"]*)"|([^;\s"]+))\s*(?:;|$)/i.exec(disposition)
  const name = found?.[1] ?? found?.[2]
  if (name === undefined) return undefined
  if (!/;\s*filename\*?=/i.test(disposition)) return { name, kind: 'text' }
  return { name, kind: /;\s*filename=(?:"")?\s*(?:;|$)/i.test(disposition) ? 'no-file' : 'file' }
}
