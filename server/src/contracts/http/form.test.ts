import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FormPart, takeApart } from './form.ts'

const BOUNDARY = 'xx'
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`
const BYTES_MAX = 1_000_000

interface Sent {
  readonly name: string
  readonly value: Buffer
  readonly fileName?: string
}

function formOf(parts: readonly Sent[], { preamble = '', epilogue = '' } = {}): Buffer {
  const pieces = parts.flatMap(({ name, value, fileName }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"`
    return [
      Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`),
      value,
      Buffer.from('\r\n'),
    ]
  })
  return Buffer.concat([Buffer.from(preamble), ...pieces, Buffer.from(`--${BOUNDARY}--\r\n${epilogue}`)])
}

function inPieces(form: Buffer, size: number): Readable {
  const pieces = Array.from({ length: Math.ceil(form.length / size) }, (_, i) =>
    form.subarray(i * size, (i + 1) * size),
  )
  return Readable.from(pieces)
}

type Appetite = 'all' | 'a piece' | 'nothing'

/** What becomes of it, and which of its parts were seen to their end: in their order, though a small one may end first. */
async function outcomeOf(source: Readable, type = TYPE, appetite: Appetite = 'all') {
  const seen: { name: string; kind: string; value: string }[] = []
  let begun = 0
  const end = await takeApart(source, type, BYTES_MAX, async ({ name, kind, bytes }: FormPart) => {
    const place = begun++
    const chunks: Buffer[] = []
    try {
      if (appetite === 'nothing') return
      for await (const chunk of bytes.iterator({ destroyOnReturn: false })) {
        chunks.push(chunk)
        if (appetite === 'a piece') break
      }
      seen[place] = { name, kind, value: Buffer.concat(chunks).toString('latin1') }
    } catch {
      // It was cut off, and is no part.
    }
  })
  return { end, seen: seen.filter(Boolean) }
}

test('parts come with their name, their kind and their bytes, in pieces of any size', async () => {
  const sent = [
    { name: 'first_name', value: Buffer.from('Anna') },
    { name: 'empty', value: Buffer.alloc(0) },
    { name: 'avatar', value: Buffer.from('\r\n--x\r\n\0\xff', 'latin1'), fileName: 'me; name="x.png' },
    { name: 'none', value: Buffer.alloc(0), fileName: '' },
  ]
  for (const size of [1, 2, 3, 7, 50, 1_000]) {
    expect(await outcomeOf(inPieces(formOf(sent, { preamble: 'hello\r\n', epilogue: 'bye' }), size))).toEqual({
      end: 'whole',
      seen: [
        { name: 'first_name', kind: 'text', value: 'Anna' },
        { name: 'empty', kind: 'text', value: '' },
        { name: 'avatar', kind: 'file', value: '\r\n--x\r\n\0\xff' },
        { name: 'none', kind: 'no-file', value: '' },
      ],
    })
  }
})

test.each([
  ['form-data; name="a"', 'a', 'text'],
  ['form-data; name=a', 'a', 'text'],
  ['FORM-DATA;NAME="a";FILENAME="b"', 'a', 'file'],
  ['form-data; filename="b"; name="a"', 'a', 'file'],
  ['form-data; name="a"; filename=b.png', 'a', 'file'],
  ['form-data; name="a"; filename="C:\\me\\"', 'a', 'file'],
  ['form-data; name="a"; filename="a \\"b\\".png"', 'a', 'file'],
  ['form-data; name="a"; filename*=utf-8\'\'%C5%82.png', 'a', 'file'],
  ['form-data; name="a"; filename=""', 'a', 'no-file'],
  ['form-data; name=""', '', 'text'],
])('%s is a part named "%s", of the kind %s', async (disposition, name, kind) => {
  const form = Buffer.from(`--xx\r\nContent-Disposition: ${disposition}\r\n\r\nx\r\n--xx--\r\n`)
  expect(await outcomeOf(inPieces(form, 10))).toEqual({ end: 'whole', seen: [{ name, kind, value: 'x' }] })
})

test.each([
  'attachment; name="a"',
  'form-data',
  'form-data; filename="a"',
  'form-data; name="a"\r\ncontent-disposition: form-data; name="b"',
  '',
])('a part with the disposition "%s" makes the form no form', async (disposition) => {
  const form = Buffer.from(`--xx\r\ncontent-disposition: ${disposition}\r\n\r\nx\r\n--xx--\r\n`)
  expect((await outcomeOf(inPieces(form, 10))).end).toBe('broken')
})

test.each([
  ['multipart/form-data; boundary="xx"', 'whole'],
  ['multipart/form-data; charset=utf-8; Boundary=xx; a=b', 'whole'],
  ['multipart/form-data', 'broken'],
  ['multipart/form-data; boundary=', 'broken'],
  ['multipart/form-data; boundary=x', 'broken'],
  [`multipart/form-data; boundary=${'x'.repeat(71)}`, 'broken'],
])('with the type %s it is %s', async (type, end) => {
  expect((await outcomeOf(inPieces(formOf([{ name: 'a', value: Buffer.from('b') }]), 10), type)).end).toBe(end)
})

describe('reading stops, and leaves the rest in the source,', () => {
  /** Never ends. */
  function endless(start: string): Readable & { given: number } {
    const stream = Object.assign(new Readable(), { given: 0 })
    stream._read = () => {
      const piece = Buffer.from(stream.given === 0 ? start : 'x'.repeat(10_000))
      stream.given += piece.length
      stream.push(piece)
    }
    return stream
  }
  const PART = '--xx\r\ncontent-disposition: form-data; name="a"\r\n'

  test.each([
    ['before the first part', 'x', 'broken', 100_000],
    ['in a head', `${PART}x-more: `, 'broken', 100_000],
    ['behind the end', `${PART}\r\nb\r\n--xx--`, 'broken', 100_000],
    ['in a part', `${PART}\r\n`, 'too-large', 1_000_000],
    ['with the tenth part', `${PART}\r\nb\r\n`.repeat(10), 'broken', 10_000],
  ])('%s, when there is no end of it', async (_, start, end, bytes) => {
    const source = endless(start)
    expect((await outcomeOf(source)).end).toBe(end)
    // What has been read ahead is no more than two or three pieces.
    expect(source.given - bytes).toBeLessThan(100_000)
    expect(source.destroyed).toBe(false)
  })

  test('when it comes in too many pieces for its size', async () => {
    const source = Readable.from(
      (function* () {
        yield Buffer.from(`${PART}\r\n`)
        for (;;) yield Buffer.from('x')
      })(),
    )
    expect(await outcomeOf(source)).toEqual({ end: 'broken', seen: [] })
    expect(source.destroyed).toBe(false)
  })

  test('when the connection is lost', async () => {
    const source = new Readable({ read() {} })
    source.push(`${PART}\r\nb`)
    const outcome = outcomeOf(source)
    await new Promise(setImmediate)
    source.destroy(new Error('connection lost'))
    expect(await outcome).toEqual({ end: 'broken', seen: [] })
  })
})

const part = fc.record({
  name: fc.stringMatching(/^[a-z]{1,5}$/),
  value: fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.nat({ max: 150_000 }).map((length) => Buffer.alloc(length, 'x\r\n')),
    fc.constantFrom('\r', '\r\n', '\r\n-', '\r\n--', '\r\n--x', '--xx').map((text) => Buffer.from(text)),
  ),
})
const form = fc.record({
  parts: fc.array(part, { maxLength: 5 }),
  size: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1_000, max: 1_000_000 })),
  appetite: fc.constantFrom('all' as const, 'a piece' as const, 'nothing' as const),
})
/** Many small pieces of a large form take their time, and show nothing new. */
const sizeOf = (bytes: Buffer, size: number) => Math.max(size, Math.ceil(bytes.length / 200))

test('every form comes to its end, however it is cut and whatever is taken of it', async () => {
  await fc.assert(
    fc.asyncProperty(form, async ({ parts, size, appetite }) => {
      const sent = parts.filter(({ value }) => !value.includes('--xx'))
      const bytes = formOf(sent)
      const { end, seen } = await outcomeOf(inPieces(bytes, sizeOf(bytes, size)), TYPE, appetite)
      expect(end).toBe('whole')
      if (appetite !== 'all') return
      const expected = sent.map(({ name, value }) => ({ name, kind: 'text', value: value.toString('latin1') }))
      expect(seen).toEqual(expected)
    }),
    { numRuns: 150 },
  )
})

test('what has a piece missing, or a byte changed, comes to an end too, and is never whole without its end', async () => {
  await fc.assert(
    fc.asyncProperty(form, fc.nat(), fc.boolean(), async ({ parts, size, appetite }, where, isCut) => {
      const bytes = formOf(parts)
      const at = where % bytes.length
      if (!isCut) bytes[at] = (bytes[at] ?? 0) ^ 0x01
      const source = inPieces(isCut ? bytes.subarray(0, at) : bytes, sizeOf(bytes, size))
      const { end } = await outcomeOf(source, TYPE, appetite)
      const hasLostItsEnd = isCut && at < bytes.length - 2 && !parts.some(({ value }) => value.includes('--xx'))
      expect(hasLostItsEnd ? 'broken' : end).toBe(end)
    }),
    { numRuns: 300 },
  )
})
