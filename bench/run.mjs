// `npm run bench`: Tradepost beside the ceiling, in one run, on one PostgreSQL. What counts are the ratios: absolute
// figures hold for this machine and this hour. Prints a table; --write brings it into docs/performance.*
import { cpus } from 'node:os'
import path from 'node:path'
import { readOptions } from '../scripts/options.mjs'
import { setUp } from '../scripts/setup/index.mjs'
import { hashesPerSecond } from './hashing.mjs'
import { run } from './load.mjs'
import { cpuMsOf, memoryMibOf } from './processes.mjs'
import { report } from './report.mjs'
import { makeShoppers } from './shopper.mjs'

const options = readOptions(
  'bench',
  `  --shoppers N   at once, each waiting for its answer (16), at least 5: four sign in while the others read
  --seconds N    a phase (10)
  --rounds N     of both, alternating; the median is shown (3)
  --workers N    server processes of each (1)
  --write        write the table and the picture that docs/performance.md shows

DATABASE_URL names a PostgreSQL to measure on, where databases can be made; without it the embedded one is used.`,
  {
    shoppers: { type: 'number', from: 5, default: 16 },
    seconds: { type: 'number', above: 0, default: 10 },
    rounds: { type: 'number', from: 1, default: 3 },
    workers: { type: 'number', from: 1, default: 1 },
    write: { type: 'boolean' },
  },
)
const { shoppers: shopperCount, seconds, rounds, workers } = options

setUp()
// What needs packages or what is built can be loaded only now.
const { openPostgres, startCeiling, startTradepost, stockTradepost } = await import('./machine.mjs')
const postgres = await openPostgres()
const open = []
try {
  say(`${cpus().length} cores, Node ${process.version}, ${postgres.description}; ${shopperCount} shoppers`)
  const postmaster = await postgres.postmaster()
  const contenders = []
  for (const start of [startTheCeiling, startOurs]) {
    const server = await start()
    open.push(server)
    contenders.push({ server, shoppers: await makeShoppers(server.baseUrl, shopperCount), rounds: [] })
  }
  for (const { server, shoppers } of contenders) {
    say(`warming up ${server.name}`)
    await run(shoppers, (it) => it.readProfile(), { seconds: Math.min(2, seconds) })
    await run(shoppers, (it) => it.purchase(), { seconds: Math.min(3, seconds) })
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { server, shoppers, rounds: told } of contenders) {
      const cpuMs = () => cpuMsOf([server.pid, postmaster].filter(Boolean))
      say(`round ${round} of ${rounds}: ${server.name}`)
      const profile = await run(shoppers, (it) => it.readProfile(), { seconds, cpuMs })
      const purchase = await run(shoppers, (it) => it.purchase(), { seconds, cpuMs })
      told.push({ profile, purchase })
    }
  }
  const [ceiling, ours] = contenders
  const signIn = await measureSignIn(ours)
  const memoryMib = memoryMibOf([ours.server.pid])
  const starts = await measureStarts(ours.server.databaseUrl)
  report(
    { ceiling: ceiling.rounds, ours: ours.rounds, signIn, memoryMib, starts, workers },
    { write: options.write, postgres: postgres.description },
  )
} finally {
  for (const server of open) await server.stop()
  await postgres.close()
}

async function startTheCeiling() {
  return startCeiling(await postgres.createDatabase('ceiling'), { workers })
}

async function startOurs() {
  const url = await postgres.createDatabase('tradepost')
  stockTradepost(url, postgres.directory)
  return { ...(await startTradepost(url, postgres.directory, { workers })), databaseUrl: url }
}

/** Sign-ins against the hashing alone, and what a flood of them does to those who only read. */
async function measureSignIn({ shoppers }) {
  const [flooding, reading] = [shoppers.slice(0, 4), shoppers.slice(4)]
  say('sign-ins: the hashing alone')
  const hashes = await hashesPerSecond({ seconds, atOnce: flooding.length })
  say('sign-ins')
  const signIns = await run(flooding, (it) => it.signIn(), { seconds })
  say('reading, quiet')
  const quiet = await run(reading, (it) => it.readProfile(), { seconds })
  say('reading during a flood of sign-ins')
  const [flooded, flood] = await Promise.all([
    run(reading, (it) => it.readProfile(), { seconds }),
    run(flooding, (it) => it.signIn(), { seconds }),
  ])
  return { hashes, signIns, quiet, flooded, flood }
}

/** Milliseconds from the command to its word that it is ready, on databases that are there: one elsewhere, one embedded. */
async function measureStarts(databaseUrl) {
  const directory = path.join(postgres.directory, 'starts')
  const startOnce = async (url) => {
    const server = await startTradepost(url, directory)
    await server.stop()
    return server.readyMs
  }
  say('starts')
  await startOnce(undefined) // makes the database
  const told = { external: [], embedded: [] }
  for (let round = 1; round <= rounds; round++) {
    told.external.push(await startOnce(databaseUrl))
    told.embedded.push(await startOnce(undefined))
  }
  return told
}

function say(line) {
  console.error(line)
}
