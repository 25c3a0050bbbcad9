// `npm run bench:growth`: does a shop that has grown answer as quickly as one that has just opened? Two servers, two
// databases of one PostgreSQL, the same shoppers at both, one purchase here and one there, so that whatever else the machine
// does is done to both; what counts is the ratio of the medians.
import { readOptions } from '../scripts/options.mjs'
import { setUp } from '../scripts/setup/index.mjs'
import { makeShoppers } from './shopper.mjs'

const options = readOptions(
  'bench:growth',
  `  --customers N  in the grown shop (1,000,000), with --products (100,000) and --orders (5,000,000)
  --shoppers N   at once (4)
  --seconds N    a round (10)
  --rounds N     the spread tells how much to believe (7)
  --keep         leave the grown shop at DATABASE_URL, to look at it or to measure it again
  --filled NAME  measure that one instead of filling a new one

DATABASE_URL names a PostgreSQL to measure on, where databases can be made; without it the embedded one is used, in
TMPDIR. What is said while it runs goes to stderr, the table to stdout.`,
  {
    customers: { type: 'number', from: 1, default: 1_000_000 },
    products: { type: 'number', from: 1, default: 100_000 },
    orders: { type: 'number', from: 0, default: 5_000_000 },
    shoppers: { type: 'number', from: 1, default: 4 },
    seconds: { type: 'number', above: 0, default: 10 },
    rounds: { type: 'number', from: 1, default: 7 },
    keep: { type: 'boolean' },
    filled: { type: 'string' },
  },
)
const { customers, products, orders, shoppers: shopperCount, seconds, rounds } = options
const STEPS = ['profile', 'products', 'add', 'order']

setUp()
// What needs packages or what is built can be loaded only now.
const { fill } = await import('./fill.mjs')
const { ask, openPostgres, startTradepost, stockTradepost } = await import('./machine.mjs')
const postgres = await openPostgres()
const open = []
try {
  const empty = await openShop('empty')
  const grown = await openShop('grown', true)
  await shopAtBoth([empty, grown], 2)
  const turns = []
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}`)
    turns.push(await shopAtBoth([empty, grown], seconds))
  }
  console.log(tableOf(turns))
} finally {
  for (const server of open) await server.stop()
  await postgres.close()
}

/** Two hundred products and four customers; the grown one has all that was asked for besides, and its oldest on page 1. */
async function openShop(name, isGrown = false) {
  const url = isGrown && options.filled ? postgres.urlOf(options.filled) : await postgres.createDatabase(name)
  stockTradepost(url, postgres.directory)
  if (isGrown && !options.filled) await fill(url, { customers, products, orders }, (line) => console.error(line))
  if (isGrown && options.keep) postgres.keep(url)
  await ask(url, 'vacuum analyze')
  const server = await startTradepost(url, postgres.directory)
  open.push(server)
  return makeShoppers(server.baseUrl, shopperCount)
}

/** The median of each step in milliseconds, of each shop. */
async function shopAtBoth(shops, forSeconds) {
  const took = shops.map(() => Object.fromEntries(STEPS.map((step) => [step, []])))
  const end = performance.now() + forSeconds * 1_000
  await Promise.all(
    Array.from({ length: shopperCount }, async (_, shopper) => {
      // Who begins changes, so that nobody always comes second.
      for (let first = shopper; performance.now() < end; first++) {
        for (const shop of [first % 2, (first + 1) % 2]) await buy(shops[shop][shopper], took[shop])
      }
    }),
  )
  return took.map((it) => Object.fromEntries(STEPS.map((step) => [step, median(it[step])])))
}

async function buy(shopper, took) {
  await timed(took.profile, () => shopper.readProfile())
  const page = await timed(took.products, () => shopper.listProducts())
  const product = page[Math.floor(Math.random() * page.length)].uuid
  await timed(took.add, () => shopper.addLine(product))
  await timed(took.order, () => shopper.order())
}

async function timed(into, work) {
  const begun = performance.now()
  const done = await work()
  if (!done) throw new Error('a request failed: the figures would be worth nothing')
  into.push(performance.now() - begun)
  return done
}

function tableOf(turns) {
  const rows = STEPS.map((step) => {
    const ratios = turns.map(([empty, grown]) => grown[step] / empty[step])
    const [before, after] = [0, 1].map((shop) => median(turns.map((turn) => turn[shop][step])).toFixed(2))
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
