// `npm run bench:growth`: does a shop that has grown answer as quickly as one that has just opened? Two servers, two
// databases of one PostgreSQL, the same shoppers at both, in turns; what counts is the ratio of the medians.
import { parseArgs } from 'node:util'
import { setUp } from '../scripts/setup/index.mjs'
import { fill } from './fill.mjs'
import { ask, openPostgres, startTradepost, stockTradepost } from './machine.mjs'
import { makeShoppers } from './shopper.mjs'

const { values: options } = parseArgs({
  options: {
    customers: { type: 'string', default: '1000000' },
    products: { type: 'string', default: '100000' },
    orders: { type: 'string', default: '5000000' },
    shoppers: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '7' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log(`npm run bench:growth -- [options]

  --customers N  in the grown shop (1,000,000), with --products (100,000) and --orders (5,000,000)
  --shoppers N   at once (4)
  --seconds N    a turn of one shop (5)
  --rounds N     turns of each (7)
  --keep         leave the databases at DATABASE_URL, to look at them

DATABASE_URL names a PostgreSQL to measure on, where databases can be made; without it the embedded one is used, in
TMPDIR. What is said while it runs goes to stderr, the table to stdout.`)
  process.exit(0)
}
const [customers, products, orders, shopperCount, seconds, rounds] = [
  ...['customers', 'products', 'orders', 'shoppers', 'seconds', 'rounds'],
].map((it) => Number(options[it]))
const STEPS = ['profile', 'products', 'add', 'order']

setUp()
const postgres = await openPostgres()
const open = []
try {
  const empty = await openShop('empty')
  const grown = await openShop('grown', { customers, products, orders })
  for (const shop of [empty, grown]) await takeTurn(shop, 2)
  for (const shop of [empty, grown]) shop.turns = []
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}`)
    for (const shop of round % 2 === 0 ? [empty, grown] : [grown, empty]) shop.turns.push(await takeTurn(shop, seconds))
  }
  console.log(tableOf(empty, grown))
} finally {
  for (const server of open) await server.stop()
  await postgres.close({ keep: options.keep && Boolean(process.env.DATABASE_URL) })
}

/** Both sell the same two hundred products on their first pages; the grown one has `size` besides. */
async function openShop(name, size) {
  const url = await postgres.createDatabase(name)
  stockTradepost(url, postgres.directory)
  if (size) await fill(url, size, (line) => console.error(line))
  await ask(url, 'vacuum analyze')
  const server = await startTradepost(url, postgres.directory)
  open.push(server)
  return { shoppers: await makeShoppers(server.baseUrl, shopperCount), turns: [] }
}

/** The median of each step in milliseconds. */
async function takeTurn({ shoppers }, forSeconds) {
  const took = Object.fromEntries(STEPS.map((step) => [step, []]))
  const end = performance.now() + forSeconds * 1_000
  await Promise.all(
    shoppers.map(async (shopper) => {
      while (performance.now() < end) {
        await timed(took.profile, () => shopper.readProfile())
        const page = await timed(took.products, () => shopper.listProducts())
        const product = page[Math.floor(Math.random() * page.length)].uuid
        await timed(took.add, () => shopper.addLine(product))
        await timed(took.order, () => shopper.order())
      }
    }),
  )
  return Object.fromEntries(STEPS.map((step) => [step, median(took[step])]))
}

async function timed(into, work) {
  const begun = performance.now()
  const done = await work()
  if (!done) throw new Error('a request failed: the figures would be worth nothing')
  into.push(performance.now() - begun)
  return done
}

function tableOf(empty, grown) {
  const rows = STEPS.map((step) => {
    const ratios = grown.turns.map((turn, i) => turn[step] / empty.turns[i][step])
    const [before, after] = [empty, grown].map(({ turns }) => median(turns.map((turn) => turn[step])).toFixed(2))
    const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
    return `| ${step}, p50 ms | ${before} | ${after} | ${median(ratios).toFixed(2)} (${spread}) | ≤ 1.25 |`
  })
  const size = [customers, products, orders].map((it) => it.toLocaleString('en'))
  return [
    `| ${size[0]} customers, ${size[1]} products, ${size[2]} orders | almost empty | grown | ratio, median (lowest–highest) | target |`,
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
