import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadRows } from '../../kernel/import-file/index.ts'
import { type JsonObject, readJsonObjects } from './json-objects.ts'

/** All objects of the text, which arrives in chunks of so many bytes. */
async function read(text: string, chunkBytes = 5) {
  const bytes = Buffer.from(text)
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
  const badRows = new BadRows()
  const objects: JsonObject[] = []
  for await (const object of readJsonObjects(Readable.from(chunks), badRows)) objects.push(object)
  return { objects, badRows: badRows.kept, isCutShort: badRows.isCutShort }
}

test('objects of a list come with their number and the line they begin on', async () => {
  const text = '\n[\n{"a": 1},\n  {\n    "b": "}]\\"{",\n    "c": [{}]\n  }, {"d": "ż"}\n]\n'
  expect(await read(text)).toEqual({
    objects: [
      { line: 3, item: 1, value: { a: 1 } },
      { line: 4, item: 2, value: { b: '}]"{', c: [{}] } },
      { line: 7, item: 3, value: { d: 'ż' } },
    ],
    badRows: [],
    isCutShort: false,
  })
  expect(await read(' [ ] ')).toEqual({ objects: [], badRows: [], isCutShort: false })
})

test('objects on lines of their own are read too', async () => {
  const { objects, badRows } = await read('{"a": 1}\r\n{"b": 2}\n\n{"c": 3}')
  expect(objects.map(({ line, item }) => [line, item])).toEqual([
    [1, 1],
    [2, 2],
    [4, 3],
  ])
  expect(badRows).toEqual([])
})

test('an object that is no JSON spoils itself alone', async () => {
  expect(await read('[{"a": 1},\n{"a": 1,},\n{"a" 1},\n{"a": 2}]')).toEqual({
    objects: [
      { line: 1, item: 1, value: { a: 1 } },
      { line: 4, item: 4, value: { a: 2 } },
    ],
    badRows: [
      { line: 2, item: 2, problem: 'is no JSON: a quote, a comma or a bracket is wrong in it' },
      { line: 3, item: 3, problem: 'is no JSON: a quote, a comma or a bracket is wrong in it' },
    ],
    isCutShort: false,
  })
})

test.each([
  ['[{"a": 1},', 'the file breaks off before the closing "]"'],
  ['[', 'the file breaks off before the closing "]"'],
  [
    '[{"a": 1}, 5]',
    '"5" should not stand here, where an object should begin: it and what comes after it were not read',
  ],
  ['[{"a": 1} {"b": 1}]', '"{" should not stand here, after an object: it and what comes after it were not read'],
  ['[{"a": 1},]', '"]" should not stand here, where an object should begin: it and what comes after it were not read'],
  ['[{"a": 1}][]', '"[" should not stand here, after the closing "]": it and what comes after it were not read'],
  ['{"a": 1},', '"," should not stand here, where an object should begin: it and what comes after it were not read'],
  [
    '[\u009b',
    'the byte 0xc2 should not stand here, where an object should begin: it and what comes after it were not read',
  ],
  ['x', '"x" should not stand here, where a list of objects should begin: it and what comes after it were not read'],
])('%s is told to be broken, and reading ends', async (text, problem) => {
  const { badRows, isCutShort } = await read(text)
  expect(badRows).toEqual([{ line: 1, problem }])
  expect(isCutShort).toBe(true)
})

test('an object without an end is told by where it begins, and does not fill the memory', async () => {
  const problem = 'has no end, as if a closing quote or bracket were missing: it and what comes after it were not read'
  const endless = await read(`[{"a": 1},\n{"a": "1},\n${'{"a": 1},\n'.repeat(1_000_000)}]`, 65_536)
  expect(endless.objects).toEqual([{ line: 1, item: 1, value: { a: 1 } }])
  expect(endless.badRows).toEqual([{ line: 2, item: 2, problem }])
  expect((await read('[{"a": {')).badRows).toEqual([{ line: 1, item: 1, problem }])
})

test('whatever objects are written as JSON are read back the same', async () => {
  const objects = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()))
  await fc.assert(
    fc.asyncProperty(
      objects,
      fc.constantFrom(undefined, 2, '\t'),
      fc.integer({ min: 1, max: 40 }),
      async (written, space, chunkBytes) => {
        const text = JSON.stringify(written, undefined, space)
        const { objects, badRows } = await read(text, chunkBytes)
        expect(badRows).toEqual([])
        expect(objects.map(({ value }) => value)).toEqual(JSON.parse(text))
      },
    ),
  )
})
