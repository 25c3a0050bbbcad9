// `npm run fuzz`: sends the shop whatever comes to mind, by the hundred thousand, and looks closely at each answer.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { setUp } from '../scripts/setup/index.mjs'
import { ROOT } from '../scripts/setup/root.mjs'

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    requests: { type: 'string', default: '100000' },
    help: { type: 'boolean', default: false },
  },
})
const [seed, requests] = [options.seed, options.requests].map(Number)
const isWrong = !(seed >= 0) || !(requests >= 100)
if (options.help || isWrong) {
  console.log(`npm run fuzz -- [options]

  --seed N       of what is sent (by the clock); the same seed asks the same again
  --requests N   that are answered (100000), at least 100

On the embedded PostgreSQL; DATABASE_URL names another, by a user that may create databases. Ends with 1 if an answer was not
as documented, told what is another's or did not come, if memory grew, or the books do not balance.`)
  process.exit(isWrong && !options.help ? 2 : 0)
}

setUp()
const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', 'fuzz/fuzz.test.ts', '--disable-console-intercept'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, FUZZ_SEED: String(seed), FUZZ_REQUESTS: String(requests) },
})
process.exitCode = status ?? 1
