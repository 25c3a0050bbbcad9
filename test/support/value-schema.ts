import fc from 'fast-check'

/** The part of JSON Schema that this project's bodies are written in. */
export interface ValueSchema {
  /** Several of them for what may be null; none where only null is taken. */
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, ValueSchema>>
  readonly required?: readonly string[]
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly examples?: readonly unknown[]
}

/** A value in JSON that is not valid, and why. */
export interface BadValue {
  readonly why: string
  readonly json: string
}

interface FormatFacts {
  readonly sample: string
  /** Of the right type and length, and still wrong. */
  readonly wrong: readonly string[]
  readonly valid: fc.Arbitrary<string>
}

const UUID = '8b2de2bf-b04a-4674-bf92-f0e4c727720b'
const FORMATS: Readonly<Record<string, FormatFacts>> = {
  text: { sample: 'as you like it', wrong: [], valid: fc.string({ unit: 'grapheme', maxLength: 30 }) },
  line: {
    sample: 'one line',
    wrong: ['two\nlines', 'a\ttab', 'a\rreturn', 'an \u001b[31mescape', '\u007f', 'next\u0085line', 'other\u2028line'],
    valid: fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)),
  },
  lines: {
    sample: 'one line\nand another',
    wrong: ['an \u001b[31mescape', '\u0007', '\u007f', 'a\u000bb', 'next\u0085line', 'other\u2028line'],
    valid: fc.stringMatching(/^[a-z0-9 \n]{0,30}$/),
  },
  filled: { sample: 'something', wrong: ['   ', '\t\n'], valid: fc.string({ minLength: 1, maxLength: 30 }) },
  username: {
    sample: 'anakin',
    wrong: ['ana kin', 'ana/kin', '<anakin>', 'anakin\n', 'ana‍kin', "' or 1=1 --"],
    valid: fc.stringMatching(/^[a-z0-9_.+-]{1,20}$/),
  },
  email: {
    sample: 'a.skywalker@deathstar.im',
    wrong: ['anakin', '@', 'anakin@', 'anakin@deathstar', 'a b@deathstar.im', 'a@deathstar.im\n', 'a@@deathstar.im'],
    valid: fc.emailAddress(),
  },
  uuid: {
    sample: UUID,
    wrong: ['1', UUID.replaceAll('-', ''), `{${UUID}}`, `${UUID}\n`, ` ${UUID}`, `urn:uuid:${UUID}`, `${UUID}0`],
    valid: fc.uuid(),
  },
  'blik-code': {
    sample: '777123',
    wrong: ['77712', '7771234', '777 123', '77712a', '７７７１２３', '777123\n', '-77712'],
    valid: fc.stringMatching(/^[0-9]{6}$/),
  },
  decimal: {
    sample: '6000.00',
    wrong: ['-1', '1e3', '1.005', 'NaN', 'Infinity', '1,00', ' 1', '1\n', '0x10', '٣', '99999999999999999999'],
    valid: fc.integer({ min: 0, max: 10_000_000 }).map((minor) => (minor / 100).toFixed(2)),
  },
}

const MAY_BE_EMPTY: ReadonlySet<string | undefined> = new Set(['line', 'lines'])

/** A valid value, with every optional field unless its example says that they do not go together. */
export function sampleOf(schema: ValueSchema): unknown {
  switch (kindOf(schema)) {
    case 'object':
      return exampleOf(schema) ?? Object.fromEntries(fieldsOf(schema).map(([name, field]) => [name, sampleOf(field)]))
    case 'integer':
      return schema.examples?.[0] ?? schema.minimum ?? 1
    case 'choice':
      return schema.enum?.[0]
    case 'string':
      return schema.examples?.[0] ?? formatOf(schema).sample
    case 'null':
      return null
  }
}

function exampleOf({ examples }: ValueSchema): unknown {
  return examples?.find((example) => Object.keys(example as object).length > 0)
}

/** Whether null is a value like others. */
export function isNullable({ type }: ValueSchema): boolean {
  return type === undefined || type.includes('null')
}

/** Values that are wrong in themselves: whatever a client's bug or a bad will may send. */
export function badValuesOf(schema: ValueSchema): BadValue[] {
  const wrong = ofOtherTypes(schema)
    .filter((json) => json !== 'null' || !isNullable(schema))
    .map((json) => ({ why: `${json} for ${schema.type}`, json }))
  const wrongTexts = badTextsOf(schema).map((text) => ({ why: `text ${preview(text)}`, json: JSON.stringify(text) }))
  return [...wrong, ...wrongTexts]
}

