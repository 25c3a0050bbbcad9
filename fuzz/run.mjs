// `npm run fuzz`: sends the shop whatever comes to mind, by the hundred thousand, and looks closely at each answer.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { readOptions } from '../scripts/options.mjs'
import { setUp } from '../scripts/setup/index.mjs'
import { ROOT } from '../scripts/setup/root.mjs'

const { seed, requests } = readOptions(
  'fuzz',
  `  --seed N       of what is sent (by the clock); the same seed asks the same again
  --requests N   that are answered (100000), at least 1000: fewer do not meet the half of it

On the embedded PostgreSQL; DATABASE_URL names another, by a user that may create databases. Ends with 1 if an answer was not
as documented, told what is another's or did not come, if memory grew, or the books do not balance.`,
  {
    seed: { type: 'number', from: 0, default: Date.now() % 1_000_000 },
    requests: { type: 'number', from: 1_000, default: 100_000 },
  },
)

setUp()
const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', 'fuzz/fuzz.test.ts', '--disable-console-intercept'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, FUZZ_SEED: String(seed), FUZZ_REQUESTS: String(requests) },
})
process.exitCode = status ?? 1
