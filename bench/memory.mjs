// `npm run bench:memory`: does the server's memory stay what it is? Shoppers read, buy and now and then sign in, at a pace
// that leaves the machine something to do besides, and the server's memory is looked at all the time.
import { readOptions } from '../scripts/options.mjs'
import { setUp } from '../scripts/setup/index.mjs'
import { makeShoppers } from './shopper.mjs'

const options = readOptions(
  'bench:memory',
  `  --minutes N    to shop (30)
  --purchases N  a second, at most (200)
  --shoppers N   at once (16)

DATABASE_URL names a PostgreSQL to use, where databases can be made; without it the embedded one is used, in TMPDIR.
What is said while it runs goes to stderr, the table to stdout.`,
  {
    minutes: { type: 'number', from: 5, default: 30 },
    purchases: { type: 'number', from: 1, default: 200 },
    shoppers: { type: 'number', from: 1, default: 16 },
  },
)
const SIGN_IN_EVERY = 50
const MINUTE_MS = 60_000
/** A hash takes 19 MiB as long as it is computed: who looks once may meet two. */
const LOOKS_A_MINUTE = 30

setUp()
// What needs packages or what is built can be loaded only now.
const { openPostgres, startTradepost, stockTradepost } = await import('./machine.mjs')
const { memoryMibOf } = await import('./processes.mjs')
const postgres = await openPostgres()
let server
try {
  const url = await postgres.createDatabase('memory')
  stockTradepost(url, postgres.directory)
  server = await startTradepost(url, postgres.directory)
  const shoppers = await makeShoppers(server.baseUrl, options.shoppers)
  console.log(tableOf(await watch(shoppers)))
} finally {
  await server?.stop()
  await postgres.close()
}

/** The median of the server's memory in MiB, minute by minute, and what was bought. */
async function watch(shoppers) {
  const told = { bought: 0, failed: 0, minutes: [] }
  const start = Date.now()
  const end = start + options.minutes * MINUTE_MS
  const pauseMs = (1_000 * shoppers.length) / options.purchases
  const shop = async (shopper) => {
    for (let n = 1; Date.now() < end; n++) {
      const begun = Date.now()
      if (n % SIGN_IN_EVERY === 0) await shopper.signIn()
      const isWell = (await shopper.readProfile()) && (await shopper.purchase())
      told[isWell ? 'bought' : 'failed']++
      await pause(Math.min(begun + pauseMs, end) - Date.now())
    }
  }
  const look = async () => {
    for (let minute = 1; minute <= options.minutes; minute++) {
      const mib = []
      for (let n = 1; n <= LOOKS_A_MINUTE; n++) {
        await pause(start + (minute - 1 + n / LOOKS_A_MINUTE) * MINUTE_MS - Date.now())
        mib.push(memoryMibOf([server.pid]))
      }
      mib.sort((a, b) => a - b)
      const median = mib[LOOKS_A_MINUTE / 2]
      told.minutes.push(median)
      console.error(`minute ${minute}: ${median} MiB (${mib[0]}–${mib.at(-1)}), ${told.bought} bought`)
    }
  }
  // Together: one that fails ends all, and what was started is stopped.
  await Promise.all([...shoppers.map(shop), look()])
  return told
}

/** The first minutes warm up: code is compiled, and what is kept is filled. */
function tableOf({ bought, failed, minutes }) {
  const third = Math.floor(minutes.length / 3)
  const parts = [minutes.slice(0, third), minutes.slice(third, -third), minutes.slice(-third)]
  const spans = parts.map((part) => `${Math.min(...part)}–${Math.max(...part)} MiB`)
  return `| minutes | first third | second third | last third | bought | failed |
|---|---|---|---|---|---|
| ${[minutes.length, ...spans, bought, failed].join(' | ')} |`
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
