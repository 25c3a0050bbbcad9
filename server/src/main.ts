import { type Config, environment, PRIMARY_POOL, readConfig } from './config.ts'
import { OperatorError } from './kernel/operator-error.ts'
import { VERSION } from './kernel/version.ts'
import type { Say } from './primary.ts'
import type { Serving } from './serve.ts'
import { SIMULATOR_PATH, simulatePayu, startSimulatedPayu } from './simulated-payu.ts'
import { connectStore, type Store } from './store/connect.ts'
import { SERVING } from './store/database.ts'
import { migrate } from './store/migrate.ts'
import { findUnknownSettings } from './unknown-settings.ts'

/**
 * Runs the server until it is told to stop, and sets the exit code.
 *
 * @param given settings that win over the environment's
 */
export async function main(given: Readonly<Record<string, string>> = {}): Promise<void> {
  try {
    // First: a name that is misspelt is often why one is missing.
    for (const warning of findUnknownSettings()) console.error(warning)
    const config = readConfig({ ...environment(), ...given })
    const say = sayWith(config)
    const starting = open(config, say)
    stopOnSignal(starting, say)
    const running = await starting
    if (config.production) say(`Tradepost ${VERSION} serves ${config.publicUrl}, on ${running.place}`)
    else console.log(banner(config, running))
  } catch (error) {
    console.error(error instanceof OperatorError ? error.message : error)
    process.exitCode = 1
  }
}

interface OpenShop extends Serving {
  /** Where the database is, in words. */
  readonly place: string
  /** Who can sign in to it, if it is a demo shop. */
  readonly demoCustomer: { readonly username: string; readonly password: string } | undefined
  /** Where the simulator shows its books, if it takes PayU's place. */
  readonly simulatorUrl: string | undefined
}

/**
 * Connects, migrates, fills an empty shop with the demo, and serves.
 *
 * @throws OperatorError
 */
async function open(config: Config, onProgress: Say): Promise<OpenShop> {
  const { databaseUrl, dataDir, workers } = config
  const poolSize = workers > 1 ? PRIMARY_POOL : config.databasePool
  const terms = { poolSize, ...SERVING }
  const connecting = connectStore({ databaseUrl, dataDir, ...terms, onProgress })
  // Loaded while the database starts; what is wrong with it, they tell who need it.
  void (workers > 1 ? import('./primary.ts') : import('./serve.ts')).catch(() => {})
  const store = await connecting
  try {
    if (!(await store.tryClaimServing(`process ${process.pid}, ${config.host}:${config.port}`))) {
      const other = await store.findServing()
      throw new OperatorError(
        `Another Tradepost${other ? ` (${other})` : ''} already serves ${dataDir}. Stop it first, or set DATA_DIR to another directory.`,
      )
    }
    await migrate(store.db, { onProgress })
    const demoCustomer = config.demo ? await openDemo(config, store, onProgress) : undefined
    const serving = await (workers > 1 ? openWithWorkers(config, store, onProgress) : openAlone(config, store))
    return { place: store.place, demoCustomer, ...serving }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Fills an empty shop with the demo. */
async function openDemo(
  { currency, dataDir }: Config,
  { db }: Store,
  onProgress: (line: string) => void,
): Promise<OpenShop['demoCustomer']> {
  const { DEMO_CUSTOMER, isDemoCustomerThere, isEmptyShop, seedDemo } = await import('./demo.ts')
  if (await isEmptyShop(db)) {
    onProgress('Filling the empty shop with the demo catalogue')
    const { makeHasher } = await import('./identity/index.ts')
    await seedDemo(db, { currency, dataDir, hasher: makeHasher() })
  }
  return (await isDemoCustomerThere(db)) ? DEMO_CUSTOMER : undefined
}

type Opened = Serving & Pick<OpenShop, 'simulatorUrl'>

async function openAlone(config: Config, store: Store): Promise<Opened> {
  const simulator = await simulatePayu(config)
  const { serve } = await import('./serve.ts')
  const { stop } = await serve(config, store, { simulator })
  return { stop, simulatorUrl: simulator && config.publicUrl + SIMULATOR_PATH }
}

async function openWithWorkers(config: Config, store: Store, onProgress: Say): Promise<Opened> {
  const simulated = await startSimulatedPayu(config)
  try {
    const { serveWithWorkers } = await import('./primary.ts')
    const { stop } = await serveWithWorkers(simulated?.config ?? config, store, onProgress)
    const stopAll = async () => {
      await stop()
      await simulated?.close()
    }
    return { stop: stopAll, simulatorUrl: simulated?.url }
  } catch (error) {
    await simulated?.close()
    throw error
  }
}

/** A second Ctrl-C within this time is the first one's echo: npm and the terminal both send it. */
const ECHO_MS = 1_500

/** For a person at a terminal; in production for whatever reads the log, which is JSON line by line. */
function sayWith({ production }: Config): Say {
  const levels = { info: 30, warn: 40, error: 50 }
  return (line, level = 'info') =>
    console.log(production ? JSON.stringify({ level: levels[level], time: Date.now(), msg: line.trim() }) : line)
}

/** A signal during the start waits for its end: half-started, the database would be left running. */
function stopOnSignal(starting: Promise<OpenShop>, say: Say): void {
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

function banner({ publicUrl, production, workers }: Config, shop: OpenShop): string {
  const { place, demoCustomer, simulatorUrl } = shop
  const lines = [
    ['Shop API', `${publicUrl}/api`],
    ['API reference', `${publicUrl}/docs`],
    ...(demoCustomer
      ? [['Demo customer', `username ${demoCustomer.username}, password ${demoCustomer.password}`]]
      : []),
    ...(simulatorUrl
      ? [
          ['Payments', `simulated, no money moves: ${simulatorUrl}/_simulator`],
          ['  cards', '4444 3333 2222 1111 pays, 5000 1050 1812 6595 is declined; CVV 123, valid until 12/29'],
          ['  BLIK codes', '777123 pays, 500500 is refused, 700701 has expired'],
        ]
      : []),
    ['Database', place],
    ...(workers > 1 ? [['Workers', `${workers} processes`]] : []),
    ...(production ? [] : [['Stop', 'Ctrl-C']]),
  ]
  const rows = lines.map(([name = '', value]) => `  ${name.padEnd(15)}${value}`)
  return [`\nTradepost ${VERSION} is ready (${process.uptime().toFixed(1)} s)\n`, ...rows, ''].join('\n')
}
