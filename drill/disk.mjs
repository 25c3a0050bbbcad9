// The disk of the data directory runs full, and has room again.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openShop } from './shop.mjs'

/** Room for PostgreSQL and its log, and a little to fill. */
const DISK_MIB = 320

/** @param {{ rounds: number, isOver: () => boolean, random: ReturnType<typeof import('./random.mjs').makeRandom>, say: (line: string) => void }} terms */
export async function drillDisk({ rounds, isOver, random, say }) {
  const mount = mkdtempSync(path.join(tmpdir(), 'tradepost-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=711`, 'tmpfs', mount], {
    encoding: 'utf8',
  })
  if (mounted.status !== 0) {
    rmSync(mount, { recursive: true })
    const why = mounted.error?.message ?? mounted.stderr.trim()
    say(`Left out: a disk of our own can be made by root on Linux only (${why})`)
    return { name: 'disk full', rounds: 0, violations: [], note: 'left out: needs root on Linux' }
  }
  try {
    return await fillAgainAndAgain(path.join(mount, 'var'), { rounds, isOver, random, say })
  } finally {
    spawnSync('umount', ['-l', mount])
    rmSync(mount, { recursive: true, force: true })
  }
}

async function fillAgainAndAgain(
  /** @type {string} */ dataDir,
  /** @type {Parameters<typeof drillDisk>[0]} */ { rounds, isOver, random, say },
) {
  const shop = await openShop({ database: 'embedded', random: random.fork(), dataDir })
  const ballast = path.join(path.dirname(dataDir), 'ballast')
  const backMs = []
  await shop.drill(async () => {
    for (let round = 1; round <= rounds && !isOver(); round++) {
      const before = { ...shop.ledger.counts }
      await shop.whileShopping(async () => {
        await delay(random.between(100, 800))
        const end = performance.now() + random.between(3_000, 8_000)
        // Whatever is freed meanwhile is taken, too.
        for (; performance.now() < end; await delay(100)) fill(ballast)
        if (random.next() < 0.3) {
          await shop.killServer(0)
          const starting = shop.start(0)
          await Promise.race([starting.catch(() => {}), delay(3_000)])
          rmSync(ballast)
          await starting
        } else rmSync(ballast)
        backMs.push(await shop.untilBack())
      })
      await shop.audit()
      const refused = shop.ledger.counts.refused - before.refused
      const back = (backMs.at(-1) / 1_000).toFixed(1)
      say(`${round}/${rounds} disk full: ${refused} refused, back after ${back} s, ${shop.ledger.orders.size} orders`)
    }
    await shop.auditAtTheEnd()
  })
  return { name: 'disk full', rounds: backMs.length, backMs, ledger: shop.ledger }
}

const MIB = Buffer.alloc(1_048_576)

/** To the last byte. */
function fill(/** @type {string} */ file) {
  const to = openSync(file, 'a')
  try {
    for (const piece of [MIB, MIB.subarray(0, 4_096)]) while (writeSync(to, piece) === piece.length);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOSPC') throw error
  } finally {
    closeSync(to)
  }
}
