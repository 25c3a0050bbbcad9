import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findBreaches, rowsOf } from './support/books.ts'
import { freshDatabase } from './support/database.ts'

const ROOT = join(import.meta.dirname, '..')

test('the benchmark runs through and tells every figure; what they are is nobody’s business here', () => {
  const args = ['bench/run.mjs', '--seconds', '0.3', '--rounds', '1', '--shoppers', '6']
  const { PATH, HOME, TMPDIR } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    env: { PATH, HOME, TMPDIR },
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  const figures = stdout
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| |'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  expect(figures.map(([, what]) => what)).toEqual(
    expect.arrayContaining(['profile requests/s', 'purchases/s', 'sign-ins/s, against the hashing alone']),
  )
  for (const [, what, , ours] of figures) expect(Number(ours?.replaceAll(',', '')), what).toBeGreaterThan(0)
  expect(stdout).toContain('No request failed.')
}, 120_000)

test('the shop that bench:growth fills keeps all the books, and its triggers are on again', async () => {
  const shop = await freshDatabase()
  const { fill } = await import(join(ROOT, 'bench/fill.mjs'))
  const said: string[] = []
  await fill(shop.url, { customers: 10, products: 40, orders: 60 }, (line: string) => said.push(line.slice(9)))
  expect(said).toEqual([
    ...['40 of 40 products', '10 of 10 customers', '60 of 60 orders'],
    ...['vacuum', 'reading the books', 'the books agree'],
  ])
  expect(await findBreaches(shop.db)).toEqual([])
  const counts = await rowsOf(
    shop.db,
    `select (select count(*) from orders) as orders, (select count(*) from payment_attempts) as paid,
            (select count(*) from order_events) as events, (select count(*) from order_events_waiting) as waiting,
            (select count(*) from pg_trigger where tgenabled <> 'O') as resting`,
  )
  expect(counts).toEqual([{ orders: 60, paid: 54, events: 3 * 2 + 3 + 54 * 5, waiting: 0, resting: 0 }])
  await shop.drop()
})
