import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { isRunning } from '../../server/src/store/embedded/process-id.ts'

/** What `embedded-owner.mjs` says. */
export interface OwnerLine {
  progress?: string
  wasRunning?: boolean
  isServing?: boolean
  left?: boolean
  error?: string
}

/** Another Tradepost process beside the test's own, with a part in the same database. */
export interface Owner {
  readonly joined: OwnerLine
  readonly progress: readonly string[]
  /** kill -9 */
  kill(): Promise<void>
  leave(): Promise<void>
}

/** A data directory for one test; whatever server is left in it at the end is killed. */
export function makeDataDir(subdirectory = ''): string {
  const top = fs.mkdtempSync(path.join(os.tmpdir(), 'tradepost-test-'))
  const dataDir = path.join(top, subdirectory)
  onTestFinished(() => {
    const pid = postmasterOf(dataDir)
    if (pid && isRunning(pid)) process.kill(pid, 'SIGKILL')
    fs.rmSync(top, { recursive: true, force: true })
  })
  return dataDir
}

/** The server's process id, as its lock file has it. */
export function postmasterOf(dataDir: string): number | undefined {
  const file = path.join(dataDir, 'postgres/postmaster.pid')
  return fs.existsSync(file) ? Number.parseInt(fs.readFileSync(file, 'utf8'), 10) : undefined
}

export async function startOwner(dataDir: string): Promise<Owner> {
  const script = path.resolve(import.meta.dirname, 'embedded-owner.mjs')
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  const progress: string[] = []
  const joined = await firstNews(child, progress)
  return {
    joined,
    progress,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async leave() {
      child.stdin?.end()
      await exited
    },
  }
}

async function firstNews(child: ChildProcess, progress: string[]): Promise<OwnerLine> {
  if (!child.stdout) throw new Error('no standard output')
  const lines = createInterface({ input: child.stdout })
  return await new Promise((resolve, reject) => {
    lines.on('line', (text) => {
      const line = JSON.parse(text) as OwnerLine
      if (line.progress) progress.push(line.progress)
      else resolve(line)
    })
    lines.on('close', () => reject(new Error('it ended without a word')))
  })
}

/** One answer of the database, on a connection of its own. */
export async function ask(connection: pg.ClientConfig, sql: string): Promise<unknown> {
  const client = new pg.Client(connection)
  await client.connect()
  const { rows } = await client.query({ text: sql, rowMode: 'array' }).finally(() => client.end())
  return (rows as unknown[][])[0]?.[0]
}
