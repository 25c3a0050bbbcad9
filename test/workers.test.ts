import { spawnSync } from 'node:child_process'
import { Agent, type IncomingMessage, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { freePort } from '../scripts/free-port.mjs'
import { ensureBuilt } from '../scripts/setup/build.mjs'
import { readConfig } from '../server/src/config.ts'
import { DEMO_CUSTOMER } from '../server/src/demo.ts'
import { connectStore } from '../server/src/store/connect.ts'
import { isRunning } from '../server/src/store/embedded/process-id.ts'
import { freshDatabase } from './support/database.ts'
import { makeDataDir, postmasterOf } from './support/embedded.ts'
import { start } from './support/program.ts'
import { ShopClient } from './support/shop-client.ts'

// Several processes that share a port, as an operator starts them.

/** As it was built: a worker is a file beside it, which Node runs. */
const PRIMARY = join(import.meta.dirname, '../server/dist/primary.js')

const SOON = { timeout: 20_000, interval: 20 }

function childrenOf({ child }: { child: { pid?: number | undefined } }): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const processes = stdout.split('\n').map((line) => /^ *(\d+) +(\d+) (.*)/.exec(line) ?? [])
  return processes
    .filter(([, , parent, command]) => Number(parent) === child.pid && command?.includes('worker.js'))
    .map(([, pid]) => Number(pid))
}

/** Which worker has answered: each numbers its requests behind a beginning of its own. */
const workerOf = (answer: IncomingMessage) => String(answer.headers['x-request-id']).split('-', 1)[0] ?? ''

function get(port: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, path: '/api/products', timeout: 5_000 }, (answer) =>
      answer.resume().on('end', () => resolve(answer)),
    )
    // A connection that was just being handed to a worker that died (docs/adr/0021).
    sent.on('timeout', () => sent.destroy(new Error('no answer')))
    sent.on('error', reject).end()
  })
}

/** Half of the request is there when `stop` is called. */
function register(port: string, name: string, stop: () => void): Promise<number | undefined> {
  const body = JSON.stringify({ username: name, password: 'obiwansux', email: `${name}@example.com` })
  const headers = { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' }
  return new Promise((resolve, reject) => {
    const sent = request({ port, method: 'POST', path: '/api/register', headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode))
    })
    sent.on('error', reject)
    sent.on('continue', () => {
      sent.write(body.slice(0, 10))
      stop()
      setTimeout(() => sent.end(body.slice(10)), 400)
    })
    sent.flushHeaders()
  })
}

/** Shoppers who hardly rest, each on a connection of their own, or on a new one for each request. */
function shop(port: string, count: number, keepAlive = true) {
  const told = { failed: [] as string[], statuses: new Set<number | undefined>(), workers: new Set<string>() }
  let isOver = false
  const shoppers = Array.from({ length: count }, async () => {
    const agent = new Agent({ keepAlive, maxSockets: 1 })
    let worker = 'none'
    while (!isOver) {
      try {
        const answer = await get(port, agent)
        worker = workerOf(answer)
        told.workers.add(worker)
        told.statuses.add(answer.statusCode)
      } catch {
        told.failed.push(worker)
      }
      await delay(5) // a new worker wants to start
    }
    agent.destroy()
  })
  return {
    told,
    async end() {
      isOver = true
      await Promise.all(shoppers)
    },
  }
}

test('two workers serve; one that is killed is replaced, and only its own requests are lost', async () => {
  const settings = { DATA_DIR: makeDataDir(), PORT: String(await freePort()), DEMO: 'off', WORKERS: '2' }
  const program = start({ ...settings, LOG_LEVEL: 'info' })
  await program.ready
  const postmaster = postmasterOf(settings.DATA_DIR) ?? 0
  const workers = childrenOf(program)
  expect(workers.length).toBe(2)

  const shoppers = shop(settings.PORT, 8)
  const { told } = shoppers
  await vi.waitFor(() => expect(told.workers.size).toBe(2), SOON)
  const [one = 0, other = 0] = workers
  process.kill(one, 'SIGKILL')
  await vi.waitFor(
    () => expect(program.output.stdout).toMatch(/Worker [12] has ended \(SIGKILL\): another takes/),
    SOON,
  )
  await vi.waitFor(() => expect(childrenOf(program).length).toBe(2), SOON)
  const later = shop(settings.PORT, 2, false)
  await vi.waitFor(() => expect(later.told.workers.size).toBe(2), SOON)
  await Promise.all([shoppers.end(), later.end()])
  const living = [...told.workers].filter((worker) => later.told.workers.has(worker))
  expect([told.workers.size, living.length]).toEqual([2, 1])
  // Nobody who was served by the one that lives has noticed, and nobody who came afterwards.
  expect([...told.failed.filter((worker) => living.includes(worker)), ...later.told.failed]).toEqual([])
  expect([...told.statuses, ...later.told.statuses]).toEqual([200, 200])
  expect(childrenOf(program)).toContain(other)
  for (const number of [1, 2]) expect(program.output.stdout).toContain(`"worker":${number},`)

  const now = childrenOf(program)
  program.child.kill('SIGTERM')
  expect(await program.ended).toEqual({ code: 0, signal: null })
  expect([...now, postmaster].filter(isRunning)).toEqual([])
  expect(program.output.stderr).toBe('')
}, 60_000)

