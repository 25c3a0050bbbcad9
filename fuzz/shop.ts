import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SANDBOX_POS, type StartedSimulator, startPayuSimulator } from 'payu-simulator'
import { freePort } from '../scripts/free-port.mjs'
import type { Database } from '../server/src/store/database.ts'
import { freshDatabase } from '../test/support/database.ts'
import { startProgram } from '../test/support/program.ts'
import { stockShop } from '../test/support/shop-server.ts'

/** The program as an operator starts it, in a process of its own, on a database of its own, with a PayU that waits to be told. */
export interface FuzzedShop {
  readonly port: number
  readonly baseUrl: string
  readonly db: Database
  /** What mails are read by. */
  readonly config: { readonly secretKeys: readonly string[]; readonly dataDir: string }
  readonly payu: StartedSimulator
  readonly products: readonly string[]
  /** Of the server's process, when all rubbish is collected. */
  probe(): Promise<Memory>
  /** Undefined as long as it runs. */
  end(): string | undefined
  /** The lines of its log from this level on, parsed. */
  logged(level: number): LogLine[]
  stop(): Promise<void>
}

export interface Memory {
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
  /** Sockets, timers and whatever else keeps a process running. */
  readonly open: number
}

export interface LogLine {
  readonly level: number
  readonly msg: string
  readonly err?: { readonly type: string; readonly stack: string }
}

const SECRET_KEY = 'a-key-for-fuzzing-and-for-nothing-else'

export async function startFuzzedShop(): Promise<FuzzedShop> {
  const database = await freshDatabase()
  const { db } = database
  const dataDir = mkdtempSync(join(tmpdir(), 'tradepost-test-fuzz-'))
  const payu = await startPayuSimulator({ manual: true })
  const port = await freePort()
  const baseUrl = `http://127.0.0.1:${port}`
  const products = await stockShop(db, [
    { sku: 'tent', price: '449.00', quantity: 1_000_000, picture: 'tent.svg' },
    { sku: 'stove', price: '150.50', quantity: 1_000_000 },
    { sku: 'rope', price: '0.01', quantity: 30 },
  ])
  const program = startProgram({
    ...{ NODE_ENV: 'test', PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: database.url, SECRET_KEY, DEMO: 'off' },
    ...{ PUBLIC_URL: baseUrl, LOG_LEVEL: 'warn', THROTTLE: 'off', UNPAID_ORDERS_MAX: '0', TRUST_PROXY: 'loopback' },
    PASSWORD_POLICY: 'documented',
    ...{ PAYU_URL: payu.url, PAYU_POS_ID: SANDBOX_POS.posId, PAYU_BLIK_CODE: 'on' },
    ...{ PAYU_CLIENT_SECRET: SANDBOX_POS.clientSecret, PAYU_SECOND_KEY: SANDBOX_POS.secondKey },
    NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'probe.mjs')).href}`,
  })
  let end: string | undefined
  void program.ended.then(({ code, signal }) => {
    end = `it ended with ${signal ?? code}`
  })
  await program.ready
  return {
    ...{ port, baseUrl, db, payu, config: { secretKeys: [SECRET_KEY], dataDir }, products: Object.values(products) },
    async probe() {
      const probes = () => [...program.output.stderr.matchAll(/^PROBE (.*)$/gm)]
      const before = probes().length
      program.child.kill('SIGUSR2')
      while (probes().length === before && !end) await new Promise((resolve) => setTimeout(resolve, 20))
      return JSON.parse(probes().at(-1)?.[1] ?? '{}')
    },
    end: () => end,
    logged: (level) => linesOf(program.output.stdout).filter((line) => line.level >= level),
    async stop() {
      program.child.kill('SIGTERM')
      await program.ended
      await payu.close()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function linesOf(log: string): LogLine[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
}
