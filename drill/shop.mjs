// A whole shop to break: its database, its servers, a PayU that outlives them, and customers.
import { spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ask, importProducts, startTradepost } from '../bench/machine.mjs'
import { freePort } from '../scripts/free-port.mjs'
import { ROOT } from '../scripts/setup/root.mjs'
import { audit, auditAtTheEnd, Ledger } from './ledger.mjs'
import { openRoundRobin } from './round-robin.mjs'
import { DrillShopper } from './shopper.mjs'

const PLENTIFUL = 12
const SCARCE = 4
const SCARCE_PIECES = 30
/** Somebody who waits longer for a shop to come back calls the operator. */
const BACK_WITHIN_MS = 90_000
/** From one step of what is under way to the next: jobs come every 5 s, and the last word may be a notification's. */
const SETTLED_WITHIN_MS = 60_000

/**
 * @param {{ database: 'embedded' | 'external', servers?: number, shoppers?: number, random: ReturnType<typeof import('./random.mjs').makeRandom>,
 *   dataDir?: string, networkBefore?: (url: URL) => Promise<string>, payuUrl?: (url: string) => Promise<string>, env?: Record<string, string> }} terms
 *   `networkBefore`: gives the way that servers take to the database; `payuUrl`: the one to PayU
 */
export async function openShop(terms) {
  const directory = mkdtempSync(path.join(tmpdir(), 'tradepost-drill-'))
  chmodSync(directory, 0o711) // run by root, PostgreSQL is somebody else, who passes through
  /** @type {(() => unknown)[]} what is to be ended, the last one first */
  const ends = []
  const close = async () => {
    for (const end of ends.reverse()) await end()
  }
  try {
    const shop = await open(terms, directory, ends)
    return {
      ...shop,
      /** Does the work and closes the shop; what went wrong is a violation, and what can tell why is kept. */
      async drill(/** @type {() => Promise<void>} */ work) {
        await work().catch((error) => shop.ledger.violation(`the drill broke off: ${error.stack}`))
        const isGood = shop.ledger.violations.length === 0
        if (!isGood) shop.keepWords()
        await close()
        if (isGood) rmSync(directory, { recursive: true, force: true })
        else console.error(`Kept: ${directory}`)
      },
    }
  } catch (error) {
    await close()
    rmSync(directory, { recursive: true, force: true })
    throw error
  }
}

