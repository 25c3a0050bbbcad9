import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type FreshDatabase, freshDatabase } from './support/database.ts'
import { tradepost } from './support/program.ts'

let directory: string
let database: FreshDatabase

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  database = await freshDatabase()
})
afterAll(async () => {
  await database.drop()
  rmSync(directory, { recursive: true, force: true })
})
beforeEach(async () => {
  await database.db.query({ text: 'delete from customers' })
})

const run = (...args: string[]) =>
  tradepost(['import-django', ...args], { DATABASE_URL: database.url, DATA_DIR: directory })

function file(name: string, content: string): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

async function usernames(): Promise<string[]> {
  const text = 'select username from customers order by username'
  return (await database.db.query<{ username: string }>({ text })).rows.map(({ username }) => username)
}

const HASH = 'pbkdf2_sha256$36000$xvzy4LeTXEol$y/Rkl8Qn8JQ49tc3pIzRjX7+CLEPIzL9RZLoHqVz5n0='
const user = (username: string, fields: object = {}) => ({
  model: 'auth.user',
  pk: 1,
  fields: { username, email: `${username}@example.com`, password: HASH, is_active: true, ...fields },
})

test('a dump is imported with a summary; a second time nothing changes; a dry run writes nothing', async () => {
  const dump = file(
    'users.json',
    JSON.stringify([
      { model: 'auth.group', pk: 1, fields: { name: 'clerks' } },
      user('anna', { is_staff: true }),
      user('jan', { is_active: false }),
      user('ewa', { password: '!kx8' }),
    ]),
  )
  const rest = [
    'Blocked, inactive in Django: 1.',
    'Cannot sign in by a password, none or unusable in Django: 1.',
    'Staff and superusers in Django, here customers like any others: 1.',
    'Skipped, not users: auth.group (1).\n',
  ]
  const added = ['Customers: 3 added, 0 changed, 0 unchanged, 0 left alone.', ...rest].join('\n')
  expect(await run(dump, '--dry-run')).toEqual({
    status: 0,
    stdout: `Dry run, nothing was written. It would be:\n${added}`,
    stderr: '',
  })
  expect(await usernames()).toEqual([])
  expect(await run(dump)).toEqual({ status: 0, stdout: added, stderr: '' })
  expect(await usernames()).toEqual(['anna', 'ewa', 'jan'])
  expect((await run(dump)).stdout).toBe(
    ['Customers: 0 added, 0 changed, 3 unchanged, 0 left alone.', ...rest].join('\n'),
  )
})

test('what became of those who are the shop’s own by now is told by name', async () => {
  const imported = ['anna', 'ewa', 'jan'].map((name) => user(name))
  await run(file('before.json', JSON.stringify(imported)))
  const settings = { DATABASE_URL: database.url, DATA_DIR: directory }
  for (const name of ['anna', 'jan']) await tradepost(['customers', 'block', name], settings)
  await tradepost(['customers', 'unblock', 'jan'], settings)
  const now = file(
    'now.json',
    JSON.stringify([user('anna'), ...['ewa', 'jan'].map((n) => user(n, { is_active: false }))]),
  )
  expect((await run(now)).stdout).toBe(
    [
      'Customers: 0 added, 1 changed, 0 unchanged, 2 left alone.',
      'Left alone: they have been here, or an operator has blocked or unblocked them.',
      'Blocked, inactive in Django: 1.',
      'Inactive in Django, but left alone and not blocked: 1 (jan); `tradepost customers block` keeps them out.\n',
    ].join('\n'),
  )
})

test('one bad row is enough to import nothing; with --skip-bad the others are imported, and the status tells', async () => {
  const table = file(
    'users.csv',
    `id,password,username,email\n1,${HASH},anna,anna@example.com\n2,${HASH},Anna,none\n3,md5$a$b,jan,j@b.pl\n`,
  )
  const found = [
    '  line 3, username: line 2 has this username already, as "anna": case and look-alike letters do not count',
    '  line 3, email: "none" is no e-mail address',
    '  line 4, password: is a hash of the kind md5: only pbkdf2_sha256, scrypt, bcrypt_sha256, argon2 can be checked\n',
  ]
  const refused = await run(table)
  expect([refused.status, refused.stdout]).toEqual([1, ''])
  expect(refused.stderr.split('\n').sort()).toEqual(
    [`Nothing was imported: ${table} has 3 mistakes.`, ...found].join('\n').split('\n').sort(),
  )
  expect(await usernames()).toEqual([])

  const skipped = await run(table, '--skip-bad')
  expect([skipped.status, skipped.stdout]).toEqual([
    2,
    'Customers: 1 added, 0 changed, 0 unchanged, 0 left alone, 2 left out.\n',
  ])
  expect(skipped.stderr).toMatch(/^2 bad rows left out, for 3 mistakes:\n {2}line 3/)
  expect(await usernames()).toEqual(['anna'])
})

test('a user table of one’s own comes in by --columns, another model by --model', async () => {
  const table = file('people.csv', `login,mail,pwd_hash\njan,jan@example.com,${HASH}\n`)
  expect((await run(table, '--columns', 'username=login,email=mail,password=pwd_hash')).status).toBe(0)
  const dump = file('dump.json', JSON.stringify([{ ...user('anna'), model: 'accounts.customer' }]))
  const missed = await run(dump)
  expect([missed.status, missed.stderr]).toEqual([
    1,
    `Nothing was imported: ${dump} has a mistake.\n  line 1: holds no auth.user, but accounts.customer (1): name the users' model with --model\n`,
  ])
  expect((await run(dump, '--model', 'accounts.customer')).status).toBe(0)
  expect(await usernames()).toEqual(['anna', 'jan'])
})

test('a wrong column map and a file that is not there are told in words', async () => {
  const map = await run('users.csv', '--columns', 'login=username')
  expect(map.status).toBe(1)
  expect(map.stderr).toContain('"login" is no field; the fields are username, email, password,')
  const nowhere = join(directory, 'nowhere.json')
  expect(await run(nowhere)).toEqual({ status: 1, stdout: '', stderr: `Cannot read ${nowhere}.\n` })
})
