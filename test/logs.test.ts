import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../scripts/free-port.mjs'
import { textOfEml } from '../server/src/mail/index.ts'
import { emptyDatabase } from './support/database.ts'
import { makeDataDir } from './support/embedded.ts'
import { start } from './support/program.ts'
import { ShopClient, signUp } from './support/shop-client.ts'

test('logs have a line for each request with its id, and hold no secret even at the finest level', async () => {
  const database = await emptyDatabase()
  const secretKey = 'a-secret-key-that-no-log-may-ever-show'
  const dataDir = makeDataDir()
  const port = await freePort()
  const program = start({
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: String(port),
    SECRET_KEY: secretKey,
    LOG_LEVEL: 'trace',
    DEMO: 'off',
  })
  await program.ready
  const anna = new ShopClient(`http://127.0.0.1:${port}`)
  const { uuid, password } = await signUp(anna, 'anna')
  const tokens = [...anna.cookies.values()]
  await anna.post('/api/login', { username: 'anna', password: 'a-wrong-password' })
  await anna.request('POST', '/api/login', {
    raw: '{"password": "broken-json',
    headers: { 'content-type': 'application/json' },
  })
  await anna.put(`/api/profile/${uuid}/setpassword`, {
    username: 'anna',
    old_password: password,
    password: 'a-new-password',
  })
  await anna.post('/api/password-reset', { email: 'anna' })
  const mails = join(dataDir, 'mail')
  // A mail that is still being written has another name.
  const delivered = () => readdirSync(mails).filter((file) => file.endsWith('.eml'))
  await expect.poll(delivered, { timeout: 15_000 }).toHaveLength(3)
  // One tells of the changed password, and has no token.
  const mailed = delivered()
    .map((file) => /token=([\w-]+)/.exec(textOfEml(readFileSync(join(mails, file), 'utf8')))?.[1] ?? '')
    .filter(Boolean)
  expect(mailed).toHaveLength(2)
  await anna.get(`/reset-password?token=${mailed[1]}`)
  await anna.post('/api/password-reset/confirm', { token: mailed[1], password: 'the-newest-password' })
  const profile = await anna.get('/api/profile?token=in-a-query', {
    headers: { authorization: 'Bearer of-bad-tidings' },
  })
  for (const forwarded of ['203.0.113.7', '203.0.113.8'])
    await anna.request('GET', '/health/live', { headers: { 'x-forwarded-for': forwarded } })
  program.child.kill('SIGTERM')
  await program.ended
  await database.drop()

  const logged = program.output.stdout + program.output.stderr
  const lines = logged
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  expect(lines).toContainEqual(
    expect.objectContaining({
      requestId: profile.headers['x-request-id'],
      method: 'GET',
      path: '/api/profile',
      status: 403,
      msg: 'answered',
    }),
  )
  const warnings = lines.filter(({ msg }) => /through a proxy/.test(msg))
  expect(warnings).toEqual([expect.objectContaining({ level: 40, proxy: '127.0.0.1' })])
  const secrets = [
    'a-wrong-password',
    'broken-json',
    'a-new-password',
    'in-a-query',
    'the-newest-password',
    ...mailed,
    'of-bad-tidings',
    password,
    secretKey,
  ]
  for (const secret of [...secrets, ...tokens, ...anna.cookies.values()]) expect(logged).not.toContain(secret)
})
