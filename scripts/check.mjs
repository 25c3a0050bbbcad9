// `npm run check`: what the pipeline asks of every change, all of it even if the first part fails.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import './setup/node-version.mjs'
import { ensureInstalled } from './setup/install.mjs'
import { ROOT } from './setup/root.mjs'

ensureInstalled()
const checks = [
  ['format and lint', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings'],
  ['types', 'node_modules/typescript/bin/tsc', '-p', '.'],
  ['import directions', 'scripts/check-imports.mjs'],
  ['lock file', 'scripts/check-lock.mjs'],
]
for (const [title, program, ...args] of checks) {
  const { status } = spawnSync(process.execPath, [path.join(ROOT, program), ...args], { cwd: ROOT, stdio: 'inherit' })
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'}  ${title}`)
  if (status !== 0) process.exitCode = 1
}
