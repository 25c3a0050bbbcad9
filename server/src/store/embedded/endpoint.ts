import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import type pg from 'pg'
import type { Account } from './account.ts'
import { EmbeddedPostgresError } from './error.ts'

export const OWNER = 'tradepost'

/** Where the server listens and how to get in: nobody but its owner and root can. */
export interface Endpoint {
  /** Everything but the database's name. Nothing is left to PGPORT, PGSSLMODE and the like. */
  readonly client: pg.ClientConfig
  readonly initdbArgs: readonly string[]
  readonly serverArgs: readonly string[]
  /** Makes and checks what both sides need to meet safely. */
  prepare(): void
  /** Removes the socket's lock file, which a crashed server has left. */
  removeSocketLock(): void
  /** Removes it when the server has stopped. */
  tidyUp(): void
}

const PORT = 5432
/** Longest path of a Unix socket: 107 bytes on Linux, 103 on macOS. */
const SOCKET_PATH_MAX = 103

/** A Unix socket in the cluster's own directory, which is 0700: who can open it may come in. */
export function socketEndpoint(clusterDir: string, account: Account | undefined): Endpoint {
  const fits = Buffer.byteLength(path.join(clusterDir, `.s.PGSQL.${PORT}`)) <= SOCKET_PATH_MAX
  const elsewhere = privateDirectoryFor(clusterDir)
  const host = fits ? clusterDir : elsewhere
  return {
    client: { host, port: PORT, user: OWNER, ssl: false },
    initdbArgs: ['--auth-local=trust', '--auth-host=reject'],
    // The server's working directory is the cluster: '.' is right even where it may not enter the directories above.
    serverArgs: ['-c', 'listen_addresses=', '-c', `port=${PORT}`, '-k', fits ? '.' : elsewhere],
    prepare: () => {
      if (!fits) claimPrivateDirectory(elsewhere, account)
    },
    removeSocketLock: () => fs.rmSync(path.join(host, `.s.PGSQL.${PORT}.lock`), { force: true }),
    tidyUp: () => {
      if (!fits) removeIfEmpty(elsewhere)
    },
  }
}

/** In /tmp whatever TMPDIR says, which differs between sessions: every process of this cluster must find it. */
function privateDirectoryFor(clusterDir: string): string {
  return `/tmp/tradepost-${createHash('sha256').update(clusterDir).digest('hex').slice(0, 20)}`
}

/** Anyone can make directories in /tmp; only one that is private to the database's owner will do. */
function claimPrivateDirectory(directory: string, account: Account | undefined): void {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (account && fs.lstatSync(directory).uid === 0) fs.lchownSync(directory, account.uid, account.gid)
  const found = fs.lstatSync(directory)
  const owner = account?.uid ?? process.getuid?.()
  if (found.isDirectory() && found.uid === owner && (found.mode & 0o077) === 0) return
  throw new EmbeddedPostgresError(
    `The database's socket should lie in ${directory}, as the path of the data directory is too long for one,\n` +
      `but that is not a directory private to the database's owner. Remove it, or choose a shorter DATA_DIR.`,
  )
}

function removeIfEmpty(directory: string): void {
  try {
    fs.rmdirSync(directory)
  } catch {
    // somebody is starting the server again, or has tidied up before us
  }
}

/** TCP on 127.0.0.1 with a password kept beside the cluster: for Windows, where Node knows no Unix sockets. */
export async function loopbackEndpoint(dataDir: string, account: Account | undefined): Promise<Endpoint> {
  const file = path.join(dataDir, 'postgres.password')
  const note = path.join(dataDir, 'postgres.port')
  if (!fs.existsSync(file)) writeOnce(file, randomBytes(24).toString('base64url'))
  if (account) fs.lchownSync(file, account.uid, account.gid) // initdb reads it
  if (!fs.existsSync(note)) writeOnce(note, String(await freePort()))
  const port = Number(fs.readFileSync(note, 'utf8'))
  return {
    client: { host: '127.0.0.1', port, user: OWNER, password: fs.readFileSync(file, 'utf8'), ssl: false },
    initdbArgs: ['--auth=scram-sha-256', `--pwfile=${file}`],
    serverArgs: ['-c', 'listen_addresses=127.0.0.1', '-c', `port=${port}`, '-c', 'unix_socket_directories='],
    prepare: () => {},
    removeSocketLock: () => {},
    tidyUp: () => {},
  }
}

/** Whole or not at all, and the first of two racing processes wins. */
function writeOnce(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}`
  fs.writeFileSync(unfinished, text, { mode: 0o600 })
  try {
    fs.linkSync(unfinished, file)
  } catch (error) {
    if (!fs.existsSync(file)) throw error
  } finally {
    fs.rmSync(unfinished, { force: true })
  }
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as net.AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
