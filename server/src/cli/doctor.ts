import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { Command } from 'commander'
import { type Config, ConfigError, connectionsOf, readConfig } from '../config.ts'
import { getBacklog } from '../events/index.ts'
import { makeHasher } from '../identity/index.ts'
import { PayuMisconfigured } from '../payments/index.ts'
import { connectStore } from '../store/connect.ts'
import type { Db } from '../store/database.ts'
import { hasCluster } from '../store/embedded/index.ts'
import { pendingMigrations } from '../store/migrate.ts'
import { findUnknownSettings } from '../unknown-settings.ts'
import { listEndpoints } from '../webhooks/index.ts'
import { inWords, stateOf } from './webhooks/words.ts'

interface Finding {
  readonly level: 'ok' | 'warn' | 'FAIL'
  readonly text: string
}

const ok = (text: string): Finding => ({ level: 'ok', text })
const warn = (text: string): Finding => ({ level: 'warn', text })
const fail = (text: string): Finding => ({ level: 'FAIL', text })

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look whether this machine, the settings and the database are fit; says what to do')
    .action(async () => {
      let failed = false
      for await (const { level, text } of examine()) {
        console.log(`${level.padEnd(5)}${text.replaceAll('\n', '\n     ')}`)
        failed ||= level === 'FAIL'
      }
      console.log(failed ? '\nNot fit to run: mend what FAILs.' : '\nFit to run.')
      if (failed) process.exitCode = 1
    })
}

async function* examine(): AsyncGenerator<Finding> {
  yield nodeVersion(process.versions.node)
  for (const warning of findUnknownSettings()) yield warn(warning.replace('Warning: ', ''))
  let config: Config
  try {
    config = readConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    yield fail(error.message)
    return
  }
  yield ok(`settings: ${config.production ? 'production' : 'development'}, ${config.publicUrl}`)
  yield await dataDirectory(config)
  yield await port(config)
  yield await hashing()
  yield await payments(config)
  yield config.transfer
    ? ok(`transfers go to ${config.transfer.iban}`)
    : warn('transfers are not offered: TRANSFER_IBAN is not set')
  if (config.production && !config.mail.smtpUrl) {
    yield warn('customers get no mail: MAIL_TO_FOLDER is on; what they would get lies in DATA_DIR/mail')
  }
  yield* database(config)
}

function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isFit = major > 20 || (major === 20 && minor >= 19)
  return isFit ? ok(`Node ${version}`) : fail(`Node ${version} is too old: install 20.19 or newer`)
}

/** Whether PayU knows the keys, and what it offers with them. */
async function payments(config: Config): Promise<Finding> {
  if (config.payuSimulator) return ok('card and payu are simulated: no money moves')
  const log = { warn: () => {}, error: () => {} }
  const { makePayu } = await import('../app.ts') // all of the server, for this one question
  const payu = makePayu(config, { ownUrl: () => config.publicUrl, log })
  if (!payu) return warn('card and payu are not offered: PAYU_POS_ID is not set')
  const pos = `PayU's POS ${payu.posId}`
  try {
    const offers = await payu.check()
    const names = offers.map(({ method, takesBlikCode }) => (takesBlikCode ? `${method} with BLIK codes` : method))
    if (offers.length > 0) return ok(`${pos} offers ${names.join(', ')}`)
    return warn(`${pos} offers nothing: switch its pay methods on in PayU's panel`)
  } catch (error) {
    const { message } = error as Error
    return error instanceof PayuMisconfigured ? fail(message) : warn(`${pos} could not be asked: ${message}`)
  } finally {
    await payu.close()
  }
}

const FREE_BYTES_MIN = 1024 ** 3

async function dataDirectory({ dataDir }: Config): Promise<Finding> {
  const directory = await existing(dataDir)
  try {
    await access(directory, constants.W_OK)
  } catch {
    return fail(`${directory} cannot be written: give it to the user who runs Tradepost, or set DATA_DIR`)
  }
  const { bavail, bsize } = await statfs(directory)
  const free = `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GiB free`
  return bavail * bsize < FREE_BYTES_MIN ? warn(`${dataDir}: only ${free}`) : ok(`${dataDir}: ${free}`)
}

/** The directory, or the nearest one above it that is there. */
async function existing(directory: string): Promise<string> {
  const isThere = await access(directory).then(
    () => true,
    () => false,
  )
  return isThere || directory === dirname(directory) ? directory : existing(dirname(directory))
}