test('a running request is finished before its worker ends, and before all end', async () => {
  const database = await freshDatabase()
  const port = String(await freePort())
  const settings = { DATABASE_URL: database.url, PORT: port, DATA_DIR: makeDataDir(), DEMO: 'off', WORKERS: '2' }
  const program = start(settings)
  await program.ready
  const workers = childrenOf(program)
  const stopWorkers = () => {
    for (const pid of workers) process.kill(pid, 'SIGTERM')
  }
  expect(await register(port, 'anna', stopWorkers)).toBe(200)
  await vi.waitFor(() => expect(childrenOf(program).filter((pid) => !workers.includes(pid)).length).toBe(2), SOON)
  await vi.waitFor(() => expect(program.output.stdout.match(/has ended \(status 0\)/g)?.length).toBe(2), SOON)
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200), SOON)
  expect(await register(port, 'jan', () => program.child.kill('SIGTERM'))).toBe(200)
  expect((await program.ended).code).toBe(0)
  await database.drop()
}, 60_000)

test('when the primary is killed, a running request is finished, and neither workers nor the database stay behind', async () => {
  const settings = { DATA_DIR: makeDataDir(), PORT: String(await freePort()), DEMO: 'off', WORKERS: '2' }
  const program = start(settings)
  await program.ready
  const workers = childrenOf(program)
  const postmaster = postmasterOf(settings.DATA_DIR) ?? 0
  expect([...workers, postmaster].filter(isRunning).length).toBe(3)
  expect(await register(settings.PORT, 'anna', () => program.child.kill('SIGKILL'))).toBe(200)
  await vi.waitFor(() => expect([...workers, postmaster].filter(isRunning)).toEqual([]), SOON)
  await checkFreed(settings)
}, 60_000)

/** Another one starts on the same data and the same port. */
async function checkFreed(settings: Readonly<Record<string, string>>): Promise<void> {
  const another = start(settings)
  await another.ready
  expect((await fetch(`http://127.0.0.1:${settings.PORT}/health/ready`)).status).toBe(200)
  another.child.kill('SIGTERM')
  expect((await another.ended).code).toBe(0)
}

test('a worker that ends before it serves is tried again, and the other goes on meanwhile', async () => {
  const database = await freshDatabase()
  const port = String(await freePort())
  const settings = { DATABASE_URL: database.url, PORT: port, DATA_DIR: makeDataDir(), DEMO: 'off', WORKERS: '2' }
  const program = start(settings)
  await program.ready
  const [, other = 0] = childrenOf(program)
  const failures = () => program.output.stdout.match(/has ended before it was ready \(SIGKILL\)/g)?.length ?? 0
  await vi.waitFor(async () => {
    for (const pid of childrenOf(program)) if (pid !== other) process.kill(pid, 'SIGKILL')
    expect(failures()).toBe(2)
  }, SOON)
  expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200)
  await vi.waitFor(() => expect(childrenOf(program).length).toBe(2), SOON)
  expect(childrenOf(program)).toContain(other)
  program.child.kill('SIGTERM')
  expect((await program.ended).code).toBe(0)
  await database.drop()
}, 60_000)

