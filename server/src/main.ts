import type { FastifyInstance } from 'fastify'
import type { MountedSimulator } from 'payu-simulator'
import { buildApp } from './app.ts'
import { type Config, readConfig } from './config.ts'
import { DEMO_CUSTOMER, isDemoCustomerThere, isEmptyShop, seedDemo } from './demo.ts'
import { makeHasher } from './identity/index.ts'
import { OperatorError } from './kernel/operator-error.ts'
import { VERSION } from './kernel/version.ts'
import { SIMULATOR_PATH, simulatePayu } from './simulated-payu.ts'
import { connectStore, type Store } from './store/connect.ts'
import { ANSWER_WITHIN_MS, LOOKUPS } from './store/database.ts'
import { migrate } from './store/migrate.ts'
import { findUnknownSettings } from './unknown-settings.ts'

/** Runs the server until it is told to stop, and sets the exit code. */
export async function main(): Promise<void> {
  try {
    // First: a name that is misspelt is often why one is missing.
    for (const warning of findUnknownSettings()) console.error(warning)
    const config = readConfig()
    const say = sayWith(config)
    const starting = serve(config, say)
    stopOnSignal(starting, say)
    const running = await starting
    if (config.production) say(`Tradepost ${VERSION} serves ${config.publicUrl}, on ${running.place}`)
    else console.log(banner(config, running))
  } catch (error) {
    console.error(error instanceof OperatorError ? error.message : error)
    process.exitCode = 1
  }
}

export interface RunningServer {
  readonly app: FastifyInstance
  /** Where the database is, in words. */
  readonly place: string
  readonly hasDemoCustomer: boolean
  /** Takes PayU's place, outside production. */
  readonly simulator: MountedSimulator | undefined
  /** Lets running requests finish, then leaves the database. */
  stop(): Promise<void>
}

/**
 * Connects, migrates, fills an empty shop with the demo, and listens.
 *
 * @throws OperatorError
 */
export async function serve(config: Config, onProgress: (line: string) => void): Promise<RunningServer> {
  const { databaseUrl, dataDir, databasePool: poolSize } = config
  const terms = { poolSize, settings: LOOKUPS, answerWithinMs: ANSWER_WITHIN_MS }
  const store = await connectStore({ databaseUrl, dataDir, ...terms, onProgress })
  try {
    if (!(await store.tryClaimServing(`process ${process.pid}, ${config.host}:${config.port}`))) {
      const other = await store.findServing()
      throw new OperatorError(
        `Another Tradepost${other ? ` (${other})` : ''} already serves ${dataDir}. Stop it first, or set DATA_DIR to another directory.`,
      )
    }
    const simulator = await simulatePayu(config)
    await migrate(store.db, { onProgress })
    if (config.demo && (await isEmptyShop(store.db))) {
      onProgress('Filling the empty shop with the demo catalogue')
      await seedDemo(store.db, { currency: config.currency, dataDir, hasher: makeHasher() })
    }
    const app = await buildApp(config, store.db, simulator)
    await listen(app, config)
    const hasDemoCustomer = config.demo && (await isDemoCustomerThere(store.db))
    return { app, place: store.place, hasDemoCustomer, simulator, stop: () => stopServing(app, store) }
  } catch (error) {
    await store.close()
    throw error
  }
}

async function listen(app: FastifyInstance, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    await app.close()
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new OperatorError(`Port ${port} on ${host} is taken. Stop what uses it, or set PORT to another.`)
    if (code === 'EACCES') throw new OperatorError(`Not allowed to listen on port ${port}. Set PORT to one above 1023.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new OperatorError(`HOST=${host} is no address of this machine.`)
    throw error
  }
}

/** Running requests get this long; whatever hangs then is cut off. */
const FINISH_WITHIN_MS = 10_000

async function stopServing(app: FastifyInstance, store: Store): Promise<void> {
  const cutOff = setTimeout(() => app.server.closeAllConnections(), FINISH_WITHIN_MS)
  // A connection falls idle when its last request is answered, and would then be kept open for the next.
  const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
  try {
    await app.close()
  } finally {
    clearTimeout(cutOff)
    clearInterval(sweep)
    await store.close()
  }
}

/** A second Ctrl-C within this time is the first one's echo: npm and the terminal both send it. */
const ECHO_MS = 1_500

/** For a person at a terminal; in production for whatever reads the log, which is JSON line by line. */
function sayWith({ production }: Config): (line: string) => void {
  return (line) => console.log(production ? JSON.stringify({ level: 30, time: Date.now(), msg: line.trim() }) : line)
}

/** A signal during the start waits for its end: half-started, the database would be left running. */
function stopOnSignal(starting: Promise<RunningServer>, say: (line: string) => void): void {
  let stoppingSince: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (stoppingSince === undefined) {
      stoppingSince = Date.now()
      say(`${signal === 'SIGINT' ? '\n' : ''}Stopping: what is running is finished first.`)
      stop().catch((error) => {
        console.error(error)
        process.exit(1)
      })
    } else if (Date.now() - stoppingSince > ECHO_MS) process.exit(130)
  }
  const stop = async () => {
    const running = await starting.catch(() => undefined) // why it failed, main says
    await running?.stop()
    process.exit()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal)
}

function banner({ publicUrl, production }: Config, { place, hasDemoCustomer, simulator }: RunningServer): string {
  const lines = [
    ['Shop API', `${publicUrl}/api`],
    ['API reference', `${publicUrl}/docs`],
    ...(hasDemoCustomer
      ? [['Demo customer', `username ${DEMO_CUSTOMER.username}, password ${DEMO_CUSTOMER.password}`]]
      : []),
    ...(simulator
      ? [
          ['Payments', `simulated, no money moves: ${publicUrl}${SIMULATOR_PATH}/_simulator`],
          ['  cards', '4444 3333 2222 1111 pays, 5000 1050 1812 6595 is declined; CVV 123, valid until 12/29'],
          ['  BLIK codes', '777123 pays, 500500 is refused, 700701 has expired'],
        ]
      : []),
    ['Database', place],
    ...(production ? [] : [['Stop', 'Ctrl-C']]),
  ]
  const rows = lines.map(([name = '', value]) => `  ${name.padEnd(15)}${value}`)
  return [`\nTradepost ${VERSION} is ready (${process.uptime().toFixed(1)} s)\n`, ...rows, ''].join('\n')
}
