import { request } from 'node:http'
import { createServer } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { freePort } from '../scripts/free-port.mjs'
import { isRunning } from '../server/src/store/embedded/process-id.ts'
import { freshDatabase } from './support/database.ts'
import { makeDataDir, postmasterOf } from './support/embedded.ts'
import { start } from './support/program.ts'
import { ShopClient } from './support/shop-client.ts'

// The program as an operator starts it, in a process of its own.

const settingsFor = async (dataDir: string) => ({ DATA_DIR: dataDir, PORT: String(await freePort()) })

describe('on an empty directory', () => {
  test('sets itself up, fills the shop, and a second start finds everything', async () => {
    const settings = await settingsFor(makeDataDir())
    const shop = new ShopClient(`http://127.0.0.1:${settings.PORT}`)

    const first = start(settings)
    await first.ready
    expect(first.output.stdout).toContain('Filling the empty shop with the demo catalogue')
    expect(first.output.stdout).toContain('username demo, password tradepost')
    expect((await shop.get('/api/products')).body.count).toBeGreaterThanOrEqual(60)
    const [product] = (await shop.get('/api/products?page_size=1')).body.results
    expect((await shop.get(`/api/products/${product.uuid}/picture`)).headers['content-type']).toBe('image/svg+xml')
    expect((await shop.post('/api/login', { username: 'demo', password: 'tradepost' })).status).toBe(200)
    const postmaster = postmasterOf(settings.DATA_DIR) ?? 0
    expect(isRunning(postmaster)).toBe(true)
    first.child.kill('SIGTERM')
    expect(await first.ended).toEqual({ code: 0, signal: null })
    expect(isRunning(postmaster)).toBe(false)

    const second = start(settings)
    await second.ready
    expect(second.output.stdout).not.toContain('Filling')
    expect((await shop.get('/api/profile')).body.results[0].username).toBe('demo')
    second.child.kill('SIGINT')
    expect((await second.ended).code).toBe(0)
    expect(second.output.stderr + first.output.stderr).toBe('')
  })

  test('a kill -9 leaves nothing that stops the next start, and a second server is told so in words', async () => {
    const settings = { ...(await settingsFor(makeDataDir())), DEMO: 'off' }
    const killed = start(settings)
    await killed.ready
    const postmaster = postmasterOf(settings.DATA_DIR) ?? 0
    killed.child.kill('SIGKILL')
    await killed.ended
    expect(isRunning(postmaster)).toBe(true)

    const next = start(settings)
    await next.ready
    const other = start({ ...settings, PORT: String(await freePort()) })
    expect((await other.ended).code).toBe(1)
    expect(other.output.stderr).toBe(
      `Another Tradepost (process ${next.child.pid}, 127.0.0.1:${settings.PORT}) already serves ${settings.DATA_DIR}. Stop it first, or set DATA_DIR to another directory.\n`,
    )
    expect((await new ShopClient(`http://127.0.0.1:${settings.PORT}`).get('/health/ready')).status).toBe(200)
    next.child.kill('SIGTERM')
    expect((await next.ended).code).toBe(0)
    expect(isRunning(postmaster)).toBe(false)
  })
})

test('a signal during the start leaves no database running', async () => {
  const settings = { ...(await settingsFor(makeDataDir())), DEMO: 'off' }
  const program = start(settings)
  await vi.waitFor(() => expect(postmasterOf(settings.DATA_DIR)).toBeDefined(), { timeout: 20_000, interval: 5 })
  const postmaster = postmasterOf(settings.DATA_DIR) ?? 0
  program.child.kill('SIGINT')
  expect((await program.ended).code).toBe(0)
  expect(isRunning(postmaster)).toBe(false)
})

describe('on a PostgreSQL of its own', () => {
  test('a running request is finished before the server ends', async () => {
    const database = await freshDatabase()
    const port = String(await freePort())
    const program = start({ DATABASE_URL: database.url, PORT: port, DATA_DIR: makeDataDir(), DEMO: 'off' })
    await program.ready
    const body = JSON.stringify({ username: 'anna', password: 'obiwansux', email: 'anna@example.com' })
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const answered = new Promise<number | undefined>((resolve, reject) => {
      const sent = request({ port, method: 'POST', path: '/api/register', headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
      sent.on('error', reject)
      sent.write(body.slice(0, 10))
      // Half of the request is there when the server is told to stop.
      setTimeout(() => program.child.kill('SIGTERM'), 200)
      setTimeout(() => sent.end(body.slice(10)), 600)
    })
    expect(await answered).toBe(200)
    expect((await program.ended).code).toBe(0)
    await database.drop()
  })

  test('a database that is not there is told in words, without the password', async () => {
    const program = start({
      DATABASE_URL: `postgres://anna:secret@127.0.0.1:${await freePort()}/shop`,
      DATA_DIR: makeDataDir(),
    })
    expect((await program.ended).code).toBe(1)
    expect(program.output.stderr).toMatch(
      /^Cannot use PostgreSQL at 127\.0\.0\.1:\d+\/shop \(DATABASE_URL\): connect ECONNREFUSED [\d.:]+\. Is it running, and are host and port of DATABASE_URL right\?\n$/,
    )
  })
})

test('all wrong settings are told at once, after a name that is misspelt', async () => {
  const settings = { NODE_ENV: 'production', PORT: 'high', THROTTLE: 'off', SECRT_KEY: 'hunter2' }
  const program = start({ ...settings, DATA_DIR: makeDataDir() })
  expect((await program.ended).code).toBe(1)
  expect(program.output.stderr.split('\n')).toEqual([
    'Warning: SECRT_KEY is no setting: perhaps SECRET_KEY is meant.',
    'These settings must be mended first:',
    '  - PORT=high should be a whole number from 1 to 65535',
    '  - SMTP_URL is missing: the mail server; MAIL_TO_FOLDER=on lays mails into DATA_DIR/mail, where no customer gets them',
    '  - SECRET_KEY is missing: production needs one, for instance from `openssl rand -base64 32`',
    '  - PUBLIC_URL is missing: the address customers reach this shop at, such as https://shop.example',
    '  - THROTTLE=off is for load tests only: production refuses it',
    '',
  ])
})

test('a taken port is told in words', async () => {
  const database = await freshDatabase()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const program = start({ DATABASE_URL: database.url, PORT: String(port), DATA_DIR: makeDataDir(), DEMO: 'off' })
  expect((await program.ended).code).toBe(1)
  expect(program.output.stderr).toBe(`Port ${port} on 127.0.0.1 is taken. Stop what uses it, or set PORT to another.\n`)
  other.close()
  await database.drop()
})
