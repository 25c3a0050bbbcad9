// A PostgreSQL, a ceiling and a Tradepost to measure, and their end.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { freePort } from '../scripts/free-port.mjs'
import { ROOT } from '../scripts/setup/root.mjs'

const schemaOf = (name) => path.join(import.meta.dirname, name)

/**
 * The PostgreSQL at DATABASE_URL, else the embedded one in a directory of its own: fsync on, nothing tuned.
 *
 * @returns `createDatabase(name)` an URL of a new, empty database; `pid()` the postmaster's where it can be known
 */
export async function openPostgres() {
  const directory = mkdtempSync(path.join(tmpdir(), 'tradepost-bench-'))
  const given = process.env.DATABASE_URL
  const embedded = given ? undefined : await joinEmbedded(directory)
  const url = given ?? urlOf(embedded.connection)
  const made = new Set()
  const urlOfDatabase = (database) => {
    const its = new URL(url)
    its.pathname = `/${database}`
    return its.href
  }
  return {
    directory,
    description: await ask(url, 'select version() as it').then(([row]) => row.it.split(' on ', 1)[0]),
    async createDatabase(name) {
      const database = `tradepost_bench_${process.pid}_${name}`
      await ask(url, `create database ${database} encoding 'UTF8' template template0`)
      made.add(database)
      return urlOfDatabase(database)
    },
    urlOf: urlOfDatabase,
    /** Leaves it there at the end; the embedded PostgreSQL is gone then, and all in it. */
    keep(databaseUrl) {
      const database = new URL(databaseUrl).pathname.slice(1)
      made.delete(database)
      console.error(`${database} stays`)
    },
    /** Undefined for a PostgreSQL on another machine. */
    async postmaster() {
      // Looked for while the connection is open: its backend ends with it.
      return connected(url, async (client) => {
        const { rows } = await client.query('select pg_backend_pid() as pid')
        return parentOf(rows[0].pid)
      })
    },
    async close() {
      for (const database of made) await ask(url, `drop database if exists ${database} with (force)`)
      await embedded?.leave()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function joinEmbedded(dataDir) {
  const { joinEmbeddedPostgres } = await import('../server/dist/store/embedded/index.js')
  return joinEmbeddedPostgres({ dataDir, onProgress: () => {}, settings: { max_connections: '100' } })
}

function urlOf({ host, port, user, password, database }) {
  const who = password ? `${encodeURIComponent(user)}:${encodeURIComponent(password)}` : encodeURIComponent(user)
  return `postgres://${who}@${encodeURIComponent(host)}${port ? `:${port}` : ''}/${database}`
}

export function ask(url, text, values = []) {
  return connected(url, async (client) => (await client.query({ text, values })).rows)
}

async function connected(url, work) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Of a backend on this machine; another machine's number may be nobody's here, or somebody else's. */
function parentOf(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' })
  const [, parent] = /^\s*(\d+) postgres:/.exec(stdout ?? '') ?? []
  return parent && Number(parent)
}

/** 200 products with plenty of each, as both sell them. */
export const PRODUCTS = 200
export const PIECES = 10_000_000

export async function startCeiling(databaseUrl, { workers = 1 } = {}) {
  const { readFileSync } = await import('node:fs')
  await ask(databaseUrl, readFileSync(schemaOf('ceiling/schema.sql'), 'utf8'))
  await ask(
    databaseUrl,
    `with made as (
       insert into products (name, description, price, product_type)
       select 'Product ' || n, 'One of two hundred, described in a line as ordinary as itself, number ' || n,
              10 + n % 90 + 0.99, 'things' from generate_series(1, ${PRODUCTS}) n returning id)
     insert into stock select id, ${PIECES} from made`,
  )
  return startProgram('the ceiling', [schemaOf('ceiling/server.mjs')], { DATABASE_URL: databaseUrl, WORKERS: workers })
}

/** What `npm start` says to Node: see docs/performance.md, Memory. */
const NODE_FLAGS = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).scripts.start.match(/--\S+/g) ?? []

/**
 * As in production but for what a load test cannot have: its limits on tries and on unpaid orders. Mails are left to somebody else.
 *
 * @param {string | undefined} databaseUrl undefined: the embedded one in `directory`
 */
export async function startTradepost(databaseUrl, directory, { workers = 1, env = {} } = {}) {
  const settings = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: path.join(directory, 'var'),
    DEMO: 'off',
    THROTTLE: 'off',
    UNPAID_ORDERS_MAX: '0',
    ORDER_MAILS: 'off',
    PASSWORD_POLICY: 'strong',
    LOG_LEVEL: 'warn',
    ...env,
  }
  const tradepost = path.join(ROOT, 'server/bin/tradepost.mjs')
  const flags = workers > 1 ? ['--workers', String(workers)] : []
  return startProgram('Tradepost', [...NODE_FLAGS, tradepost, 'start', ...flags], settings)
}

export function stockTradepost(databaseUrl, directory) {
  const header = 'sku,name,description,price,product_type,status,picture,warehouse,quantity'
  const rows = Array.from({ length: PRODUCTS }, (_, n) => {
    const description = `One of two hundred described in a line as ordinary as itself number ${n}`
    return `P${n},Product ${n},${description},${10 + (n % 90)}.99,things,regular,,main,${PIECES}`
  })
  importProducts([header, ...rows, 'SCARCE,Scarce,Fifty pieces,1.00,scarce,regular,,main,50'], databaseUrl, directory)
}

/** The lines of a CSV file, the heading first; without a `databaseUrl` into the embedded database. */
export function importProducts(lines, databaseUrl, directory) {
  const file = path.join(directory, 'products.csv')
  writeFileSync(file, lines.join('\n'))
  const env = { ...process.env, DATABASE_URL: databaseUrl, DATA_DIR: path.join(directory, 'var') }
  const args = [path.join(ROOT, 'server/bin/tradepost.mjs'), 'import', file]
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the import failed:\n${stderr}`)
}

/** Resolves when it says that it is ready; listens on PORT if the settings have one. */
export async function startProgram(name, args, settings) {
  const port = settings.PORT ?? (await freePort())
  const begun = performance.now()
  const env = { ...process.env, ...settings, PORT: String(port) }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const ended = new Promise((resolve) => child.once('close', resolve))
  await new Promise((resolve, reject) => {
    const listen = (chunk) => {
      said = (said + chunk).slice(-10_000)
      if (said.includes('is ready')) resolve()
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    ended.then(() => reject(new Error(`${name} ended before it was ready:\n${said}`)))
  })
  return {
    name,
    ended,
    /** The last of what it said. */
    said: () => said,
    baseUrl: `http://127.0.0.1:${port}`,
    pid: child.pid,
    readyMs: performance.now() - begun,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
    /** kill -9 */
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
