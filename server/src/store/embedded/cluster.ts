import fs from 'node:fs'
import path from 'node:path'
import { accountFor } from './account.ts'
import { type Binaries, findBinaries, reachableBinaries } from './binaries.ts'
import { createCluster } from './create-cluster.ts'
import { type Endpoint, loopbackEndpoint, socketEndpoint } from './endpoint.ts'
import { EmbeddedPostgresError, USE_DATABASE_URL } from './error.ts'
import type { Runner } from './program.ts'

/** One database directory (PostgreSQL calls it a cluster), and what is settled before a server runs in it. */
export interface Cluster extends Runner {
  readonly dir: string
  readonly endpoint: Endpoint
}

/** Finds the database of `dataDir`, or makes a new one. */
export async function prepareCluster(
  dataDir: string,
  transport: 'socket' | 'loopback',
  onProgress: (line: string) => void,
): Promise<Cluster> {
  const home = makeDirectory(dataDir)
  const dir = clusterDir(home)
  const account = accountFor(home, dir)
  const found = findBinaries()
  const isNew = !fs.existsSync(path.join(dir, 'PG_VERSION'))
  if (!isNew) refuseOtherMajor(dir, found)
  const cluster = {
    dir,
    account,
    binaries: account ? reachableBinaries(found, account, onProgress) : found,
    endpoint: transport === 'socket' ? socketEndpoint(dir, account) : await loopbackEndpoint(home, account),
  }
  if (isNew) {
    onProgress(`Creating a database in ${dir}${account ? `, run as user ${account.name}` : ''} (once)`)
    await createCluster(cluster)
  }
  return cluster
}

/** Whether `dataDir` has a database already, or the beginnings of one. */
export function hasCluster(dataDir: string): boolean {
  return fs.existsSync(clusterDir(dataDir))
}

function clusterDir(dataDir: string): string {
  return path.join(dataDir, 'postgres')
}

function makeDirectory(directory: string): string {
  try {
    fs.mkdirSync(directory, { recursive: true })
    return fs.realpathSync(directory)
  } catch (error) {
    throw new EmbeddedPostgresError(`The data directory cannot be used: ${(error as Error).message}`)
  }
}

function refuseOtherMajor(dir: string, binaries: Binaries): void {
  const major = fs.readFileSync(path.join(dir, 'PG_VERSION'), 'utf8').trim()
  if (major === binaries.major) return
  throw new EmbeddedPostgresError(
    [
      `The database in ${dir} was made by PostgreSQL ${major}; this Tradepost brings PostgreSQL ${binaries.major}, which cannot read it.`,
      'Nothing has been changed. To move on: with the Tradepost that made it, dump the database (pg_dump); put that directory',
      'aside; start this Tradepost once, so that it makes a new one; stop it and restore the dump (psql).',
      USE_DATABASE_URL,
    ].join('\n'),
  )
}
