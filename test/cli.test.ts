import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SANDBOX_POS, startPayuSimulator } from 'payu-simulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MailId, makeMailSeal } from '../server/src/mail/index.ts'
import { emptyDatabase, type FreshDatabase } from './support/database.ts'
import { lastMailTo } from './support/mailbox.ts'
import { tradepost, tradepostUnread } from './support/program.ts'
import { ShopClient, signUp } from './support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from './support/shop-server.ts'

let directory: string
let database: FreshDatabase

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  database = await emptyDatabase()
})
afterAll(async () => {
  await database.drop()
  rmSync(directory, { recursive: true, force: true })
})

const run = (...args: string[]) => tradepost(args, { DATABASE_URL: database.url, DATA_DIR: directory })

function csv(name: string, ...lines: string[]): string {
  const file = join(directory, name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

describe('tradepost', () => {
  test('--help names every command', async () => {
    const { status, stdout } = await run('--help')
    expect(status).toBe(0)
    for (const command of ['start', 'migrate', 'seed', 'import', 'customers', 'payments', 'mail', 'webhooks', 'doctor'])
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
  })

  test('an unknown command says how to get help', async () => {
    const { status, stderr } = await run('imprt')
    expect(status).toBe(1)
    expect(stderr).toContain('(Did you mean import?)')
  })

  test('warns of a setting whose name is misspelt, before it does its work', async () => {
    const settings = { DATABASE_URL: database.url, DATA_DIR: directory, DATABSE_URL: 'hunter2' }
    const warning = 'DATABSE_URL is no setting: perhaps DATABASE_URL is meant.'
    const { status, stderr } = await tradepost(['migrate', '--dry-run'], settings)
    expect([status, stderr]).toEqual([0, `Warning: ${warning}\n`])
    expect((await tradepost(['doctor'], settings)).stdout).toContain(`warn ${warning}\n`)
  })

  test('migrate lists what it applied, then that there is nothing to do', async () => {
    const pending = await run('migrate', '--dry-run')
    expect(pending.stdout).toMatch(/^0001_identity\n/)
    const first = await run('migrate')
    expect([first.status, first.stdout]).toEqual([0, pending.stdout])
    expect((await run('migrate')).stdout).toBe('The database is up to date.\n')
  })
})

describe('tradepost into a pipe that nobody reads', () => {
  test('ends quietly, as it would have ended', async () => {
    const settings = { DATABASE_URL: database.url, DATA_DIR: directory }
    expect(await tradepostUnread(['doctor'], settings)).toEqual({ status: 0, stderr: '' })
  })
})

describe('tradepost import', () => {
  const header = 'sku,name,description,price,product_type,status,picture,warehouse,quantity'

  test('adds, and says what; a second time there is nothing to change', async () => {
    const file = csv(
      'good.csv',
      header,
      'T1,Tent,,449.00,tents,,,Gdańsk,3',
      'T1,,,,,,,Kraków,2',
      'L1,Lamp,,59.00,lighting,,,,',
    )
    const first = await run('import', file)
    expect([first.status, first.stdout]).toEqual([
      0,
      'Products: 2 added, 0 changed, 0 unchanged. Stock rows: 2.\nNew warehouses: Gdańsk, Kraków.\n',
    ])
    expect((await run('import', file)).stdout).toBe('Products: 0 added, 0 changed, 2 unchanged. Stock rows: 2.\n')
  })

  test('names the pictures that are not there yet', async () => {
    const file = csv('pictures.csv', header, 'P1,Kite,,99.00,toys,,kite.svg,,')
    expect((await run('import', file)).stdout).toContain(
      `\nPictures still to be put into ${join(directory, 'pictures')}: kite.svg.\n`,
    )
    mkdirSync(join(directory, 'pictures'), { recursive: true })
    writeFileSync(join(directory, 'pictures', 'kite.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
    expect((await run('import', file)).stdout).not.toContain('Pictures')
  })

  test('reports every bad row with its line, and imports nothing', async () => {
    const file = csv(
      'bad.csv',
      header,
      'N1,New,,12.00,tents,,,,1',
      'B1,Bad,,free,tents,,,,1',
      'B2,Bad,,1.00,tents,,,,-3',
    )
    const { status, stdout, stderr } = await run('import', file)
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^Nothing was imported: .*bad\.csv has 2 mistakes\.\n {2}line 3, price: .+\n {2}line 4, quantity: .+\n$/,
    )
    const { rows } = await database.db.query({ text: `select sku from products where sku in ('N1', 'B1', 'B2')` })
    expect(rows).toEqual([])
  })

  test('a file that is not there is told in words', async () => {
    const { status, stderr } = await run('import', join(directory, 'nowhere.csv'))
    expect([status, stderr]).toEqual([1, `Cannot read ${join(directory, 'nowhere.csv')}.\n`])
  })
})

test('tradepost doctor finds the database, and what is wrong with the settings', async () => {
  const well = await run('doctor')
  expect(well.status).toBe(0)
  expect(well.stdout).toMatch(/^ok {3}Node \d/)
  expect(well.stdout).toContain('the database is up to date')
  expect(well.stdout).toContain('ok   passwords can be hashed')
  const ill = await tradepost(['doctor'], { NODE_ENV: 'production', DATABASE_URL: database.url, DATA_DIR: directory })
  expect(ill.status).toBe(1)
  expect(ill.stdout).toContain('FAIL These settings must be mended first:')
})

test('tradepost doctor says how to make a database that is not there', async () => {
  const url = database.url.replace(/\/[^/]*$/, '/nobodys%2Dshop')
  const { status, stdout } = await tradepost(['doctor'], { DATABASE_URL: url, DATA_DIR: directory })
  expect(status).toBe(1)
  expect(stdout).toContain('database "nobodys-shop" does not exist. Make it first: createdb nobodys-shop\n')
})

test('tradepost doctor asks PayU whether it knows the keys', async () => {
  const simulator = await startPayuSimulator()
  const { posId, clientSecret, secondKey } = SANDBOX_POS
  const settings = { PAYU_POS_ID: posId, PAYU_SECOND_KEY: secondKey, PAYU_URL: simulator.url }
  const look = (PAYU_CLIENT_SECRET: string) =>
    tradepost(['doctor'], { ...settings, PAYU_CLIENT_SECRET, DATABASE_URL: database.url, DATA_DIR: directory })
  const known = await look(clientSecret)
  const unknown = await look('no-secret-of-theirs')
  await simulator.close()
  const away = await look(clientSecret)
  expect([known.status, known.stdout]).toEqual([
    0,
    expect.stringContaining(`ok   PayU's POS ${posId} offers card, payu`),
  ])
  expect([unknown.status, unknown.stdout]).toEqual([
    1,
    expect.stringMatching(/^FAIL PayU gave no token, 401 .*PAYU_CLIENT_ID or PAYU_CLIENT_SECRET is wrong/m),
  ])
  expect([away.status, away.stdout]).toEqual([
    0,
    expect.stringContaining(`warn PayU's POS ${posId} could not be asked: `),
  ])
})

test('a command that looks after a shop makes none where there is none', async () => {
  const empty = join(directory, 'nothing-here')
  const { status, stderr } = await tradepost(['payments', 'open'], { DATA_DIR: empty })
  expect([status, stderr]).toEqual([
    1,
    `There is no shop in ${empty} yet. Set DATA_DIR to the directory of yours, or DATABASE_URL to its database.\n`,
  ])
  expect(existsSync(join(empty, 'postgres'))).toBe(false)
})

test('tradepost doctor says what is missing where products are searched without an index', async () => {
  await run('migrate')
  expect((await run('doctor')).stdout).not.toContain('without an index')
  await database.db.query({ text: 'alter index products_name rename to elsewhere' })
  expect((await run('doctor')).stdout).toContain('warn products are searched by name without an index')
  await database.db.query({ text: 'alter index elsewhere rename to products_name' })
})

test('tradepost doctor makes no database, and fails where the user may make no tables', async () => {
  const empty = join(directory, 'nothing-yet')
  const looked = await tradepost(['doctor'], { DATA_DIR: empty })
  expect([looked.status, looked.stdout]).toEqual([0, expect.stringContaining('no database in ')])
  expect(existsSync(join(empty, 'postgres'))).toBe(false)

  const poor = `poor_${process.pid}`
  await database.db.query({ text: `create role ${poor} login password 'poor'` })
  const url = new URL(database.url)
  url.username = poor
  url.password = 'poor'
  await database.db.query({ text: 'revoke create on schema public from public' })
  await database.db.query({ text: `grant select on schema_migrations to ${poor}` })
  const refused = await tradepost(['doctor'], { DATABASE_URL: url.href, DATA_DIR: directory })
  expect(refused.stdout).toContain('FAIL the database user may not create tables: make it the owner of the database')
  await database.db.query({ text: `drop owned by ${poor}` })
  await database.db.query({ text: `drop role ${poor}` })
  expect(refused.status).toBe(1)
})

test('tradepost seed refuses production', async () => {
  const settings = {
    NODE_ENV: 'production',
    SECRET_KEY: 'x'.repeat(32),
    PUBLIC_URL: 'https://shop.example',
    MAIL_TO_FOLDER: 'on',
  }
  const { status, stderr } = await tradepost(['seed'], { ...settings, DATABASE_URL: database.url, DATA_DIR: directory })
  expect([status, stderr]).toEqual([
    1,
    'The demo customer has a known password: production refuses `tradepost seed`.\n',
  ])
})

describe('tradepost payments confirm', () => {
  let server: ShopServer
  let title: string
  let orderId: string
  const confirm = (...args: string[]) =>
    tradepost(['payments', 'confirm', ...args], { DATABASE_URL: server.config.databaseUrl ?? '', DATA_DIR: directory })

  beforeAll(async () => {
    server = await startShopServer()
    const anna = new ShopClient(server.baseUrl)
    await signUp(anna, 'anna')
    const { tent } = await stockShop(server.db, [{ sku: 'tent', price: '449.00' }])
    await anna.post('/api/bucket', { product: tent, quantity: 1 })
    orderId = (await anna.post('/api/orders', {})).body.order_uuid
    title = (await anna.put(`/api/orders/${orderId}/payment`, { method: 'transfer' })).body.transfer.title
  })
  afterAll(() => server.stop())

  test('refuses another sum and an unknown title in words', async () => {
    const differs = await confirm(title, '--amount', '448.99')
    expect([differs.status, differs.stderr]).toEqual([
      1,
      '449.00 PLN was asked for, 448.99 came. Nothing was confirmed: settle the difference with the customer first.\n',
    ])
    const unknown = await confirm('TP1234')
    expect([unknown.status, unknown.stderr]).toEqual([
      1,
      'There is no transfer with the title TP1234: look for a mistyped character.\n',
    ])
  })

  test('pays the order, once', async () => {
    const typed = `${title.slice(0, 6).toLowerCase()} ${title.slice(6)}`
    expect((await confirm(typed, '--amount', '449,00')).stdout).toBe(`Order ${orderId} is paid: 449.00 PLN.\n`)
    const again = await confirm(title)
    expect([again.status, again.stdout]).toEqual([
      0,
      `Nothing new: the payment of order ${orderId} was confirmed before.\n`,
    ])
  })
})

describe('tradepost mail', () => {
  let server: ShopServer
  let client: ShopClient
  const mail = (...args: string[]) => {
    const { databaseUrl = '', dataDir } = server.config
    const SECRET_KEY = server.config.secretKeys.join()
    return tradepost(['mail', ...args], { DATABASE_URL: databaseUrl, DATA_DIR: dataDir, SECRET_KEY })
  }
  const stateOf = async (id: string) =>
    (await server.db.query({ text: 'select state from mails where id = $1', values: [id] })).rows[0]?.state
  beforeAll(async () => {
    server = await startShopServer()
    client = new ShopClient(server.baseUrl)
  })
  afterAll(() => server.stop())

  test('says that there is none yet', async () => {
    expect((await mail()).stdout).toBe('No mails yet.\n')
    const none = await mail('1')
    expect([none.status, none.stderr]).toEqual([
      1,
      'There is no mail 1: `tradepost mail` lists them with their numbers.\n',
    ])
  })

  test('lists the newest first, and reads one by its number or its id, link and all', async () => {
    await signUp(client, 'anna')
    const { id: older } = await lastMailTo(server, 'anna@example.com', 'verify-email')
    await expect.poll(() => stateOf(older), { timeout: 15_000 }).toBe('delivered')
    await client.post('/api/password-reset', { email: 'anna' })
    const { id: newer, token } = await lastMailTo(server, 'anna@example.com', 'reset-password')
    await expect.poll(() => stateOf(newer), { timeout: 15_000 }).toBe('delivered')

    const lines = (await mail()).stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.replace(/\d{4}-.* UTC/, 'TIME'))).toEqual([
      '1  TIME  delivered  anna@example.com  Tradepost: choose a new password',
      '2  TIME  delivered  anna@example.com  Tradepost: confirm your e-mail address',
    ])
    const { stdout } = await mail('1')
    expect(stdout).toContain('To:      anna@example.com\nSubject: Tradepost: choose a new password\n')
    expect(stdout).toContain(`\n${server.baseUrl}/reset-password?token=${token}\n`)
    expect((await mail(newer)).stdout).toBe(stdout)
    for (const which of ['0', '3', '-1', 'x', '1e9', older.replace(/.$/, 'g')]) {
      expect([which, (await mail('--', which)).status]).toEqual([which, 1])
    }
  })

  test('shows what waits and what failed with the reason, and obeys nothing that is in it', async () => {
    const text = `insert into mails (id, kind, recipient, mailbox, subject, sealed_body, state, attempts, next_try_at, last_error, ended_at)
      values ($1, 'test', 'jan@example.com', 'jan@example.com', $2, $3, $4, 2, '2126-11-20 12:00', '451 later', $5)`
    const seal = makeMailSeal(server.config.secretKeys)
    const insert = (n: string, subject: string, body: string | null, state: string, endedAt: Date | null) => {
      const id = `ffffffff-0000-7000-8000-00000000000${n}` as MailId
      const sealed = body === null ? null : seal.close(id, { text: body })
      return server.db.query({ text, values: [id, subject, sealed, state, endedAt] })
    }
    await insert('1', 'failed', null, 'failed', new Date())
    await insert('2', 'waits\x1b[2J', 'Hello\x1b]0;x\x07', 'waiting', null)
    const { stdout } = await mail()
    expect(stdout.replace(/(?<=\d {2})\d{4}-\S+ \S+ UTC/g, 'TIME').split('\n', 4)).toEqual([
      '1  TIME  waiting    jan@example.com  waits [2J',
      '   2 tries, next at 2126-11-20 12:00:00 UTC: 451 later',
      '2  TIME  failed     jan@example.com  failed',
      '   2 tries: 451 later',
    ])
    expect((await mail('1')).stdout).toMatch(/\nState: {3}waiting: 2 tries, next at .*: 451 later\n\nHello \]0;x\n$/)
    expect((await mail('2')).stdout).toMatch(/\n\nIts text is not kept\.\n$/)

    await server.db.query({ text: `update mails set sealed_body = '\\x00' where state = 'waiting'` })
    expect((await mail('1')).stdout).toMatch(/\n\nIt is sealed with a SECRET_KEY that is not set now\.\n$/)
  })
})
