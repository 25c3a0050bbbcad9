import { invalid, missing, syntaxError } from './payu-error.ts'

export type Body = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws PayuError ERROR_SYNTAX */
export function readJsonObject(bytes: unknown): Body {
  let value: unknown
  try {
    value = JSON.parse(Buffer.isBuffer(bytes) ? bytes.toString('utf8') : '')
  } catch {
    throw syntaxError('The body is not JSON')
  }
  if (!isObject(value)) throw syntaxError('The body is not a JSON object')
  return value
}

/** Reads the fields of one object of the body, and says no with the field's whole name. */
export class Fields {
  readonly #body: Body
  readonly #prefix: string

  constructor(body: Body, prefix = '') {
    this.#body = body
    this.#prefix = prefix
  }

  /** A text; null and "" are as good as nothing. */
  findText(name: string, lengthMax: number): string | undefined {
    const value = this.#body[name]
    if (value === undefined || value === null || value === '') return undefined
    if (typeof value !== 'string') throw invalid(this.#name(name), 'not a string')
    if ([...value].length > lengthMax) throw invalid(this.#name(name), `longer than ${lengthMax}`)
    return value
  }

  getText(name: string, lengthMax: number): string {
    const value = this.findText(name, lengthMax)
    if (value === undefined) throw missing(this.#name(name))
    return value
  }

  /** A whole number, written as a string or as a number; given back as a string. */
  findWhole(name: string, { min }: { min: number }): string | undefined {
    const value = this.#body[name]
    if (value === undefined || value === null || value === '') return undefined
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text !== 'string' || !/^-?\d{1,12}$/.test(text) || Number(text) < min) {
      throw invalid(this.#name(name), `not a whole number from ${min}`)
    }
    return String(Number(text))
  }

  getWhole(name: string, limits: { min: number }): string {
    const value = this.findWhole(name, limits)
    if (value === undefined) throw missing(this.#name(name))
    return value
  }

  findOneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.findText(name, 1024)
    if (value === undefined || values.includes(value as T)) return value as T | undefined
    throw invalid(this.#name(name), `one of ${values.join(', ')}`)
  }

  /** An address that a browser or the simulator itself may open. */
  findUrl(name: string): string | undefined {
    const value = this.findText(name, 1024)
    if (value === undefined) return undefined
    const isPlain = /^https?:\/\/[\x21-\x7e]+$/i.test(value) && URL.canParse(value)
    if (!isPlain) throw invalid(this.#name(name), 'not an http or https address')
    return value
  }

  findObject(name: string): Fields | undefined {
    const value = this.#body[name]
    if (value === undefined || value === null) return undefined
    if (!isObject(value)) throw invalid(this.#name(name), 'not an object')
    return new Fields(value, `${this.#name(name)}.`)
  }

  getObjects(name: string): Fields[] {
    const value = this.#body[name]
    if (value === undefined || value === null) throw missing(this.#name(name))
    if (!Array.isArray(value) || value.length === 0 || !value.every(isObject)) {
      throw invalid(this.#name(name), 'not a list of objects')
    }
    return value.map((item, index) => new Fields(item, `${this.#name(name)}[${index}].`))
  }

  has(name: string): boolean {
    return this.#body[name] !== undefined && this.#body[name] !== null
  }

  /** Those of these texts that are there. */
  texts(names: readonly string[], lengthMax: number): Record<string, string> {
    const found = names.map((name) => [name, this.findText(name, lengthMax)] as const)
    return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Record<string, string>
  }

  #name(name: string): string {
    return `${this.#prefix}${name}`
  }
}
