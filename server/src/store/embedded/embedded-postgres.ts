import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { prepareCluster } from './cluster.ts'
import { enter } from './enter.ts'
import { openLogFile } from './log-file.ts'
import { stopPostmaster } from './postmaster.ts'
import { DATABASE } from './presence.ts'

export interface JoinOptions {
  /** The database lies in `postgres` in it, the server's words in `postgres.log`. Made if it is missing. */
  readonly dataDir: string
  /** Told what takes time and what goes wrong, in lines for whoever sits at the terminal. */
  readonly onProgress: (line: string) => void
  /** PostgreSQL's own settings, for a server that we have to start. */
  readonly settings?: Record<string, string>
  /** A Unix socket where Node knows them; TCP on 127.0.0.1 on Windows. */
  readonly transport?: 'socket' | 'loopback'
}

/** Our part in the PostgreSQL server that all Tradepost processes with one `dataDir` share. */
export interface EmbeddedPostgres {
  /** How to reach the application's database. */
  readonly connection: pg.ClientConfig
  /** Whether it was running before us. */
  readonly wasRunning: boolean
  /**
   * Makes us the one process that serves this `dataDir`; false if another is. Given up with `leave`, or by dying.
   *
   * @param as what the others are told of us, in a few words
   */
  tryClaimServing(as: string): Promise<boolean>
  /** What the one process that serves this `dataDir` says of itself, if anything is known. */
  findServing(): Promise<string | undefined>
  /** Leaves the server; whoever leaves it last stops it. Close your own connections before. */
  leave(): Promise<void>
}

/**
 * Joins the embedded PostgreSQL of a data directory. Starts it if nobody has, makes the database if there is none,
 * waits for one that recovers from a crash, and adopts one whose owner was killed. Should the server die while we
 * use it, it is started again.
 *
 * @throws EmbeddedPostgresError in words for the operator
 */
export async function joinEmbeddedPostgres(options: JoinOptions): Promise<EmbeddedPostgres> {
  const { dataDir, onProgress, settings = {} } = options
  const transport = options.transport ?? (process.platform === 'win32' ? 'loopback' : 'socket')
  const cluster = await prepareCluster(dataDir, transport, onProgress)
  const log = openLogFile(path.join(path.dirname(cluster.dir), 'postgres.log'), cluster.account)

  let leaving: Promise<void> | undefined
  let comingBack: Promise<void> | undefined
  let servesAs: string | undefined
  const entrance = { cluster, log, settings, onProgress, mayStart: () => !leaving }
  let { presence, wasRunning } = await enter(entrance).catch((error) => {
    log.close()
    throw error
  })
  watchPresence()
  log.keepSmall()
  const logKeeper = setInterval(() => log.keepSmall(), 60_000).unref()

  function watchPresence(): void {
    presence.onLost(() => {
      if (leaving) return
      onProgress(`The database has stopped unexpectedly; ${log.path} may tell why`)
      comingBack = comeBack()
    })
  }

  /** The server has died, or somebody has stopped it. */
  async function comeBack(): Promise<void> {
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5_000)) {
      await delay(pauseMs)
      try {
        presence = (await enter(entrance)).presence
        break
      } catch (error) {
        if (leaving) return
        onProgress((error as Error).message)
      }
    }
    watchPresence()
    if (leaving) return
    onProgress('The database is back')
    if (servesAs !== undefined && !(await presence.tryClaim(servesAs)))
      onProgress('Meanwhile another server has taken this data directory!')
  }

  async function isLastToLeave(): Promise<boolean> {
    await comingBack
    try {
      return await presence.tryBeLast()
    } catch {
      await comeBack() // just now the connection broke; the server may live on
      return presence.tryBeLast().catch(() => false)
    }
  }

  async function leave(): Promise<void> {
    clearInterval(logKeeper)
    try {
      if (await isLastToLeave()) await stopPostmaster(cluster)
    } finally {
      await presence.close()
      log.close()
    }
  }

  return {
    connection: { ...cluster.endpoint.client, database: DATABASE },
    wasRunning,
    async tryClaimServing(as) {
      const isOurs = await presence.tryClaim(as)
      servesAs = isOurs ? as : undefined
      return isOurs
    },
    findServing: () => presence.findClaimant(),
    leave() {
      leaving ??= leave()
      return leaving
    },
  }
}
