// kill -9 at random moments under load, round by round.
import { setTimeout as delay } from 'node:timers/promises'
import { openShop } from './shop.mjs'

/**
 * What dies. The server is started again by whoever watches over it, an external database by somebody else, the
 * embedded one by the server.
 *
 * @typedef {'server' | 'postgres' | 'external'} Victim
 */

/**
 * @param {Victim} victim
 * @param {{ rounds: number, isOver: () => boolean, servers: number, random: ReturnType<typeof import('./random.mjs').makeRandom>, say: (line: string) => void }} terms
 */
export async function drillCrashes(victim, { rounds, isOver, servers, random, say }) {
  // Two servers share a database that is nobody's own.
  const database = victim === 'external' || servers > 1 ? 'external' : 'embedded'
  const shop = await openShop({ database, servers, random: random.fork() })
  const backMs = []
  await shop.drill(async () => {
    for (let round = 1; round <= rounds && !isOver(); round++) {
      const deed = chooseDeed(victim, servers, random)
      await shop.whileShopping(async () => {
        await delay(random.between(100, 1_500))
        const since = performance.now()
        // At once, if all is to go: what is left over must not see the other end.
        const dying = deed.servers.map((n) => shop.killServer(n))
        if (deed.postgres) await shop.killPostgres({ all: deed.postgres === 'all' })
        await Promise.all(dying)
        await Promise.all(deed.servers.map((n) => shop.start(n)))
        backMs.push(await shop.untilBack(since))
        await delay(random.between(0, 300))
      })
      await shop.audit()
      say(
        `${round}/${rounds} ${deed.name}: back after ${(backMs.at(-1) / 1_000).toFixed(1)} s, ${shop.ledger.orders.size} orders`,
      )
    }
    await shop.auditAtTheEnd()
  })
  return {
    name: `kill -9: ${victim}${servers > 1 ? `, ${servers} servers` : ''}`,
    rounds: backMs.length,
    backMs,
    ledger: shop.ledger,
  }
}

function chooseDeed(
  /** @type {Victim} */ victim,
  /** @type {number} */ count,
  /** @type {ReturnType<typeof import('./random.mjs').makeRandom>} */ random,
) {
  const all = Array.from({ length: count }, (_, n) => n)
  const some = count > 1 && random.next() < 0.7 ? [random.oneOf(all)] : all
  const deeds = {
    server: [{ name: `server ${some.join(' and ')}`, servers: some, postgres: undefined }],
    postgres: [
      { name: 'first process of PostgreSQL', servers: [], postgres: 'first' },
      { name: 'all of PostgreSQL', servers: [], postgres: 'all' },
      { name: 'server and all of PostgreSQL', servers: some, postgres: 'all' },
    ],
    external: [
      { name: 'first process of PostgreSQL', servers: [], postgres: 'first' },
      { name: 'all of PostgreSQL', servers: [], postgres: 'all' },
      { name: 'server and all of PostgreSQL', servers: some, postgres: 'all' },
    ],
  }
  return random.oneOf(
    /** @type {{ name: string, servers: number[], postgres: string | undefined }[]} */ (deeds[victim]),
  )
}
