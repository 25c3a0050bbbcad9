// Keeps package-lock.json complete: every package that another one names is in it, those of other platforms too.
// npm leaves out what it could not fetch, or finds no trace of in node_modules; `npm ci` then fails somewhere else.
import fs from 'node:fs'
import path from 'node:path'
import { ROOT } from './setup/root.mjs'

const { packages } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'))
const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
  Object.keys({ ...dependencies, ...optionalDependencies })
    .filter((name) => !isFoundFrom(place, name))
    .map((name) => `package-lock.json lacks ${name}, which ${place || 'the workspace'} needs`),
)
for (const line of missing) console.error(line)
if (missing.length > 0) {
  console.error(
    'Make it anew in a directory that holds nothing but the package.json files: npm install --package-lock-only',
  )
  process.exitCode = 1
}

/** Looks where Node would: beside the package, then in each directory above. */
function isFoundFrom(place, name) {
  for (let at = place; ; at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '') {
    if (packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true
    if (at === '') return false
  }
}
