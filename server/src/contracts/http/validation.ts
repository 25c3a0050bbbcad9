import type { Options as AjvOptions, ErrorObject } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'
import { isEmail, isLines, isOneLine, isUsername } from '../../identity/index.ts'
import { isUuid } from '../../kernel/ids.ts'
import { fromDecimal } from '../../kernel/money.ts'
import { loadAjv, validatorsWhenAsked } from './compilers.ts'
import type { FieldProblems } from './refusals.ts'

/**
 * What a text has to be besides its length, for `format` in a schema. Each refuses NUL, which PostgreSQL cannot store, and
 * lone surrogates, which UTF-8 cannot.
 */
const FORMATS: Readonly<Record<string, { is: (text: string) => boolean; problem: string }>> = {
  text: { is: () => true, problem: '' },
  line: { is: isOneLine, problem: 'Control characters are not allowed.' },
  lines: { is: isLines, problem: 'Control characters are not allowed.' },
  email: { is: isEmail, problem: 'Enter a valid email address.' },
  username: {
    is: isUsername,
    problem: 'Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.',
  },
  uuid: { is: isUuid, problem: 'Must be a valid UUID.' },
  'blik-code': { is: (text) => /^[0-9]{6}$/.test(text), problem: 'A BLIK code has six digits.' },
  decimal: { is: (text) => fromDecimal(text) !== undefined, problem: 'A valid number is required.' },
}

const OPTIONS: AjvOptions = {
  allErrors: true,
  coerceTypes: false,
  useDefaults: true,
  removeAdditional: false,
  verbose: true,
}

/** Compiles the schemas of bodies, queries and paths. Nothing is coerced: `"2"` is no number. */
export function makeValidatorCompiler(): FastifySchemaCompiler<object> {
  return validatorsWhenAsked(() => {
    const Ajv = loadAjv()
    const ajv = new Ajv(OPTIONS)
    for (const [name, { is }] of Object.entries(FORMATS)) {
      ajv.addFormat(name, (text: string) => text.isWellFormed() && !text.includes('\0') && is(text))
    }
    return ajv
  })
}

/** Ajv's findings in the words of Django REST framework, which the clients of these contracts know. */
export function fieldProblems(errors: readonly ErrorObject[]): FieldProblems {
  const problems: FieldProblems = {}
  for (const error of errors) {
    const path = error.instancePath.split('/').slice(1).map(unescapePointer)
    if (error.keyword === 'required') path.push(String(error.params.missingProperty))
    add(problems, path.length > 0 ? path : ['non_field_errors'], problemOf(error))
  }
  return problems
}

function add(problems: FieldProblems, [field, ...rest]: readonly string[], problem: string): void {
  if (field === undefined) return
  if (rest.length > 0) {
    const nested = problems[field]
    const inner = nested && !Array.isArray(nested) ? nested : {}
    problems[field] = inner
    add(inner, rest, problem)
    return
  }
  const known = problems[field]
  if (!Array.isArray(known)) problems[field] = [problem]
  else if (!known.includes(problem)) known.push(problem)
}

function problemOf(error: ErrorObject): string {
  const { keyword, params, data } = error
  if (data === null && keyword !== 'required') return 'This field may not be null.'
  switch (keyword) {
    case 'required':
      return 'This field is required.'
    case 'type':
      // A field that may be null has two types; what it is when it is something comes first.
      return wrongType(String([params.type].flat()[0]), data)
    case 'minLength':
      return 'This field may not be blank.'
    case 'maxLength':
      return `Ensure this field has no more than ${params.limit} characters.`
    case 'minimum':
      return `Ensure this value is greater than or equal to ${params.limit}.`
    case 'maximum':
      return `Ensure this value is less than or equal to ${params.limit}.`
    case 'enum':
      return `"${String(typeof data === 'object' ? 'object' : data).slice(0, 50)}" is not a valid choice.`
    case 'format':
      return wrongFormat(String(params.format), String(data))
    default:
      return 'This value is not valid.'
  }
}

function wrongType(type: string, data: unknown): string {
  switch (type) {
    case 'string':
      return 'Not a valid string.'
    case 'integer':
      return 'A valid integer is required.'
    default:
      return `Invalid data. Expected a dictionary, but got ${Array.isArray(data) ? 'list' : typeName(data)}.`
  }
}

function typeName(data: unknown): string {
  return { string: 'str', number: 'float', boolean: 'bool' }[typeof data as 'string'] ?? 'None'
}

function wrongFormat(format: string, text: string): string {
  if (text.includes('\0')) return 'Null characters are not allowed.'
  if (!text.isWellFormed()) return 'Not a valid string.'
  return FORMATS[format]?.problem ?? 'This value is not valid.'
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
