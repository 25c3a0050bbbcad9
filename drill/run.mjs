// `npm run drill`: breaks a shop in every way we can think of while customers shop, and holds it to what it promised.
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { setUp } from '../scripts/setup/index.mjs'
import { drillCrashes } from './crashes.mjs'
import { drillDisk } from './disk.mjs'
import { drillNetwork } from './network.mjs'
import { drillPayments } from './payments.mjs'
import { makeRandom } from './random.mjs'
import { report } from './report.mjs'

const WHATS = ['server', 'postgres', 'external', 'network', 'disk', 'payments']
const { values: options } = parseArgs({
  options: {
    what: { type: 'string', default: 'all' },
    rounds: { type: 'string', default: '100' },
    minutes: { type: 'string', default: '1440' },
    servers: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
})
const whats = options.what === 'all' ? WHATS : options.what.split(',')
const [rounds, minutes, servers, seed] = [options.rounds, options.minutes, options.servers, options.seed].map(Number)
const isWrong =
  whats.some((it) => !WHATS.includes(it)) || !(rounds >= 1) || !(minutes > 0) || !(servers >= 1) || !(seed >= 0)
if (options.help || isWrong) {
  console.log(`npm run drill -- [options]

  --what WHAT    ${WHATS.join(', ')}, several with commas between; all of them (all)
  --rounds N     kills, or times the network or the disk fails (100); payments are killed at every word once
  --minutes N    of each drill at most, then no further round begins, however many were asked for
  --servers N    on one database, behind a proxy that takes turns (1); for server, external and network
  --seed N       of what is done when (by the clock); how it falls out depends on the machine, too

Ends with 1 if anything acknowledged was lost, sold twice or left out of the books.`)
  process.exit(isWrong && !options.help ? 2 : 0)
}

setUp()
const say = (/** @type {string} */ line) => console.error(line)
say(`seed ${seed}, ${cpus().length} cores, Node ${process.version}`)
const outcomes = []
for (const what of whats) {
  say(`\n${what}`)
  const end = performance.now() + minutes * 60_000
  const terms = { rounds, isOver: () => performance.now() > end, servers, random: makeRandom(seed), say }
  if (what === 'network') outcomes.push(await drillNetwork(terms))
  else if (what === 'disk') outcomes.push(await drillDisk(terms))
  else if (what === 'payments') outcomes.push(await drillPayments(terms))
  else outcomes.push(await drillCrashes(/** @type {any} */ (what), terms))
}
process.exitCode = report(outcomes, seed)
