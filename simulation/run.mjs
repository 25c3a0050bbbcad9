// `npm run simulate`: everybody who has to do with the shop acts at random, and after every step the books are checked.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { setUp } from '../scripts/setup/index.mjs'
import { ROOT } from '../scripts/setup/root.mjs'

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    steps: { type: 'string' },
    minutes: { type: 'string' },
    world: { type: 'string', default: '250' },
    servers: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '1' },
    replay: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const steps = options.steps ?? (options.minutes || options.replay ? undefined : '5000')
const plan = {
  seed: Number(options.seed),
  steps: steps && Number(steps),
  minutes: options.minutes && Number(options.minutes),
  worldSteps: Number(options.world),
  servers: Number(options.servers),
  atOnce: Number(options['at-once']),
  replay: options.replay && path.resolve(options.replay),
}
const isWrong =
  !(plan.seed >= 0) ||
  [plan.steps, plan.minutes, plan.worldSteps, plan.servers, plan.atOnce].some((it) => it !== undefined && !(it > 0))
if (options.help || isWrong) {
  console.log(`npm run simulate -- [options]

  --seed N       what everybody does; the same seed, the same steps (by the clock)
  --steps M      in all (5000, or as many as there is time for)
  --minutes T    stop after so long
  --world W      steps in one shop; then comes the next shop, with the next seed (250)
  --servers N    on one database (1)
  --at-once K    so many steps at the same time: their order is chance, and the books are checked between (1)
  --replay FILE  the steps of a failure, as they were written down

Ends with 1 if the books do not balance, with the steps that were enough for it.
DATABASE_URL names a PostgreSQL whose databases named tradepost_test_… may be made and dropped; else the embedded one is used.`)
  process.exit(isWrong && !options.help ? 2 : 0)
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
