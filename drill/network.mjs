// The network between server and database, and between server and PayU, fails in every way that networks do.
import { setTimeout as delay } from 'node:timers/promises'
import { openShop } from './shop.mjs'
import { openTcpProxy } from './tcp-proxy.mjs'

/** @typedef {Awaited<ReturnType<typeof openTcpProxy>>} Network */

/**
 * Each lasts so long, if it lasts; `cutsOff`: nothing comes through meanwhile.
 *
 * @type {Record<string, { begin: (network: Network) => unknown, lastsMs?: [number, number], cutsOff?: boolean }>}
 */
const TROUBLES = {
  cut: { begin: (network) => network.cut() },
  'half-open': { begin: (network) => network.forget() },
  slow: { begin: (network) => network.slow(150), lastsMs: [1_000, 4_000] },
  refused: { begin: (network) => network.refuse(), lastsMs: [1_500, 4_000], cutsOff: true },
  silent: { begin: (network) => network.swallow(), lastsMs: [3_000, 8_000], cutsOff: true },
}
/** The health check itself waits 2 s for the database. */
const TOLD_WITHIN_MS = 10_000

/** @param {{ rounds: number, isOver: () => boolean, servers: number, random: ReturnType<typeof import('./random.mjs').makeRandom>, say: (line: string) => void }} terms */
export async function drillNetwork({ rounds, isOver, servers, random, say }) {
  /** @type {Record<string, Network>} */
  const networks = {}
  const shop = await openShop({
    database: 'external',
    servers,
    random: random.fork(),
    async networkBefore(url) {
      networks.database = await openTcpProxy({ host: url.hostname, port: Number(url.port) })
      const through = new URL(url)
      through.host = `127.0.0.1:${networks.database.port}`
      return through.href
    },
    async payuUrl(url) {
      networks.PayU = await openTcpProxy({ host: '127.0.0.1', port: Number(new URL(url).port) })
      return `http://127.0.0.1:${networks.PayU.port}`
    },
  })
  const backMs = []
  // Each kind in its turn, from anywhere.
  const kinds = Object.keys(networks).flatMap((where) => Object.keys(TROUBLES).map((trouble) => ({ where, trouble })))
  const first = random.between(0, kinds.length - 1)
  await shop.drill(async () => {
    for (let round = 1; round <= rounds && !isOver(); round++) {
      const { where, trouble } = kinds[(first + round - 1) % kinds.length]
      const { begin, lastsMs: [shortMs, longMs] = [0, 0], cutsOff = false } = TROUBLES[trouble]
      await shop.whileShopping(async () => {
        await delay(random.between(100, 800))
        await begin(networks[where])
        const since = performance.now()
        const lastsMs = random.between(shortMs, longMs)
        if (cutsOff && where === 'database') await expectHealth(shop, 503)
        // Without PayU the shop sells on.
        if (where === 'PayU') await expectHealth(shop, 200)
        await delay(Math.max(0, since + lastsMs - performance.now()))
        await networks[where].pass()
        backMs.push(await shop.untilBack())
        await delay(300)
      })
      await shop.audit()
      const back = (backMs.at(-1) / 1_000).toFixed(1)
      say(`${round}/${rounds} ${where} ${trouble}: back after ${back} s, ${shop.ledger.orders.size} orders`)
    }
    await shop.auditAtTheEnd()
  })
  for (const network of Object.values(networks)) await network.close()
  return {
    name: `network${servers > 1 ? `, ${servers} servers` : ''}`,
    rounds: backMs.length,
    backMs,
    ledger: shop.ledger,
  }
}

/** `/health/ready` says so soon, and `/health/live` that the server needs no new start. */
async function expectHealth(/** @type {import('./shop.mjs').Shop} */ shop, /** @type {number} */ expected) {
  const statusOf = (/** @type {string} */ path) =>
    fetch(shop.baseUrl + path, { signal: AbortSignal.timeout(TOLD_WITHIN_MS) }).then(
      ({ status }) => status,
      () => 0,
    )
  const end = performance.now() + TOLD_WITHIN_MS
  for (;;) {
    const [ready, live] = await Promise.all([statusOf('/health/ready'), statusOf('/health/live')])
    if (live !== 200) shop.ledger.violation(`/health/live is ${live}`)
    if (ready === expected) return
    if (performance.now() > end) {
      shop.ledger.violation(`/health/ready is ${ready}, not ${expected}`)
      return
    }
    await delay(100)
  }
}