test('a worker that hangs is killed and replaced, and the other goes on meanwhile', async () => {
  ensureBuilt()
  const { serveWithWorkers }: typeof import('../server/src/primary.ts') = await import(PRIMARY)
  const database = await freshDatabase()
  const port = String(await freePort())
  const settings = { DATABASE_URL: database.url, PORT: port, DATA_DIR: makeDataDir(), WORKERS: '2', LOG_LEVEL: 'error' }
  const config = { ...readConfig(settings), payuSimulator: false }
  const store = await connectStore({ ...config, poolSize: 1, onProgress: () => {} })
  const said: unknown[] = []
  const terms = { startWithinMs: 30_000, beatMs: 250, silentBeats: 12 }
  const serving = await serveWithWorkers(config, store, (...line) => said.push(line), terms)
  const [one = 0, other = 0] = childrenOf({ child: process })
  // One that is stopped could not end by itself when there is no primary any more.
  onTestFinished(() => {
    for (const pid of childrenOf({ child: process })) process.kill(pid, 'SIGKILL')
  })
  process.kill(one, 'SIGSTOP')
  await vi.waitFor(() => expect(said.length).toBe(2), SOON)
  expect(said).toEqual([
    [expect.stringMatching(/^Worker [12] has not answered for 3 s: it is killed\.$/), 'error'],
    [expect.stringMatching(/^Worker [12] has ended \(SIGKILL\): another takes its place\.$/), 'warn'],
  ])
  const shoppers = shop(port, 2, false)
  await vi.waitFor(() => expect(shoppers.told.workers.size).toBe(2), SOON)
  await shoppers.end()
  expect([[...shoppers.told.statuses], shoppers.told.failed]).toEqual([[200], []])
  const now = childrenOf({ child: process })
  expect([now.length, now.includes(other), isRunning(one)]).toEqual([2, true, false])
  await serving.stop()
  expect([said.length, now.filter(isRunning)]).toEqual([2, []])
  await database.drop()
}, 60_000)

test('the log of production warns of a worker that has ended without being told to', async () => {
  const database = await freshDatabase()
  const production = {
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://shop.example',
    SECRET_KEY: 'k'.repeat(32),
    MAIL_TO_FOLDER: 'on',
  }
  const place = { DATABASE_URL: database.url, PORT: String(await freePort()), DATA_DIR: makeDataDir() }
  const program = start({ ...production, ...place, WORKERS: '2' })
  const lines = () => program.output.stdout.split('\n').filter((line) => line.includes('"msg":"'))
  const told = (words: string) =>
    lines()
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg.includes(words))
  await vi.waitFor(() => expect(told('serves https://shop.example').length).toBe(1), SOON)
  const [one = 0, other = 0] = childrenOf(program)
  process.kill(one, 'SIGKILL')
  process.kill(other, 'SIGTERM')
  await vi.waitFor(() => expect(told('another takes its place').length).toBe(2), SOON)
  const levels = told('another takes its place').map(({ level, msg }) => [/\((.*)\)/.exec(msg)?.[1], level])
  expect(new Map(levels as [string, number][])).toEqual(
    new Map([
      ['SIGKILL', 40],
      ['status 0', 30],
    ]),
  )
  program.child.kill('SIGTERM')
  expect((await program.ended).code).toBe(0)
  await database.drop()
}, 60_000)

test('a laptop with several processes has one simulator of PayU, which outlives its workers and not the shop', async () => {
  const settings = { DATA_DIR: makeDataDir(), PORT: String(await freePort()), WORKERS: '2' }
  const program = start(settings)
  await program.ready
  expect(program.output.stdout).toMatch(/Workers +2 processes/)
  const books = /no money moves: (\S+\/_simulator)/.exec(program.output.stdout)?.[1] ?? ''
  const shop = `http://127.0.0.1:${settings.PORT}`
  const anna = new ShopClient(shop)
  await anna.post('/api/login', { username: DEMO_CUSTOMER.username, password: DEMO_CUSTOMER.password })
  const { results } = (await anna.get('/api/products')).body
  await anna.post('/api/bucket', { product: results[0].uuid, quantity: 1 })
  const { order_uuid: order } = (await anna.post('/api/orders', {})).body
  const chosen = await anna.post(`/api/orders/${order}/payment`, { method: 'card' })
  expect(chosen.status).toBe(200)
  expect(new URL(chosen.body.redirect_uri).origin).toBe(new URL(books).origin)
  expect((await fetch(books)).status).toBe(200)
  program.child.kill('SIGTERM')
  expect((await program.ended).code).toBe(0)
  await expect(fetch(books)).rejects.toThrow('fetch failed')
}, 60_000)

test('a port that is taken is told in words, once, and nobody stays behind', async () => {
  const database = await freshDatabase()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const settings = {
    DATABASE_URL: database.url,
    PORT: String(port),
    DATA_DIR: makeDataDir(),
    DEMO: 'off',
    WORKERS: '2',
  }
  const program = start(settings)
  expect((await program.ended).code).toBe(1)
  expect(program.output.stderr).toBe(`Port ${port} on 127.0.0.1 is taken. Stop what uses it, or set PORT to another.\n`)
  expect(childrenOf(program)).toEqual([])
  other.close()
  await database.drop()
})
