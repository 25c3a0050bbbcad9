import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadRows, ImportFailed } from './bad-rows.ts'
import { type CsvRecord, readCsv } from './csv.ts'

/** All records of the text, which arrives in chunks of so many bytes. */
async function read(text: string | Buffer, chunkBytes = 7): Promise<{ records: CsvRecord[]; badRows: unknown }> {
  const bytes = Buffer.from(text as string)
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
  const badRows = new BadRows()
  const records: CsvRecord[] = []
  for await (const record of readCsv(Readable.from(chunks), badRows)) records.push(record)
  try {
    badRows.throwIfAny()
    return { records, badRows: [] }
  } catch (error) {
    return { records, badRows: (error as ImportFailed).badRows }
  }
}

test.each(['\n', '\r\n', '\r'])(
  'lines are counted right over quoted line breaks and empty lines, with %j',
  async (end) => {
    const text = ['a,b', '"one', '', 'two",2', '', '  ,', 'c,"d"', 'e,"f', 'g"'].join(end)
    expect(await read(text)).toEqual({
      records: [
        { line: 1, values: ['a', 'b'] },
        { line: 2, values: ['one\n\ntwo', '2'] },
        { line: 7, values: ['c', 'd'] },
        { line: 8, values: ['e', 'f\ng'] },
      ],
      badRows: [],
    })
  },
)

test('a byte order mark is no part of the first value, however the file arrives', async () => {
  for (const chunkBytes of [1, 3, 100]) {
    expect(await read('\uFEFFsku,name\n1,ż', chunkBytes)).toEqual({
      records: [
        { line: 1, values: ['sku', 'name'] },
        { line: 2, values: ['1', 'ż'] },
      ],
      badRows: [],
    })
  }
  expect(await read('\uFEFF')).toEqual({ records: [], badRows: [] })
})

test('UTF-16 and spreadsheets are refused in words', async () => {
  const utf16 = 'the file is UTF-16: save it as UTF-8 ("CSV UTF-8" in a spreadsheet)'
  await expect(read(Buffer.from('\uFEFFsku,name', 'utf16le'))).rejects.toMatchObject({
    badRows: [{ line: 1, problem: utf16 }],
  })
  await expect(read(Buffer.from('sku,name', 'utf16le'))).rejects.toMatchObject({
    badRows: [{ line: 1, problem: utf16 }],
  })
  await expect(read(Buffer.from('PK\x03\x04.....'))).rejects.toBeInstanceOf(ImportFailed)
})

test('a stray quote spoils its own row only', async () => {
  const stray = 'a quote stands inside a value: put the whole value in quotes and write each inner quote twice'
  expect(await read('a,b\n"",5" x 6" box\nc,d\ne,f"\ng,h')).toEqual({
    records: [
      { line: 1, values: ['a', 'b'] },
      { line: 3, values: ['c', 'd'] },
      { line: 5, values: ['g', 'h'] },
    ],
    badRows: [
      { line: 2, problem: stray },
      { line: 4, problem: stray },
    ],
  })
})

test('reading ends where text follows a closing quote, and the rows before it are not lost', async () => {
  expect(await read('a,b\nc,d\n"e"f,g\nh,i\n', 1_000)).toEqual({
    records: [
      { line: 1, values: ['a', 'b'] },
      { line: 2, values: ['c', 'd'] },
    ],
    badRows: [
      {
        line: 3,
        problem: 'text follows a closing quote: write quotes inside a value twice; what comes after this was not read',
      },
    ],
  })
})

test.each([10, 1_000_000])(
  'a quoted value that never ends is told with the line it began on, after %i lines too',
  async (lines) => {
    const { records, badRows } = await read(`a,b\nc,d\n"e,f\n${'g,h\n'.repeat(lines)}`, 65_536)
    expect(records.map((record) => record.line)).toEqual([1, 2])
    expect(badRows).toEqual([
      {
        line: 3,
        problem:
          'a row that begins here or further down has no end, as if a closing quote were missing; it was not read',
      },
    ])
  },
)

test('when the input breaks off with an error, that error comes out', async () => {
  const input = Readable.from(
    (function* () {
      yield Buffer.from('a,b\nc,d')
      throw new Error('the disk is gone')
    })(),
  )
  const records = readCsv(input, new BadRows())
  expect(await records.next()).toEqual({ done: false, value: { line: 1, values: ['a', 'b'] } })
  await expect(records.next()).rejects.toThrow('the disk is gone')
})

test('whatever is written by the rules of RFC 4180 is read back the same', async () => {
  const values = fc.array(fc.string({ unit: fc.constantFrom('a', 'ż', '😀', ' ', ',', '"', '\n', ';', "'") }), {
    minLength: 2,
    maxLength: 4,
  })
  const rows = fc.array(values.filter((row) => row.some((value) => value.trim() !== '')))
  const endOfLine = fc.constantFrom('\n', '\r\n')
  await fc.assert(
    fc.asyncProperty(
      rows,
      endOfLine,
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      async (written, end, quoteAll, chunkBytes) => {
        const print = (value: string) =>
          quoteAll || /[",\n]/.test(value) ? `"${value.replaceAll('"', '""').replaceAll('\n', end)}"` : value
        const { records, badRows } = await read(
          written.map((row) => row.map(print).join(',') + end).join(''),
          chunkBytes,
        )
        expect(badRows).toEqual([])
        expect(records.map((record) => record.values)).toEqual(written)
      },
    ),
  )
})