async function port({ host, port }: Config): Promise<Finding> {
  const probe = createServer()
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    probe.once('error', resolve).listen(port, host, () => resolve(undefined))
  })
  probe.close()
  if (!error) return ok(`${host}:${port} is free to listen on`)
  if (error.code === 'EADDRINUSE')
    return warn(`${host}:${port} is in use: by a running Tradepost, or by something else`)
  return fail(`${host}:${port} cannot be listened on: ${error.code}`)
}

async function hashing(): Promise<Finding> {
  return makeHasher()
    .hash('nobody')
    .then(
      () => ok('passwords can be hashed'),
      (error) => fail(`passwords cannot be hashed: install the packages anew (${error.message})`),
    )
}

async function* database(config: Config): AsyncGenerator<Finding> {
  const { databaseUrl, dataDir } = config
  if (!databaseUrl && !hasCluster(dataDir)) {
    yield ok(`no database in ${dataDir} yet: the first start makes one`)
    return
  }
  try {
    const store = await connectStore({ databaseUrl, dataDir, poolSize: 1, onProgress: () => {} })
    try {
      const { rows } = await store.db.query<{ version: string }>({
        text: `select current_setting('server_version') as version`,
      })
      yield ok(`${store.place}, version ${rows[0]?.version}`)
      yield await connections(config, store.db)
      const pending = await pendingMigrations(store.db)
      const rights = `select has_schema_privilege(current_schema(), 'create') as "mayCreate"`
      const mayCreate = (await store.db.query<{ mayCreate: boolean | null }>({ text: rights })).rows[0]?.mayCreate
      if (!mayCreate) yield fail('the database user may not create tables: make it the owner of the database')
      yield pending.length === 0
        ? ok('the database is up to date')
        : warn(`${pending.length} migrations are waiting: \`tradepost start\` or \`tradepost migrate\` applies them`)
      if (pending.length === 0) {
        yield* outgoing(store.db)
        yield* nameIndex(store.db)
      }
    } finally {
      await store.close()
    }
  } catch (error) {
    yield fail((error as Error).message)
  }
}

/** Whether the database takes as many connections as this server may open; others use some as well. */
async function connections({ workers, databasePool }: Config, db: Db): Promise<Finding> {
  const text = `select least(
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
      (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user),
      (select nullif(datconnlimit, -1) from pg_database where datname = current_database())) as "takenMax"`
  const takenMax = (await db.query<{ takenMax: number }>({ text })).rows[0]?.takenMax ?? 0
  const wanted = connectionsOf({ workers, databasePool })
  const product = workers > 1 ? `WORKERS × DATABASE_POOL and ${wanted - workers * databasePool} more` : 'DATABASE_POOL'
  return wanted <= takenMax
    ? ok(`${product}: ${wanted} connections of the ${takenMax} that the database takes`)
    : fail(
        `${product} are ${wanted} connections, and the database takes ${takenMax}: raise max_connections, or lower these`,
      )
}

/** What happened long ago and nobody has been told of. */
const BACKLOG_MINUTES = 10

/** Whether those who want to know hear of what happens to orders. */
async function* outgoing(db: Db): AsyncGenerator<Finding> {
  const { waiting, oldest, postponed, problem } = await getBacklog(db)
  if (postponed > 0) yield warn(`${postponed} events cannot be handed out to mails and webhooks: ${problem}`)
  if (oldest && Date.now() - oldest.getTime() > BACKLOG_MINUTES * 60_000) {
    yield warn(`${waiting} events wait to be handed out, since ${inWords(oldest)}: does a server run?`)
  }
  for (const endpoint of await listEndpoints(db)) {
    const { url, off, failingSince, failed } = endpoint
    const isWell = (off === null || off === 'by-operator') && failingSince === null
    const state = `webhooks to ${url}: ${stateOf(endpoint)}`
    yield isWell ? ok(state) : warn(`${state}; \`tradepost webhooks log --failed\` shows why`)
    if (failed > 0) yield warn(`webhooks to ${url}: ${failed} given up in the last month`)
  }
}

/** Its extension was missing, or forbidden, when the migration ran (docs/adr/0020). */
async function* nameIndex(db: Db): AsyncGenerator<Finding> {
  const { rows } = await db.query<{ isThere: boolean }>({
    text: `select to_regclass('products_name') is not null as "isThere"`,
  })
  if (rows[0]?.isThere) return
  yield warn(
    'products are searched by name without an index, which is slow from some 10,000 on. As somebody who may:\n' +
      'create extension pg_trgm; create index products_name on products using gin (lower(name) gin_trgm_ops) where is_published;',
  )
}
