import { OperatorError } from '../kernel/operator-error.ts'
import { type Database, type DatabaseOptions, openDatabase, sqlState } from './database.ts'
import { joinEmbeddedPostgres } from './embedded/index.ts'
import { Patience } from './embedded/patience.ts'

export interface StoreOptions {
  /** Undefined: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | undefined
  readonly dataDir: string
  readonly poolSize: number
  /** PostgreSQL's settings for the pool's connections. */
  readonly settings?: Readonly<Record<string, string>>
  /** How long an answer is waited for; undefined: as long as it takes. */
  readonly answerWithinMs?: number
  /** Told, in lines for whoever sits at the terminal, what takes time. */
  readonly onProgress: (line: string) => void
}

/** The database a Tradepost process works with, wherever it runs. */
export interface Store {
  readonly db: Database
  /** Where it is, in words without secrets. */
  readonly place: string
  /**
   * False if another server serves the same embedded database; a cluster takes any number.
   *
   * @param as what the others are told of us, in a few words
   */
  tryClaimServing(as: string): Promise<boolean>
  /** What the server that serves the embedded database says of itself, if anything is known. */
  findServing(): Promise<string | undefined>
  /** Closes the pool once its work is done; whoever leaves the embedded server last stops it. */
  close(): Promise<void>
  /** The same without waiting for work that is under way: it is undone. */
  abandon(): Promise<void>
}

/** A database that cannot be reached, in words for the operator. */
export class StoreError extends OperatorError {
  override readonly name = 'StoreError'
}

/**
 * Connects to the PostgreSQL of an URL, or joins the embedded one.
 *
 * @throws StoreError, EmbeddedPostgresError
 */
export async function connectStore(options: StoreOptions): Promise<Store> {
  const { databaseUrl, poolSize, settings = {}, answerWithinMs } = options
  const pool = { poolSize, settings, answerWithinMs }
  return databaseUrl ? connectUrl(databaseUrl, pool, options.onProgress) : joinEmbedded(options, pool)
}

type PoolOptions = Pick<DatabaseOptions, 'poolSize' | 'settings' | 'answerWithinMs'>

const SERVER_VERSION_MIN = 150_000

/** `cannot_connect_now`: a server is there, and starts up, recovers from a crash, or shuts down. */
const CANNOT_CONNECT_NOW = '57P03'

async function connectUrl(databaseUrl: string, pool: PoolOptions, onProgress: (line: string) => void): Promise<Store> {
  const { host, pathname } = new URL(databaseUrl)
  const place = `PostgreSQL at ${decodeURIComponent(host) || 'the local socket'}${pathname}`
  const db = openDatabase({ ...pool, connection: { connectionString: databaseUrl } })
  try {
    if ((await askVersion(db, new Patience(onProgress))) < SERVER_VERSION_MIN)
      throw new StoreError(`${place} is too old: Tradepost needs 15 or newer.`)
  } catch (error) {
    await db.close()
    if (error instanceof StoreError) throw error
    throw new StoreError(`Cannot use ${place} (DATABASE_URL): ${reasonOf(error)}${adviceOn(error, pathname)}`, {
      cause: error,
    })
  }
  return {
    db,
    place,
    tryClaimServing: async () => true,
    findServing: async () => undefined,
    close: () => db.close(),
    abandon: async () => {},
  }
}

/** After a power cut both start at the same time: whoever is told to wait waits. One that is not there at all is no such case. */
async function askVersion(db: Database, patience: Patience): Promise<number> {
  const text = `select current_setting('server_version_num') as version`
  for (;;) {
    try {
      const { rows } = await db.query<{ version: string }>({ text })
      return Number(rows[0]?.version)
    } catch (error) {
      if (sqlState(error) !== CANNOT_CONNECT_NOW) throw error
      await patience.wait((error as Error).message, 100)
    }
  }
}

async function joinEmbedded({ dataDir, onProgress }: StoreOptions, pool: PoolOptions): Promise<Store> {
  const postgres = await joinEmbeddedPostgres({ dataDir, onProgress })
  const db = openDatabase({ ...pool, connection: postgres.connection })
  return {
    db,
    place: `embedded PostgreSQL in ${dataDir}`,
    tryClaimServing: (as) => postgres.tryClaimServing(as),
    findServing: () => postgres.findServing(),
    async close() {
      await db.close()
      await postgres.leave()
    },
    // The server stops all the same: it ends the connections that are left.
    abandon: () => postgres.leave(),
  }
}

/** `invalid_catalog_name`: a server is there, and has no such database. */
const NO_SUCH_DATABASE = '3D000'

/** What to do about it, where that is known; continues the reason. */
function adviceOn(error: unknown, pathname: string): string {
  if (sqlState(error) === NO_SUCH_DATABASE) {
    return `. Make it first: createdb ${decodeURIComponent(pathname.slice(1))}`.trimEnd()
  }
  const { code } = Object(firstOf(error)) as NodeJS.ErrnoException
  return code === 'ECONNREFUSED' ? '. Is it running, and are host and port of DATABASE_URL right?' : ''
}

function reasonOf(error: unknown): string {
  const first = firstOf(error)
  return first instanceof Error ? first.message || String((first as NodeJS.ErrnoException).code) : String(first)
}

/** Node gathers the failures of several addresses into an error without words. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError ? error.errors[0] : error
}
