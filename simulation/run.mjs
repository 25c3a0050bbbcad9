// `npm run simulate`: everybody who has to do with the shop acts at random, and after every step the books are checked.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { readOptions } from '../scripts/options.mjs'
import { setUp } from '../scripts/setup/index.mjs'
import { ROOT } from '../scripts/setup/root.mjs'

const options = readOptions(
  'simulate',
  `  --seed N       what everybody does; the same seed, the same steps (by the clock)
  --steps M      in all (5000, or as many as there is time for)
  --minutes T    stop after so long
  --world W      steps in one shop; then comes the next shop, with the next seed (250)
  --servers N    on one database (1)
  --at-once K    so many steps at the same time: their order is chance, and the books are checked between (1)
  --replay FILE  the steps of a failure, as they were written down

Ends with 1 if the books do not balance, with the steps that were enough for it.
DATABASE_URL names a PostgreSQL whose databases named tradepost_test_… may be made and dropped; else the embedded one is used.`,
  {
    seed: { type: 'number', from: 0, default: Date.now() % 1_000_000 },
    steps: { type: 'number', from: 1 },
    minutes: { type: 'number', above: 0 },
    world: { type: 'number', from: 1, default: 250 },
    servers: { type: 'number', from: 1, default: 1 },
    'at-once': { type: 'number', from: 1, default: 1 },
    replay: { type: 'string', should: 'a file that is there', fits: existsSync },
  },
)
const plan = {
  seed: options.seed,
  steps: options.steps ?? (options.minutes || options.replay ? undefined : 5000),
  minutes: options.minutes,
  worldSteps: options.world,
  servers: options.servers,
  atOnce: options['at-once'],
  replay: options.replay && path.resolve(options.replay),
}

setUp()
const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs')
const args = ['run', 'simulation/simulation.test.ts', '--reporter=dot', '--no-color']
const { status } = spawnSync(process.execPath, [vitest, ...args], {
  cwd: ROOT,
  env: { ...process.env, SIMULATION: JSON.stringify(plan) },
  stdio: 'inherit',
})
process.exitCode = status ?? 1
