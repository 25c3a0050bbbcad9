// `npm test`: everything, once, unattended. Further arguments go to vitest: `npm test -- server/src/stock`.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { setUp } from './setup/index.mjs'
import { ROOT } from './setup/root.mjs'

setUp()
const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs')
const { status, signal } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
})
if (signal) console.error(`The tests were ended by ${signal}.`)
process.exitCode = status ?? 1
