import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type pg from 'pg'
import { joinEmbeddedPostgres } from '../../server/src/store/embedded/index.ts'

/** The PostgreSQL server that a test run uses. */
export interface TestServer {
  /** A database to give orders from, such as `create database`. */
  readonly connection: pg.ClientConfig
  readonly description: string
  stop(): Promise<void>
}

/** The server of TEST_DATABASE_URL or DATABASE_URL; without them an embedded one that nobody else sees. */
export async function startTestServer(): Promise<TestServer> {
  const url = process.env.TEST_DATABASE_URL ?? process.env.DATABASE_URL
  if (url) {
    return {
      connection: { connectionString: url },
      description: 'the PostgreSQL of the given URL',
      stop: async () => {},
    }
  }
  removeLeftovers()
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), PREFIX))
  const postgres = await joinEmbeddedPostgres({
    dataDir,
    onProgress: () => {},
    // Test data need not outlive a power cut.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
  })
  // Whoever breaks the tests off leaves no server behind; its directory goes with the leftovers.
  process.once('exit', () => endServer(path.join(dataDir, 'postgres/postmaster.pid')))
  return {
    connection: postgres.connection,
    description: 'the embedded PostgreSQL',
    async stop() {
      await postgres.leave()
      fs.rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function endServer(pidFile: string): void {
  if (fs.existsSync(pidFile)) process.kill(Number.parseInt(fs.readFileSync(pidFile, 'utf8'), 10), 'SIGINT')
}

const PREFIX = 'tradepost-test-'
const DAY_MS = 86_400_000

/** Directories that killed runs have left behind. */
function removeLeftovers(): void {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const directory = path.join(os.tmpdir(), name)
    if (!name.startsWith(PREFIX)) continue
    const age = Date.now() - (fs.statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > DAY_MS) fs.rmSync(directory, { recursive: true, force: true })
  }
}
