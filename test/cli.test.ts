import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyDatabase, type FreshDatabase } from './support/database.ts'
import { tradepost } from './support/program.ts'
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
    for (const command of ['start', 'migrate', 'seed', 'import', 'payments', 'doctor'])
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
  })

  test('an unknown command says how to get help', async () => {
    const { status, stderr } = await run('imprt')
    expect(status).toBe(1)
    expect(stderr).toContain('(Did you mean import?)')
  })

  test('migrate lists what it applied, then that there is nothing to do', async () => {
    const pending = await run('migrate', '--dry-run')
    expect(pending.stdout).toMatch(/^0001_identity\n/)
    const first = await run('migrate')
    expect([first.status, first.stdout]).toEqual([0, pending.stdout])
    expect((await run('migrate')).stdout).toBe('The database is up to date.\n')
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
      /^Nothing was imported: .*bad\.csv has 2 bad rows\.\n {2}line 3, price: .+\n {2}line 4, quantity: .+\n$/,
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
  const ill = await tradepost(['doctor'], { NODE_ENV: 'production', DATABASE_URL: database.url, DATA_DIR: directory })
  expect(ill.status).toBe(1)
  expect(ill.stdout).toContain('FAIL These settings must be mended first:')
})

test('tradepost seed refuses production', async () => {
  const settings = { NODE_ENV: 'production', SECRET_KEY: 'x'.repeat(32), PUBLIC_URL: 'https://shop.example' }
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
