import {
  type BadRows,
  findWrongSeparator,
  ImportFailed,
  plainBytes,
  readCsv,
  wrongLength,
} from '../../kernel/import-file/index.ts'
import { type ColumnMap, decideHeader, FIELDS, type Field } from './columns.ts'
import { type JsonObject, readJsonObjects } from './json-objects.ts'
import type { UserValues } from './user.ts'

export interface FoundUser {
  readonly line: number
  /** In a JSON file, which object it is. */
  readonly item?: number
  readonly values: UserValues
}

export interface FileOptions {
  readonly columns: ColumnMap
  /** Which objects of a JSON file are users, such as `auth.user`. */
  readonly model: string
  /** Says what a file was meant to be when it is nothing that can be read. */
  readonly fileName?: string | undefined
  /** Told the model of each object that is not a user. */
  readonly onOther: (model: string) => void
}

/**
 * The users of a file: a list of objects as Django's `dumpdata` writes it, or a CSV file with a header. Which it is, its
 * first character tells.
 *
 * @throws ImportFailed for what is neither, and for a wrong header
 */
export async function* readUsers(
  input: AsyncIterable<Buffer | string>,
  options: FileOptions,
  badRows: BadRows,
): AsyncGenerator<FoundUser> {
  const bytes = plainBytes(input)
  try {
    const head = await readHead(bytes)
    const all = followedBy(head, bytes)
    const format = decideFormat(head, options.fileName)
    if (format === 'json') yield* readDump(readJsonObjects(all, badRows), options, badRows)
    else if (format === 'csv') yield* readTable(all, options, badRows)
    else throw new ImportFailed([{ line: 1, problem: format.problem }])
  } finally {
    await bytes.return(undefined)
  }
}

const HEAD_BYTES_MAX = 65_536

/** As much as it takes to see a character that is not blank. */
async function readHead(bytes: AsyncGenerator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0)
  while (head.length < HEAD_BYTES_MAX && head.toString('latin1').trim() === '') {
    const { done, value } = await bytes.next()
    if (done) break
    head = Buffer.concat([head, value])
  }
  return head
}

async function* followedBy(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head
  yield* rest
}

function decideFormat(head: Buffer, fileName = ''): 'json' | 'csv' | { problem: string } {
  const text = head.toString('latin1').trimStart()
  if (text === '') return { problem: 'the file is empty' }
  if (/^[[{]/.test(text)) return 'json'
  if (text.startsWith('<')) return { problem: 'the file is XML: let dumpdata write JSON (--format json)' }
  if (/^- +(model|fields|pk):/.test(text))
    return { problem: 'the file is YAML: let dumpdata write JSON (--format json)' }
  if (/\.jsonl?$/i.test(fileName)) {
    return { problem: 'the file is called JSON and does not begin with "[": let dumpdata write it, with -o FILE' }
  }
  return 'csv'
}

/** An app's label and a model's name. */
const MODEL = /^\w{1,100}\.\w{1,100}$/

async function* readDump(
  objects: AsyncIterable<JsonObject>,
  { columns, model, onOther }: FileOptions,
  badRows: BadRows,
): AsyncGenerator<FoundUser> {
  const named = FIELDS.flatMap((field) => {
    const name = columns.names[field]
    return name === undefined ? [] : ([[field, name]] as const)
  })
  for await (const { line, item, value } of objects) {
    const { model: itsModel, fields } = value as { model?: unknown; fields?: unknown }
    if (typeof itsModel !== 'string' || !MODEL.test(itsModel) || typeof fields !== 'object' || fields === null) {
      badRows.add({ line, item, problem: 'is nothing that dumpdata writes: it lacks "model" or "fields"' })
    } else if (itsModel.toLowerCase() !== model.toLowerCase()) {
      onOther(itsModel)
    } else {
      const own = (name: string) =>
        Object.hasOwn(fields, name) ? (fields as Record<string, unknown>)[name] : undefined
      yield { line, item, values: Object.fromEntries(named.map(([field, name]) => [field, own(name)])) }
    }
  }
}

async function* readTable(
  bytes: AsyncIterable<Buffer>,
  { columns }: FileOptions,
  badRows: BadRows,
): AsyncGenerator<FoundUser> {
  let positions: ReadonlyMap<Field, number> | undefined
  let width = 0
  for await (const { line, values } of readCsv(bytes, badRows)) {
    if (!positions) {
      positions = readHeader(line, values, columns)
      width = values.length
    } else if (values.length !== width) {
      badRows.add({ line, problem: wrongLength(values, width) })
    } else {
      yield { line, values: Object.fromEntries([...positions].map(([field, position]) => [field, values[position]])) }
    }
  }
}

/** Without its columns nothing of the file can be judged. */
function readHeader(line: number, values: readonly string[], columns: ColumnMap): ReadonlyMap<Field, number> {
  const wrongSeparator = findWrongSeparator(values)
  if (wrongSeparator) throw new ImportFailed([{ line, problem: wrongSeparator }])
  const header = decideHeader(values, columns)
  if ('positions' in header) return header.positions
  throw new ImportFailed(header.problems.map((problem) => ({ line, ...problem })))
}
