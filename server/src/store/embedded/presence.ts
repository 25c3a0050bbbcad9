import pg from 'pg'
import type { Endpoint } from './endpoint.ts'
import { codeOf } from './error.ts'

/**
 * One connection that says "somebody uses this server": it holds an advisory lock, shared with the other
 * Tradepost processes. It dies with its process, so the server forgets nobody and waits for nobody dead.
 */
export interface Presence {
  readonly hasDatabase: boolean
  createDatabase(): Promise<void>
  /** Takes the lock that only one process can have, until this connection ends; `as` tells the others who it is. */
  tryClaim(as: string): Promise<boolean>
  /** What the process that has it said to be; undefined when there is none, or it said nothing. */
  findClaimant(): Promise<string | undefined>
  /** Gives up its share. True if it was the last one: from then on nobody gets in, and the server is ours to stop. */
  tryBeLast(): Promise<boolean>
  onLost(listener: () => void): void
  close(): Promise<void>
}

/** What a knock at the server's door finds. */
export type Knock =
  | { is: 'in'; presence: Presence }
  | { is: 'nobody' } // no server
  | { is: 'wait'; why: string } // a server that cannot let us in yet, or any more
  | { is: 'error'; error: Error }

/** The application's database; presence itself is kept in `postgres`, which is always there. */
export const DATABASE = 'tradepost'

// Two-part advisory locks; the first part is "TRAD" in ASCII.
const PRESENT = '1414676804, 1'
const SERVING = '1414676804, 2'
/** Stands before what a server says of itself. PostgreSQL cuts an application's name off at 63 bytes. */
const SERVES_AS = 'tradepost serving: '

/** Comes in, if the server is there and nobody is about to stop it. */
export async function knock(endpoint: Endpoint): Promise<Knock> {
  const client = new pg.Client({
    ...endpoint.client,
    database: 'postgres',
    application_name: 'tradepost presence',
    connectionTimeoutMillis: 10_000,
  })
  client.on('error', () => {}) // what went wrong, the pending call or `end` tells
  try {
    await client.connect()
    const found = await client.query<{ present: boolean; has_database: boolean }>(
      `select pg_try_advisory_lock_shared(${PRESENT}) as present,
              exists (select from pg_database where datname = '${DATABASE}') as has_database`,
    )
    const [row] = found.rows
    if (row?.present) return { is: 'in', presence: presenceOf(client, row.has_database) }
    await client.end()
    return { is: 'wait', why: 'the database is shutting down' }
  } catch (error) {
    await client.end().catch(() => {})
    return refusal(error as Error)
  }
}

function refusal(error: Error): Knock {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return { is: 'nobody' }
  // cannot_connect_now: "the database system is starting up", "… shutting down", "… in recovery mode"
  if (code === '57P03') return { is: 'wait', why: error.message.replace('database system', 'database') }
  if (code === '53300') return { is: 'wait', why: 'all connections of the database are in use' }
  // A server that stops while we come in says so, resets the connection, or falls silent, which the driver words freely.
  const isBrokenOff = code === undefined || ['57P01', '57P02', 'ECONNRESET', 'EPIPE', 'EAGAIN'].includes(code)
  if (isBrokenOff) return { is: 'wait', why: `the database does not let us in yet (${error.message})` }
  return { is: 'error', error }
}

function presenceOf(client: pg.Client, hasDatabase: boolean): Presence {
  async function isTrue(expression: string): Promise<boolean> {
    const { rows } = await client.query<{ answer: boolean }>(`select ${expression} as answer`)
    return rows[0]?.answer === true
  }
  return {
    hasDatabase,
    async createDatabase() {
      try {
        await client.query(`create database ${DATABASE} template template0`)
      } catch (error) {
        const isThereNow = codeOf(error) === '42P04' || codeOf(error) === '23505'
        if (!isThereNow) throw error // otherwise another process was faster
      }
    },
    async tryClaim(as) {
      if (!(await isTrue(`pg_try_advisory_lock(${SERVING})`))) return false
      await client.query(`select set_config('application_name', $1, false)`, [SERVES_AS + as])
      return true
    },
    async findClaimant() {
      const { rows } = await client.query<{ name: string }>(
        `select a.application_name as name from pg_locks l join pg_stat_activity a on a.pid = l.pid
          where l.locktype = 'advisory' and (l.classid, l.objid, l.objsubid) = (${SERVING}, 2) and l.granted`,
      )
      const [, as] = rows[0]?.name.split(SERVES_AS) ?? []
      return as || undefined
    },
    async tryBeLast() {
      await client.query(`select pg_advisory_unlock_shared(${PRESENT})`)
      // From here on another one may be the last and stop the server under us.
      return isTrue(`pg_try_advisory_lock(${PRESENT})`).catch(() => false)
    },
    onLost: (listener) => void client.once('end', listener),
    close: () => client.end().catch(() => {}),
  }
}
