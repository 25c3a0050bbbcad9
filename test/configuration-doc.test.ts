import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Config, readConfig, SETTINGS } from '../server/src/config.ts'

type Settings = Readonly<Record<string, string>>

const ROW = /^\| `([A-Z0-9_]+)` +\| (.+?) +\| (.*?) +\| (.+?) +\| `([^`]+)` +\|$/gm
const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(ROW)].map(([, name = '', laptop = '', production = '', , example = '']) => ({
  name,
  laptop,
  production,
  example,
}))

// A key that was given keeps the reader from making one in the data directory.
const LAPTOP = { SECRET_KEY: 'a-key-for-tests-and-for-nothing-else' }
const PRODUCTION = {
  ...LAPTOP,
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://shop.example',
  SMTP_URL: 'smtps://mail.example',
  MAIL_FROM: 'shop@shop.example',
}

/** The settings that are looked at, whatever their names in the source look like. */
function settingsRead(given: Settings): Set<string> {
  const names = new Set<string>()
  const env = new Proxy(given, {
    get(target, name) {
      names.add(String(name))
      return Reflect.get(target, name)
    },
  })
  readConfig(env)
  return names
}

/** The defaults a column gives as a value; those in words stay out. */
function defaultsIn(column: 'laptop' | 'production'): Settings {
  const values = rows.map((row) => [row.name, /^`([^`]+)`$/.exec(row[column])?.[1]] as const)
  return Object.fromEntries(
    values.filter((entry): entry is [string, string] => !!entry[1] && entry[0] !== 'PUBLIC_URL'),
  )
}

test('docs/configuration.md has one row for every setting there is, and each is read', () => {
  const read = new Set([
    ...settingsRead(LAPTOP),
    ...settingsRead({ ...PRODUCTION, TRANSFER_IBAN: 'DE89370400440532013000', TRANSFER_NAME: 'Tent & Trail' }),
  ])
  expect(rows.map(({ name }) => name).sort()).toEqual([...SETTINGS].sort())
  expect([...read].sort()).toEqual([...SETTINGS].sort())
})

test.each<['laptop' | 'production', Settings]>([
  ['laptop', LAPTOP],
  ['production', PRODUCTION],
])('the defaults that docs/configuration.md gives for %s are the ones in force', (column, given) => {
  expect(Object.keys(defaultsIn(column)).length).toBeGreaterThan(10)
  expect<Config>(readConfig({ ...given, ...defaultsIn(column) })).toEqual(readConfig(given))
})

test('every example in docs/configuration.md is taken', () => {
  const examples = Object.fromEntries(rows.map(({ name, example }) => [name, example]))
  expect(() => readConfig({ ...examples, NODE_ENV: 'development' })).not.toThrow()
  expect(() => readConfig({ ...examples, THROTTLE: 'on' })).not.toThrow()
})