async function open(
  /** @type {Parameters<typeof openShop>[0]} */ {
    database,
    servers = 1,
    shoppers = 8,
    random,
    dataDir,
    env = {},
    ...ways
  },
  /** @type {string} */ directory,
  /** @type {(() => unknown)[]} */ ends,
) {
  const home = dataDir ?? path.join(directory, 'var')
  const ledger = new Ledger()

  const external = database === 'external' ? await startExternal(path.join(directory, 'external'), ends) : undefined
  const clusterDir = path.join(external ? path.join(directory, 'external') : home, 'postgres')
  const directUrl = external ?? `postgres://tradepost@${encodeURIComponent(clusterDir)}:5432/tradepost`
  const serversUrl = external && ((await ways.networkBefore?.(new URL(external))) ?? external)

  const payu = await startPayu(directory, ends)
  const ports = await Promise.all(Array.from({ length: servers }, freePort))
  const door = servers > 1 ? await openRoundRobin(ports) : undefined
  if (door) ends.push(() => door.close())
  const baseUrl = door?.url ?? `http://127.0.0.1:${ports[0]}`
  const settings = {
    DATA_DIR: home,
    PUBLIC_URL: baseUrl,
    SECRET_KEY: 'a key for drills and for nothing else',
    TRUST_PROXY: 'loopback',
    LOG_LEVEL: 'error',
    PASSWORD_POLICY: 'documented',
    PAYU_URL: (await ways.payuUrl?.(payu.url)) ?? payu.url,
    PAYU_POS_ID: '300746',
    PAYU_CLIENT_SECRET: '2ee86a66e5d97e3fadc400c9f19b065d',
    PAYU_SECOND_KEY: 'b6ca15b0d1020e8094d9b5f8d163db54',
    ...env,
  }
  importProducts(shelf(), external, path.dirname(home))

  /** @type {(Awaited<ReturnType<typeof startTradepost>> | undefined)[]} */
  const running = []
  const start = async (/** @type {number} */ n) => {
    const env = { ...settings, PORT: String(ports[n]) }
    for (const end = performance.now() + BACK_WITHIN_MS; !running[n]; ) {
      try {
        running[n] = await startTradepost(serversUrl, path.dirname(home), { env })
      } catch (error) {
        // A PostgreSQL of one's own that is not there at all: whoever watches over the server starts it again.
        const isAway = external && String(error).includes('ECONNREFUSED') && performance.now() < end
        if (!isAway) throw error
      }
    }
  }
  ends.push(async () => {
    for (const server of running) await server?.stop()
  })
  for (let n = 0; n < servers; n++) await start(n)

  const people = Array.from({ length: shoppers }, (_, i) => {
    const pay = (/** @type {string} */ redirectUri) => payu.pay(redirectUri)
    return new DrillShopper({ baseUrl, name: `shopper${i}`, random: random.fork(), ledger, payu: { pay } })
  })
  ends.push(() => people.forEach((person) => void person.close()))
  const query = (/** @type {string} */ text, values = []) => insistOnAsking(directUrl, text, values)
  await Promise.all(people.map((person) => person.moveIn()))
  const products = (await query('select id as uuid from products')).map(({ uuid }) => ({ uuid }))

  return {
    ledger,
    baseUrl,
    ports,
    directory,
    payu,
    query,
    start,
    /** kill -9 of a server. */
    async killServer(/** @type {number} */ n) {
      await running[n]?.kill()
      running[n] = undefined
    },
    /** kill -9 of PostgreSQL: of its first process alone, or of all. */
    async killPostgres(/** @type {{ all: boolean }} */ { all }) {
      const { isPostmasterOf, lockHolder } = await import('../server/dist/store/embedded/lock-file.js')
      const cluster = /** @type {any} */ ({ dir: clusterDir })
      const postmaster = lockHolder(cluster)
      // Its number may be somebody else's by now.
      if (!postmaster || !isPostmasterOf(cluster, postmaster)) return false
      for (const pid of all ? [postmaster, ...childrenOf(postmaster)] : [postmaster]) killIfThere(pid)
      return true
    },
    /** Customers shop while something happens; ends when it has, and everybody has an answer. */
    async whileShopping(/** @type {() => Promise<void>} */ happening) {
      const closing = new AbortController()
      const shopping = people.map((person) => person.shop(products, closing.signal))
      const guarded = Promise.all(shopping)
      guarded.catch(() => {})
      try {
        await happening()
      } finally {
        closing.abort()
      }
      await guarded
    },
    /** @returns milliseconds until it serves again, by itself */
    async untilBack(since = performance.now()) {
      while (!(await isReady(baseUrl))) {
        if (performance.now() - since > BACK_WITHIN_MS) throw new Error('the shop did not come back by itself')
        await delay(50)
      }
      return performance.now() - since
    },
    /** What the servers said last, beside their data. */
    keepWords() {
      const log = path.join(home, 'postgres.log')
      if (existsSync(log)) copyFileSync(log, path.join(directory, 'postgres.log'))
      running.forEach((server, n) => void writeFileSync(path.join(directory, `server-${n}.log`), server?.said() ?? ''))
    },
    audit: () => audit(ledger, query),
    /** Lets everything that is under way come to its end by the servers' own jobs, then looks at all the books. */
    async auditAtTheEnd() {
      let [fewest, fewestAt] = [Number.POSITIVE_INFINITY, 0]
      for (;;) {
        await payu.settle()
        const open = await makeDue(query, await payu.orders())
        if (open === 0) break
        if (open < fewest) [fewest, fewestAt] = [open, performance.now()]
        if (performance.now() - fewestAt > SETTLED_WITHIN_MS) {
          ledger.violation(`${open} payments and refunds did not come to their end`)
          break
        }
        await delay(2_000)
      }
      await auditAtTheEnd(ledger, query, await payu.orders())
    },
  }
}

/** @typedef {Awaited<ReturnType<typeof openShop>>} Shop */

function shelf() {
  const row = (/** @type {string} */ sku, /** @type {number} */ pieces) =>
    `${sku},${sku},Something to buy,${10 + (sku.length % 7)}.99,things,regular,,main,${pieces}`
  return [
    'sku,name,description,price,product_type,status,picture,warehouse,quantity',
    ...Array.from({ length: PLENTIFUL }, (_, n) => row(`P${n}`, 1_000_000)),
    ...Array.from({ length: SCARCE }, (_, n) => row(`SCARCE${n}`, SCARCE_PIECES)),
  ]
}

