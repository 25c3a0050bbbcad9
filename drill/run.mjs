// `npm run drill`: breaks a shop in every way we can think of while customers shop, and holds it to what it promised.
import { cpus } from 'node:os'
import { readOptions } from '../scripts/options.mjs'
import { setUp } from '../scripts/setup/index.mjs'
import { makeRandom } from './random.mjs'
import { report } from './report.mjs'

const WHATS = ['server', 'postgres', 'external', 'network', 'disk', 'payments']
const options = readOptions(
  'drill',
  `  --what WHAT    ${WHATS.join(', ')}, several with commas between; all of them (all)
  --rounds N     kills, or times the network or the disk fails (100); payments are killed at every word once
  --minutes N    of each drill at most, then no further round begins, however many were asked for
  --servers N    on one database, behind a proxy that takes turns (1); for server, external and network
  --seed N       of what is done when (by the clock); how it falls out depends on the machine, too

Ends with 1 if anything acknowledged was lost, sold twice or left out of the books.`,
  {
    what: { type: 'string', default: 'all', should: `all, or some of: ${WHATS.join(', ')}`, fits: isWhat },
    rounds: { type: 'number', from: 1, default: 100 },
    minutes: { type: 'number', above: 0, default: 1_440 },
    servers: { type: 'number', from: 1, default: 1 },
    seed: { type: 'number', from: 0, default: Date.now() % 1_000_000 },
  },
)
const { rounds, minutes, servers, seed } = options
const whats = options.what === 'all' ? WHATS : options.what.split(',')

setUp()
// What needs packages or what is built can be loaded only now.
const { drillCrashes } = await import('./crashes.mjs')
const { drillDisk } = await import('./disk.mjs')
const { drillNetwork } = await import('./network.mjs')
const { drillPayments } = await import('./payments.mjs')
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

function isWhat(text) {
  return text === 'all' || text.split(',').every((it) => WHATS.includes(it))
}
