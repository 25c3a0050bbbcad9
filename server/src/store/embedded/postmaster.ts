import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import { codeOf, EmbeddedPostgresError } from './error.ts'
import { isPostmasterOf, lockHolder } from './lock-file.ts'
import type { LogFile } from './log-file.ts'
import { isRunning } from './process-id.ts'
import { cannotRun, nameFor, programOf } from './program.ts'

/** A server process on its way up. */
export interface Starting {
  /** Whether it runs; else why not: another server has the directory, somebody has stopped it, or what it said. */
  verdict(): 'running' | 'locked' | 'stopped' | Error
}

/** PostgreSQL's ways to say that another server has, or had until just now, this directory. */
const LOCKED = /lock file ".*" (already exists|is empty)|shared memory block .* is still in use|could not bind Unix/

/**
 * Starts the server in a session of its own: a Ctrl-C in the terminal is for us, who then stop it in order,
 * and it outlives us while other Tradepost processes use it.
 */
export function startPostmaster(cluster: Cluster, log: LogFile, settings: Record<string, string>): Starting {
  cluster.endpoint.prepare()
  const logStart = log.size()
  const { command, options } = programOf(cluster, 'postgres', cluster.dir)
  const args = [
    ...['-D', nameFor(cluster, cluster.dir), ...cluster.endpoint.serverArgs],
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', log.fd, log.fd] })
  let spawnError: Error | undefined
  child.on('error', (error) => {
    spawnError = cannotRun(cluster, error)
  })
  child.unref()
  return { verdict: () => spawnError ?? verdictOf(child, log.since(logStart), log.path) }
}

function verdictOf(child: ChildProcess, said: string, logPath: string): ReturnType<Starting['verdict']> {
  if (child.exitCode === null && child.signalCode === null) return 'running'
  if (child.exitCode === 0) return 'stopped'
  if (LOCKED.test(said)) return 'locked'
  const ending = child.signalCode ?? `exit code ${child.exitCode}`
  const lastLines = said.trimEnd().split('\n').slice(-20).join('\n')
  return new EmbeddedPostgresError(`PostgreSQL did not start (${ending}). The end of ${logPath}:\n${lastLines}`)
}

const FAST_STOP_MS = 60_000
const HARD_STOP_MS = 10_000

/** Stops the server in order: open transactions are rolled back, everything is written. Resolves when it is gone. */
export async function stopPostmaster(cluster: Cluster): Promise<void> {
  const pid = lockHolder(cluster)
  // Another machine or container may share the directory: its process ids mean nothing here.
  if (pid === undefined || !isPostmasterOf(cluster, pid)) return
  for (const [signal, patienceMs] of [['SIGINT', FAST_STOP_MS] as const, ['SIGQUIT', HARD_STOP_MS] as const]) {
    send(cluster, pid, signal)
    if (await isGone(pid, patienceMs)) return cluster.endpoint.tidyUp()
  }
  throw new EmbeddedPostgresError(`The database server (process ${pid}) does not stop; look at it before you end it`)
}

/** SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one: that loses nothing, but the next start takes longer. */
function send(cluster: Cluster, pid: number, signal: 'SIGINT' | 'SIGQUIT'): void {
  try {
    if (process.platform !== 'win32') {
      process.kill(pid, signal)
      return
    }
    const { command, options } = programOf(cluster, 'pg_ctl', cluster.dir)
    const mode = signal === 'SIGINT' ? 'fast' : 'immediate'
    execFileSync(command, ['stop', '-D', cluster.dir, '-m', mode, '-W'], { ...options, stdio: 'ignore' })
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error // gone already
  }
}

async function isGone(pid: number, withinMs: number): Promise<boolean> {
  for (const end = Date.now() + withinMs; Date.now() < end; await delay(10)) {
    if (!isRunning(pid)) return true
  }
  return false
}
