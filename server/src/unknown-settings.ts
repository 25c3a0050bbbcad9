import { environmentFile, SETTINGS } from './config.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * Settings that somebody believes in and nobody reads, a line each: all unknown names of the `.env` file, which is ours
 * alone, and of the environment those that are a slip of the finger away from a setting. Values are not repeated.
 */
export function findUnknownSettings(file: Env = environmentFile(), environment: Env = process.env): string[] {
  const inFile = unknownIn(file).map((name) => `${name} in .env is no setting${advice(name) || ' of Tradepost'}.`)
  const given = unknownIn(environment).filter((name) => advice(name) !== '')
  return [...inFile, ...given.map((name) => `${name} is no setting${advice(name)}.`)].map((line) => `Warning: ${line}`)
}

function unknownIn(env: Env): string[] {
  return Object.keys(env).filter((name) => !SETTINGS.some((setting) => setting === name))
}

function advice(name: string): string {
  const meant = SETTINGS.find((setting) => isOneSlipFrom(setting, name.toUpperCase()))
  return meant ? `: perhaps ${meant} is meant` : ''
}

/** A letter too many, too few, a wrong one, or two that changed places. */
function isOneSlipFrom(wanted: string, written: string): boolean {
  const shorter = Math.min(wanted.length, written.length)
  let start = 0
  while (start < shorter && wanted[start] === written[start]) start++
  let end = 0
  while (end < shorter - start && wanted.at(-1 - end) === written.at(-1 - end)) end++
  const [left, right] = [wanted, written].map((word) => word.slice(start, word.length - end))
  if (left === undefined || right === undefined) return false
  const areSwapped = left.length === 2 && right === left.split('').reverse().join('')
  return areSwapped || Math.max(left.length, right.length) <= 1
}
