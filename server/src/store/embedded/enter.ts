import type { Cluster } from './cluster.ts'
import { EmbeddedPostgresError } from './error.ts'
import { releaseStaleLock } from './lock-file.ts'
import type { LogFile } from './log-file.ts'
import { Patience } from './patience.ts'
import { type Starting, startPostmaster } from './postmaster.ts'
import { knock, type Presence } from './presence.ts'

export interface Entrance {
  readonly cluster: Cluster
  readonly log: LogFile
  readonly settings: Record<string, string>
  readonly onProgress: (line: string) => void
  /** Whether to start a server when none is there. */
  readonly mayStart: () => boolean
}

/** How long a lock may be in the way before we look whether it is stale: a server that starts writes it, too. */
const LOCK_IN_THE_WAY_MS = 1_000

/** Knocks at the server's door until it is in, and starts the server if nobody is there. */
export async function enter(entrance: Entrance): Promise<{ presence: Presence; wasRunning: boolean }> {
  const { cluster, onProgress } = entrance
  const patience = new Patience(onProgress)
  let starting: Starting | undefined
  let wasRunning = true
  if (entrance.mayStart()) cluster.endpoint.prepare()
  for (;;) {
    const found = await knock(cluster.endpoint)
    if (found.is === 'in') {
      if (!found.presence.hasDatabase) await found.presence.createDatabase()
      return { presence: found.presence, wasRunning }
    }
    if (found.is === 'error') throw new EmbeddedPostgresError(`The database lets nobody in: ${found.error.message}`)
    if (found.is === 'wait') {
      await patience.wait(found.why)
      continue
    }
    if (!entrance.mayStart()) throw new EmbeddedPostgresError('The database is not running')
    starting ??= startPostmaster(cluster, entrance.log, entrance.settings)
    wasRunning = false
    const verdict = starting.verdict()
    if (verdict instanceof Error) throw verdict
    if (verdict === 'running') await patience.wait('the database does not answer yet')
    if (verdict === 'locked') {
      // Its former processes may take a second or two to die; or another Tradepost is starting it right now.
      const lockedMs = await patience.wait('the database is still locked by a former server', 100)
      if (lockedMs > LOCK_IN_THE_WAY_MS) releaseStaleLock(cluster)
    }
    if (verdict !== 'running') starting = undefined
  }
}