function ofOtherTypes(schema: ValueSchema): string[] {
  const others = ['null', 'true', 'false', '[]', '["text"]', '[{}]', '1e308', '-1e308', '9007199254740993', '1e400']
  switch (kindOf(schema)) {
    case 'object':
      return [...others, '0', '""', '"{}"', '"text"']
    case 'integer': {
      const { minimum = 0, maximum = 2_147_483_647 } = schema
      const outside = [minimum - 1, -1, -2_147_483_649, maximum + 1, 2 ** 31, 2 ** 32, 2 ** 53].map(String)
      return [...others, '{}', '""', '"1"', '"NaN"', '"Infinity"', '1.5', '1e-7', '0.1', ...new Set(outside)]
    }
    case 'null':
      return [...others, '{}', '0', '""', '"text"']
    default:
      return [...others, '{}', '0', '1', '-1', '1.5', '{"$ne":null}', '{"toString":""}', '[{"toString":1}]']
  }
}

function badTextsOf(schema: ValueSchema): string[] {
  const kind = kindOf(schema)
  if (kind === 'object' || kind === 'integer' || kind === 'null') return []
  const unstorable = ['\0', 'nul\0inside', '\ud800', 'half\udc00\ud800pair']
  const tooLong = ['x'.repeat(50_000), ...(schema.maxLength ? ['x'.repeat(schema.maxLength + 1)] : [])]
  if (kind === 'choice') {
    const unknown = ['', 'unknown', '__proto__', 'constructor', 'toString', ` ${schema.enum?.[0]}`]
    return [...unstorable, ...tooLong, ...unknown, String(schema.enum?.[0]).toUpperCase()]
  }
  const { wrong } = formatOf(schema)
  const isEmptyWrong = (schema.minLength ?? 0) > 0 || (wrong.length > 0 && !MAY_BE_EMPTY.has(schema.format))
  return [...unstorable, ...tooLong, ...wrong, ...(isEmptyWrong ? [''] : [])]
}

/** Valid and invalid mixed, in every place. */
export function anyValueOf(schema: ValueSchema, known: readonly string[]): fc.Arbitrary<unknown> {
  const odd = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(...ODD_VALUES), fc.string({ unit: 'binary' }))
  const valid = isNullable(schema) ? fc.option(validOf(schema, known), { freq: 4 }) : validOf(schema, known)
  return fc.oneof({ weight: 5, arbitrary: valid }, { weight: 1, arbitrary: odd })
}

function validOf(schema: ValueSchema, known: readonly string[]): fc.Arbitrary<unknown> {
  switch (kindOf(schema)) {
    case 'object': {
      const fields = Object.fromEntries(fieldsOf(schema).map(([name, field]) => [name, anyValueOf(field, known)]))
      const extra = fc.dictionary(fc.string({ maxLength: 12 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 })
      const requiredKeys = [...(schema.required ?? [])]
      const full = fc.record(fields, { requiredKeys })
      const holed = fc.record(fields, { requiredKeys: [] })
      const body = fc.oneof({ weight: 6, arbitrary: full }, { weight: 1, arbitrary: holed })
      return fc.tuple(body, fc.option(extra, { freq: 4 })).map(([own, more]) => ({ ...more, ...own }))
    }
    case 'integer':
      return fc.oneof(
        fc.integer({ min: schema.minimum ?? 0, max: 5 }),
        fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 2_147_483_647 }),
      )
    case 'choice':
      return fc.constantFrom(...(schema.enum ?? []))
    case 'string': {
      const texts = schema.format === 'uuid' ? [...known, UUID] : [...known]
      return fc.oneof(formatOf(schema).valid, fc.constantFrom(...texts))
    }
    case 'null':
      return fc.constant(null)
  }
}

export const ODD_VALUES: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e308, '', 'NaN', '\0', '\ud800', '__proto__', [], {}],
  ...['x'.repeat(5_000), '0', '１', '\u202e', '%00', "';drop table customers;--", '<script>', '{{7*7}}'],
]

/** Fails for what the generators know nothing of: then it is for whoever adds it to say what is valid. */
function kindOf(schema: ValueSchema): 'object' | 'integer' | 'choice' | 'string' | 'null' {
  const type = [schema.type].flat().find((each) => each !== 'null')
  if (type === 'object' && schema.properties) return 'object'
  if (type === 'integer') return 'integer'
  if (type === 'string') return schema.enum ? 'choice' : 'string'
  if (type === undefined) return 'null'
  throw new Error(`test/support/value-schema.ts knows no values for ${JSON.stringify(schema)}`)
}

function formatOf({ format = 'none' }: ValueSchema): FormatFacts {
  const facts = FORMATS[format]
  if (!facts) throw new Error(`test/support/value-schema.ts knows nothing of texts with the format ${format}`)
  return facts
}

export function fieldsOf(schema: ValueSchema): [string, ValueSchema][] {
  return Object.entries(schema.properties ?? {})
}

function preview(text: string): string {
  return text.length > 40 ? `of ${text.length} letters` : JSON.stringify(text)
}
