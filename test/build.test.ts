import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ensureBuilt, listSources } from '../scripts/setup/build.mjs'

test('each file that was built is built anew when its source has changed', () => {
  ensureBuilt()
  const server = join(import.meta.dirname, '../server')
  const built = readdirSync(join(server, 'dist'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.m?js$/.test(name))
    .map((name) => join(server, 'src', name.replace(/\.js$/, '.ts')))
  // Declarations are compared like all sources, and nothing is built of them.
  const sources = listSources('server').filter((file: string) => !file.endsWith('.d.ts'))
  expect(built.sort()).toEqual(sources.sort())
})
