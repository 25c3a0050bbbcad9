import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

export interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

type Settings = Readonly<Record<string, string>>

/** What a stranger's shell has, and the settings of the test: nothing of the test run's own. */
function environment(settings: Settings): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env
  return { PATH, HOME, TMPDIR, ...settings }
}

/** Runs `tradepost …` to its end. */
export async function tradepost(args: readonly string[], settings: Settings): Promise<Run> {
  return endOf(spawnTradepost(args, settings))
}

function spawnTradepost(args: readonly string[], settings: Settings): ChildProcess {
  return spawn(process.execPath, [join(ROOT, 'server/bin/tradepost.mjs'), ...args], { env: environment(settings) })
}

async function endOf(child: ChildProcess): Promise<Run> {
  const output = collect(child)
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, stdout: output.stdout, stderr: output.stderr }
}

/** The same for somebody who reads nothing of what it says, as `| head -0`; what it complains of is kept. */
export async function tradepostUnread(args: readonly string[], settings: Settings): Promise<Omit<Run, 'stdout'>> {
  const child = spawnTradepost(args, settings)
  child.stdout?.destroy()
  const { status, stderr } = await endOf(child)
  return { status, stderr }
}

export interface StartedProgram {
  readonly child: ChildProcess
  readonly output: { readonly stdout: string; readonly stderr: string }
  /** Resolves when it says that it is ready; rejects when it ends before. */
  readonly ready: Promise<void>
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** Starts what is behind `npm start`; the test ends it, or it is killed. */
export function start(settings: Settings): StartedProgram {
  const program = startProgram(settings)
  onTestFinished(() => void program.child.kill('SIGKILL'))
  return program
}

/** For all tests of a file: who starts it has to end it. */
export function startProgram(settings: Settings): StartedProgram {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/start.mjs')], { cwd: ROOT, env: environment(settings) })
  const output = collect(child)
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', () => output.stdout.includes('is ready') && resolve())
    void ended.then(() => reject(new Error(`it ended before it was ready:\n${output.stdout}${output.stderr}`)))
  })
  ready.catch(() => {})
  return { child, output, ready, ended }
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => {
    output.stdout += chunk
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    output.stderr += chunk
  })
  return output
}
