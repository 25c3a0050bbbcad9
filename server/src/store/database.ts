import pg from 'pg'
import { NamedQuery } from './named-query.ts'

/** Whatever can run a statement: the pool, or the connection of a transaction. */
export interface Db {
  query<Row extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<Row>>
}

declare const inTransaction: unique symbol

/** A connection inside a transaction: who asks for it needs the caller's commit. */
export interface Tx extends Db {
  readonly [inTransaction]: true
}

export interface DatabaseOptions {
  /** Where PostgreSQL is: an URL, or the directory of a Unix socket with user and database. */
  readonly connection: pg.ClientConfig
  /** Connections in the pool. */
  readonly poolSize: number
  /** PostgreSQL's settings for these connections, over {@link SAFETY}. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * How long an answer is waited for before its connection counts as lost; undefined: as long as it takes. Longer than
   * any statement may run, so that PostgreSQL's own word comes first, unless the network swallows it.
   */
  readonly answerWithinMs?: number | undefined
}

/** The pool of connections to the one database. */
export interface Database extends Db {
  /** Runs the work in a transaction; see {@link openDatabase}. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** One connection for as long as the work lasts, for session-wide things such as advisory locks and LISTEN. */
  withConnection<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>
  close(): Promise<void>
}

// bigint and sums of bigint come as text from the driver; money and counts of ours stay far below 2^53.
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') => {
    if (oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC) return toSafeInteger
    return pg.types.getTypeParser(oid, format as 'text')
  }) as pg.CustomTypesConfig['getTypeParser'],
}

function toSafeInteger(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new Error(`the database answered ${text}, which is no safe integer`)
  return number
}

/** Nothing waits for ever: not for a lock, not for a statement, not for a transaction somebody forgot. */
const SAFETY = {
  TimeZone: 'UTC',
  lock_timeout: '8s',
  statement_timeout: '15s',
  idle_in_transaction_session_timeout: '30s',
}

/**
 * For a server, whose statements look up a few rows by an index: each is planned once for a connection, not anew for
 * every array it is given; and a plan made while a table was empty must not go on scanning it when it has grown
 * (docs/adr/0003). At these costs a few rows are fetched one by one: a bitmap of them takes longer to set up, and does
 * not mark the dead ones for those who come after.
 */
export const LOOKUPS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  random_page_cost: '1.0',
  jit: 'off',
}

/** For a server, over a `statement_timeout` of 15 s: nobody waits longer at a connection that goes nowhere. */
const ANSWER_WITHIN_MS = 18_000

/** How a process that serves opens the database. */
export const SERVING = { settings: LOOKUPS, answerWithinMs: ANSWER_WITHIN_MS }

/** What the driver throws then; it has no type for it, and keeps the connection. */
export const NO_ANSWER = 'Query read timeout'

/** A statement that may take its time, such as a migration, whatever the pool's `answerWithinMs` is. */
export function unhurried(config: pg.QueryConfig): pg.QueryConfig {
  const TIMER_MS_MAX = 2 ** 31 - 1
  return { ...config, query_timeout: TIMER_MS_MAX } as pg.QueryConfig
}

/** SQLSTATEs after which the same transaction may simply be run again: serialization failure, deadlock. */
const RETRYABLE = new Set(['40001', '40P01'])
const ATTEMPTS_MAX = 4

/**
 * Opens the pool. Statements and transactions that PostgreSQL ended as a deadlock's victim or for a
 * serialization failure are run again, {@link ATTEMPTS_MAX} times in all: nothing of them has happened.
 * So the work handed to `transaction` must do nothing but database work.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    types,
    max: options.poolSize,
    connectionTimeoutMillis: 5_000,
    // Plans made while tables were small live as long as their connection (docs/adr/0003): renew it now and then.
    maxLifetimeSeconds: 600,
    idleTimeoutMillis: 60_000,
    application_name: 'tradepost',
    ...(options.answerWithinMs && { query_timeout: options.answerWithinMs }),
    options: Object.entries({ ...SAFETY, ...options.settings })
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    ...options.connection,
  })
  // A connection that dies while nobody uses it leaves the pool by itself; the next statement gets a new one.
  pool.on('error', () => {})
  // The pool stops listening to a connection when it hands it out, a moment before whoever gets it listens: one that dies
  // just then would end the process. What is asked of it next fails all the same.
  pool.on('connect', (client) => client.on('error', () => {}))

  return {
    query: (config) => againIfVictim(() => run(pool, config)),
    transaction: (work) => againIfVictim(() => runTransaction(pool, work)),
    withConnection: (work) => checkedOut(pool, work),
    close: () => pool.end(),
  }
}

async function againIfVictim<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !RETRYABLE.has(sqlState(error) ?? '')) throw error
    }
  }
}

/** Runs a statement; one that has a name is prepared. */
async function run<Row extends pg.QueryResultRow>(
  on: pg.Pool | pg.ClientBase,
  config: pg.QueryConfig,
): Promise<pg.QueryResult<Row>> {
  const { name } = config
  if (name === undefined) return on.query<Row>(config)
  const query = new NamedQuery<Row>({ ...config, name }, types)
  try {
    return await new Promise((resolve, reject) => {
      const callback: NamedQuery<Row>['callback'] = (error, result) =>
        error ? reject(error) : resolve(result as pg.QueryResult<Row>)
      // The driver's types do not know that what is submitted may come with a callback.
      const submit = on.query as (query: NamedQuery<Row>, values: undefined, callback: unknown) => void
      submit.call(on, query, undefined, callback)
    })
  } catch (error) {
    // Whoever reads the log wants to know who has asked, not which byte of the answer said so.
    if (error instanceof Error) Error.captureStackTrace(error)
    throw error
  }
}

function runTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  return checkedOut(pool, async (client) => {
    await client.query('begin')
    const tx = { query: (config: pg.QueryConfig) => run(client, config) } as unknown as Tx
    const result = await work(tx)
    await client.query('commit')
    return result
  })
}

/**
 * A connection that dies while it is out says so by an event, and one nobody listens to would end the process. It is
 * not put back into the pool, and neither is one that cannot even roll back.
 */
async function checkedOut<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    return await work(client)
  } catch (error) {
    // One that has not answered would not answer this either, and not before as much time again.
    if (error instanceof Error && error.message === NO_ANSWER) broken = error
    // Outside a transaction this does nothing but ask whether the connection still answers.
    else await client.query('rollback').catch(onError)
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/**
 * Whether PostgreSQL has rolled a statement back and goes on: nothing of it has happened. A broken rule or a value that is none
 * (22, 23, P0), a conflict with others (40), a lock that was not got in time (55), a statement that took too long (57014). Not
 * the end of a connection, after which nobody knows what has happened.
 */
export function wasRolledBack(error: unknown): boolean {
  return /^(22|23|40|55|P0|57014)/.test(sqlState(error) ?? '')
}

/** The SQLSTATE of a PostgreSQL error, such as `23505`; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/** The constraint or index that a PostgreSQL error says was broken. */
export function brokenConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.constraint : undefined
}