/** A PostgreSQL of the embedded package's, reached by an URL; somebody watches over it and starts it again. */
async function startExternal(/** @type {string} */ dataDir, /** @type {(() => unknown)[]} */ ends) {
  const { joinEmbeddedPostgres } = await import('../server/dist/store/embedded/index.js')
  const settings = { max_connections: '100' }
  const postgres = await joinEmbeddedPostgres({ dataDir, transport: 'loopback', onProgress: () => {}, settings })
  ends.push(() => postgres.leave())
  const { host, port, user, password } = postgres.connection
  return `postgres://${user}:${encodeURIComponent(String(password))}@${host}:${port}/tradepost`
}

/** The simulator, in a process of its own. */
async function startPayu(/** @type {string} */ directory, /** @type {(() => unknown)[]} */ ends) {
  const port = await freePort()
  const program = path.join(ROOT, 'payu-simulator/bin/payu-simulator.mjs')
  const args = ['--port', String(port), '--state', path.join(directory, 'payu.jsonl'), '--time-scale', '30', '--quiet']
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  ends.push(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const url = `http://127.0.0.1:${port}`
  const control = async (/** @type {string} */ what, /** @type {object} */ body = {}) =>
    fetch(`${url}/_simulator/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const orders = async () => (await fetch(`${url}/_simulator/orders`)).json()
  for (;;) {
    if (child.exitCode !== null) throw new Error('the PayU simulator does not start')
    if (await orders().catch(() => undefined)) break
    await delay(50)
  }
  return {
    url,
    port,
    orders,
    settle: () => control('settle').then(() => control('deliver')),
    /** The buyer pays on PayU's page. False: there was nothing to pay any more. */
    async pay(/** @type {string} */ redirectUri) {
      const orderId = new URL(redirectUri).searchParams.get('orderId')
      const answer = await control(`orders/${orderId}/act`, { action: 'pay' })
      return answer.ok
    },
  }
}

async function isReady(/** @type {string} */ baseUrl) {
  const signal = AbortSignal.timeout(5_000)
  return fetch(`${baseUrl}/health/ready`, { signal }).then(
    ({ ok }) => ok,
    () => false,
  )
}

/** The database may be on its way back. */
async function insistOnAsking(/** @type {string} */ url, /** @type {string} */ text, /** @type {any[]} */ values) {
  const end = performance.now() + BACK_WITHIN_MS
  for (;;) {
    try {
      return await ask(url, text, values)
    } catch (error) {
      const { code = '' } = /** @type {{ code?: string }} */ (error)
      const isAway = code === '' || /^(57P|08|53|E)/.test(code)
      if (!isAway || performance.now() > end) throw error
      await delay(100)
    }
  }
}

/** Time has passed for what is not at its end; what waits for nothing but a buyer is left alone. @returns how much that is */
async function makeDue(
  /** @type {(text: string, values?: any[]) => Promise<any[]>} */ query,
  /** @type {any[]} */ theirs,
) {
  const ended = theirs.filter(({ status }) => status === 'COMPLETED' || status === 'CANCELED')
  const taken = new Map(ended.map((it) => [it.request.extOrderId, it.status === 'COMPLETED' ? it.capturedMinor : 0]))
  const begun = new Set(theirs.map((it) => it.request.extOrderId))
  const attempts = await query(
    `select a.id, a.status, a.captured_minor::int as captured, o.status = 'canceled' as is_canceled
       from payment_attempts a join orders o on o.id = a.order_id where a.method <> 'transfer'`,
  )
  const open = attempts.filter(({ id, status, captured, is_canceled: isCanceled }) => {
    if (taken.has(id)) return taken.get(id) !== captured
    return status === 'starting' || status === 'authorized' || (begun.has(id) && (isCanceled || status !== 'pending'))
  })
  const ids = [open.map(({ id }) => id)]
  await query('update payment_attempts set next_look_at = now() where id = any ($1) and next_look_at > now()', ids)
  const due = 'next_try_at > now() returning id'
  await query(`update refunds set next_try_at = now() where ${due}`)
  await query(`update gateway_messages set next_try_at = now() where ${due}`)
  const [{ waiting }] = await query(
    `select ((select count(*) from refunds where next_try_at is not null)
             + (select count(*) from gateway_messages where next_try_at is not null))::int as waiting`,
  )
  return open.length + waiting
}

function childrenOf(/** @type {number} */ parent) {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
      })
      .map(Number)
  } catch {
    return [] // no /proc, or one of them ended while we looked: the first one's end ends them all
  }
}

function killIfThere(/** @type {number} */ pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}
