import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '../scripts/free-port.mjs'
import { type Run, type StartedProgram, startProgram } from './support/program.ts'

// What examples/ promises: each runs against a fresh `npm start`, as whoever reads it would run it.

const ROOT = join(import.meta.dirname, '..')
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
let program: StartedProgram
let settings: Record<string, string>

beforeAll(async () => {
  settings = { DATA_DIR: mkdtempSync(join(tmpdir(), 'tradepost-test-')), PORT: String(await freePort()) }
  program = startProgram(settings)
  await program.ready
})
afterAll(async () => {
  program.child.kill('SIGTERM')
  expect(await program.ended).toEqual({ code: 0, signal: null })
  expect(program.output.stderr).toBe('')
  rmSync(settings.DATA_DIR ?? '', { recursive: true, force: true })
})

/** `node examples/…`, beside the shop. */
async function run(file: string, ...args: string[]): Promise<Run> {
  const { PATH, HOME, TMPDIR } = process.env
  // What npm itself has to remark about a machine is nothing of ours.
  const env = { PATH, HOME, TMPDIR, npm_config_loglevel: 'error', ...settings }
  const address = { BASE_URL: `http://127.0.0.1:${settings.PORT}` }
  const child = spawn(process.execPath, [join(ROOT, 'examples', file), ...args], {
    cwd: ROOT,
    env: { ...env, ...address },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, stdout, stderr }
}

test('the start says where payments go, and what to type there', () => {
  const { stdout } = program.output
  expect(stdout).toContain(`http://127.0.0.1:${settings.PORT}/payu-simulator/_simulator`)
  expect(stdout).toContain('4444 3333 2222 1111')
  expect(stdout).toContain('777123')
})

test.each([
  ['card', 'card'],
  ['payu', 'payu'],
  ['blik', 'payu'],
])('walk-through.mjs --method %s: the buyer is sent away, pays, and comes back', async (name, payment) => {
  const { status, stdout, stderr } = await run('walk-through.mjs', '--method', name)
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^ {3}sent to +http:\/\/127\.0\.0\.1:\d+\/payu-simulator\/pay\/\?orderId=/m)
  expect(stdout).toMatch(
    /^ {3}back at +http:\/\/127\.0\.0\.1:\d+\/payments\/return\/[0-9a-f-]{36}, which says "Paid"$/m,
  )
  expect(orderIn(stdout)).toMatchObject({ status: 'paid', payment_status: 'paid', payment })
})

test('walk-through.mjs --method blik-code: the buyer never leaves the shop', async () => {
  const { status, stdout, stderr } = await run('walk-through.mjs', '--method', 'blik-code')
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).not.toContain('sent to')
  expect(orderIn(stdout)).toMatchObject({ status: 'paid', payment_status: 'paid', payment: 'payu' })
})

test('walk-through.mjs --method transfer: staff confirm it by its title', async () => {
  const { status, stdout, stderr } = await run('walk-through.mjs', '--method', 'transfer')
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/\$ npx tradepost payments confirm TP[0-9A-Z]{9}\nOrder [0-9a-f-]{36} is paid: /)
  expect(orderIn(stdout)).toMatchObject({ status: 'paid', payment_status: 'paid', payment: 'transfer' })
})

test('walk-through.mjs without a method pays by card; one that is not known is told', async () => {
  expect(orderIn((await run('walk-through.mjs')).stdout)).toMatchObject({ status: 'paid', payment: 'card' })
  const { status, stderr } = await run('walk-through.mjs', '--method', 'cash')
  expect([status, stderr]).toEqual([
    1,
    '\nIt did not work: --method is one of card, payu, blik, blik-code, transfer.\n',
  ])
})

test.each(['whoami.mjs', 'accounts.mjs'])('%s runs through', async (file) => {
  const { status, stderr } = await run(file)
  expect([status, stderr]).toEqual([0, ''])
})

test.each(['walk-through.mjs', 'whoami.mjs', 'accounts.mjs'])('%s explains itself', async (file) => {
  expect(await run(file, '--help')).toEqual({
    status: 0,
    stdout: expect.stringContaining(`node examples/${file}`),
    stderr: '',
  })
})

/** The order that the walk ends with. */
function orderIn(stdout: string): unknown {
  return JSON.parse(/^\{\n.*^\}$/ms.exec(stdout)?.[0] ?? 'null')
}
