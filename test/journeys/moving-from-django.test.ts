import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tradepost } from '../support/program.ts'
import { ShopClient } from '../support/shop-client.ts'
import { type ShopServer, startShopServer } from '../support/shop-server.ts'

let server: ShopServer

beforeAll(async () => {
  server = await startShopServer()
})
afterAll(() => server.stop())

// Made by Django 5.2 of the same password, with the parameters it has by default.
const PASSWORD = 'Zażółć gęślą jaźń 1'
const HASHES = {
  petra: 'pbkdf2_sha256$1000000$ZzWbtTmAtDliEgb3YNm1cT$/gYGBbjY7SBOa49sl8C8y7NoNPS9QPlK6IzuauPQC08=',
  stefan:
    'scrypt$16384$t0sl7dosXmiR2cB7KUGYxe$8$5$tWYMVEvUqDYcVeQAH1mfy6yALZCv3I9oRcuwYpSw50vshVgxrKDkqH0IZghlbUBlgyXhbQjJcuyxAC7RDTP+lw==',
  barbara: 'bcrypt_sha256$$2b$12$k0eQfZ83Y6biMEdDgDRpW.9xnKalc/hISTPzt6sL6biveiJBN8/A6',
  adam: 'argon2$argon2id$v=19$m=102400,t=2,p=8$ZjA0VkR3UGptRmV0TWhETlRhcXUybg$yGvkJQK+iL5S9xm/d91J8vYZlZ8O2mG8dJldGqIW/yw',
}

/** As `manage.py dumpdata auth.user` writes a user. */
const user = (username: string, fields: object) => ({
  model: 'auth.user',
  pk: 1,
  fields: {
    password: '!',
    last_login: null,
    is_superuser: false,
    username,
    first_name: `${username}!`,
    last_name: '',
    email: `${username}@example.com`,
    is_staff: false,
    is_active: true,
    date_joined: '2019-03-04T05:06:07.891Z',
    groups: [],
    user_permissions: [],
    ...fields,
  },
})

async function importUsers(users: unknown[]): Promise<string> {
  const file = join(server.config.dataDir, 'users.json')
  writeFileSync(file, JSON.stringify(users))
  const { databaseUrl = '', dataDir } = server.config
  const { status, stdout, stderr } = await tradepost(['import-django', file], {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
  })
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

async function signIn(username: string, password: string): Promise<number> {
  return (await new ShopClient(server.baseUrl).post('/api/login', { username, password })).status
}

async function listHashes(): Promise<Record<string, string>> {
  const text = 'select username, password_hash as hash from customers'
  const { rows } = await server.db.query<{ username: string; hash: string }>({ text })
  return Object.fromEntries(rows.map(({ username, hash }) => [username, hash]))
}

test("a Django shop's customers sign in with their passwords, which are hashed anew, and go on in the new shop", async () => {
  const users = [
    ...Object.entries(HASHES).map(([username, password]) => user(username, { password })),
    user('banned', { password: HASHES.petra, is_active: false }),
    user('social', { password: '!Qf3vVq0VY8eGkTzjDk3vJ7yLcZ2pXn1b' }),
  ]
  expect(await importUsers(users)).toMatch(/^Customers: 6 added, 0 changed, 0 unchanged, 0 left alone\.\n/)

  for (const [username, hash] of Object.entries(HASHES)) {
    expect([username, await signIn(username, `${PASSWORD}x`)]).toEqual([username, 404])
    expect((await listHashes())[username]).toBe(hash)
    const client = new ShopClient(server.baseUrl)
    // By the e-mail as well as by the username.
    const answer = await client.post('/api/login', { username: `${username}@Example.com`, password: PASSWORD })
    expect([username, answer.status]).toEqual([username, 200])
    expect((await listHashes())[username]).toMatch(/^argon2\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect((await client.get('/api/profile')).body.results[0]).toMatchObject({ username, first_name: `${username}!` })
    expect(await signIn(username, PASSWORD)).toBe(200)
  }
  expect(await signIn('banned', PASSWORD)).toBe(404)
  for (const password of ['!', '!Qf3vVq0VY8eGkTzjDk3vJ7yLcZ2pXn1b', PASSWORD])
    expect(await signIn('social', password)).toBe(404)

  const hashes = await listHashes()
  expect(await importUsers(users)).toMatch(/^Customers: 0 added, 0 changed, 2 unchanged, 4 left alone\.\n/)
  expect(await listHashes()).toEqual(hashes)
  expect(await signIn('petra', PASSWORD)).toBe(200)

  const { databaseUrl = '', dataDir } = server.config
  await tradepost(['customers', 'unblock', 'banned'], { DATABASE_URL: databaseUrl, DATA_DIR: dataDir })
  expect(await signIn('banned', PASSWORD)).toBe(200)
})
