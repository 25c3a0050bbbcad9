import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { Cluster } from './cluster.ts'
import { OWNER } from './endpoint.ts'
import { codeOf, EmbeddedPostgresError } from './error.ts'
import { isRunning } from './process-id.ts'
import { cannotRun, nameFor, programOf } from './program.ts'

/** For a laptop or a small server. Written to postgresql.conf once: from then on they are the operator's to change. */
const INITIAL_SETTINGS = {
  max_connections: '60',
  shared_buffers: '128MB',
  wal_compression: 'on',
  random_page_cost: '1.1',
  jit: 'off', // our statements are short: compiling them costs more than it saves
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_error_verbosity: 'terse', // the details of a refused row hold what customers wrote
  log_checkpoints: 'off', // a line every few minutes would bury the ones that matter
}

/** Directories this process is working on, so that it does not take them for leftovers. */
const underway = new Set<string>()

/** Makes the database beside its place and then renames it: whoever pulls the plug half-way leaves nothing half-made. */
export async function createCluster(cluster: Cluster): Promise<void> {
  const { dir, account } = cluster
  removeLeftovers(dir)
  const unfinished = `${dir}.new-${process.pid}-${randomBytes(4).toString('hex')}`
  underway.add(unfinished)
  try {
    fs.mkdirSync(unfinished, { mode: 0o700 })
    if (account) fs.lchownSync(unfinished, account.uid, account.gid)
    await initialise(cluster, unfinished)
    fs.renameSync(unfinished, dir)
  } catch (error) {
    fs.rmSync(unfinished, { recursive: true, force: true })
    if (fs.existsSync(path.join(dir, 'PG_VERSION'))) return // another process was faster
    if (error instanceof EmbeddedPostgresError) throw error
    const isTaken = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error) ?? '')
    const why = isTaken ? 'something else is there; move it away' : (error as Error).message
    throw new EmbeddedPostgresError(`The database cannot be created in ${dir}: ${why}`)
  } finally {
    underway.delete(unfinished)
  }
}

async function initialise(cluster: Cluster, directory: string): Promise<void> {
  const { command, options } = programOf(cluster, 'initdb', directory)
  const args = [
    ...['-D', nameFor(cluster, directory), '--username', OWNER, '--encoding=UTF8', '--data-checksums'],
    // Sorts and folds the same on every system, whatever locales it has.
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ...cluster.endpoint.initdbArgs,
    ...Object.entries(INITIAL_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const listen = (chunk: Buffer) => {
    said += chunk
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  await new Promise<void>((resolve, reject) => {
    child.on('error', (error) => reject(cannotRun(cluster, error)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new EmbeddedPostgresError(`The database could not be created (${signal ?? code}):\n${said.trim()}`))
    })
  })
}

/** What killed processes have left: named `postgres.new-<pid>-…`. */
function removeLeftovers(dir: string): void {
  const prefix = `${path.basename(dir)}.new-`
  for (const name of fs.readdirSync(path.dirname(dir))) {
    if (!name.startsWith(prefix)) continue
    const leftover = path.join(path.dirname(dir), name)
    const maker = Number.parseInt(name.slice(prefix.length), 10)
    if (maker === process.pid ? underway.has(leftover) : isRunning(maker)) continue
    fs.rmSync(leftover, { recursive: true, force: true })
  }
}
