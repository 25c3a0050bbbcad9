import { type Config, readConfig } from '../config.ts'
import { OperatorError } from '../kernel/operator-error.ts'
import { connectStore, type Store } from '../store/connect.ts'
import { hasCluster } from '../store/embedded/index.ts'
import { migrate } from '../store/migrate.ts'
import { findUnknownSettings } from '../unknown-settings.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Few connections: a command works beside a server that needs them more. */
const POOL_SIZE = 2

/**
 * Runs a command's work on an up-to-date database, joined or started for it, and leaves it as it was found. Progress goes
 * to standard error: standard output is the command's own.
 *
 * @param mayBeFirst whether the work makes sense in a new shop; another command's shop is in another directory
 */
export async function withStore(
  work: (config: Config, store: Store) => Promise<void>,
  { mayBeFirst = false } = {},
): Promise<void> {
  await telling(async () => {
    const config = readSettings()
    const { databaseUrl, dataDir } = config
    if (!mayBeFirst && !databaseUrl && !hasCluster(dataDir)) {
      throw new OperatorError(
        `There is no shop in ${dataDir} yet. Set DATA_DIR to the directory of yours, or DATABASE_URL to its database.`,
      )
    }
    const store = await connectStore({ databaseUrl, dataDir, poolSize: POOL_SIZE, onProgress: say })
    await closing(store, async () => {
      await migrate(store.db, { onProgress: say })
      await work(config, store)
    })
  })
}

/**
 * Does the work and leaves the database, on Ctrl-C and SIGTERM too: what is not committed is undone, and an embedded
 * database that was started for the command does not stay behind.
 */
export async function closing(store: Store, work: () => Promise<void>): Promise<void> {
  const onSignal = (signal: NodeJS.Signals) => {
    say(`${signal === 'SIGINT' ? '\n' : ''}Stopping: what is not done yet is undone.`)
    void store.abandon().finally(() => process.exit(130))
  }
  for (const signal of SIGNALS) process.once(signal, onSignal)
  try {
    await work()
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal)
    await store.close()
  }
}

/** A failure that the operator can mend is told in its own words, any other with its stack; both end with status 1. */
export async function telling(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    console.error(error instanceof OperatorError ? error.message : error)
    process.exitCode = 1
  }
}

/** The settings, after a warning for each name that is misspelt. */
export function readSettings(): Config {
  findUnknownSettings().forEach(say)
  return readConfig()
}

export function say(line: string): void {
  console.error(line)
}
