import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { Cluster } from './cluster.ts'
import { codeOf } from './error.ts'

/** The process that the cluster's lock file names, be it alive or not. */
export function lockHolder(cluster: Cluster): number | undefined {
  const pid = Number.parseInt(readLock(cluster) ?? '', 10)
  return pid > 0 ? pid : undefined
}

/** Whether the process is alive and a server of this very cluster: process ids are given out again. */
export function isPostmasterOf(cluster: Cluster, pid: number): boolean {
  try {
    if (process.platform === 'linux') {
      // A server works inside its cluster. A zombie works nowhere.
      const [its, ours] = [fs.statSync(`/proc/${pid}/cwd`), fs.statSync(cluster.dir)]
      return its.dev === ours.dev && its.ino === ours.ino
    }
    process.kill(pid, 0)
    if (process.platform === 'win32') return true
    return execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).includes('postgres')
  } catch {
    return false
  }
}

/**
 * Frees the way when the lock file is stale but PostgreSQL cannot tell: its process id may belong to another process
 * by now, or the power went while it was written. Call it only when the lock has been in the way for a while:
 * a server that is just starting writes the same file.
 */
export function releaseStaleLock(cluster: Cluster): void {
  const holder = lockHolder(cluster)
  if (holder !== undefined && isPostmasterOf(cluster, holder)) return
  cluster.endpoint.removeSocketLock()
  if (holder === undefined) {
    fs.rmSync(lockPath(cluster), { force: true })
    return
  }
  // PostgreSQL takes a lock held by its own parent for stale, yet still looks whether old backends use the
  // shared memory that the file names. So the file is not removed but put in our name.
  const [, ...others] = (readLock(cluster) ?? '').split('\n')
  const ours = `${lockPath(cluster)}.${process.pid}`
  fs.rmSync(ours, { force: true })
  fs.writeFileSync(ours, [process.pid, ...others].join('\n'), { mode: 0o600, flag: 'wx' })
  if (cluster.account) fs.lchownSync(ours, cluster.account.uid, cluster.account.gid)
  fs.renameSync(ours, lockPath(cluster))
}

function readLock(cluster: Cluster): string | undefined {
  try {
    return fs.readFileSync(lockPath(cluster), 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function lockPath(cluster: Cluster): string {
  return path.join(cluster.dir, 'postmaster.pid')
}
