import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// `npm run drill` has the long form, and docs/reliability.md what came of it.

test('two servers on one PostgreSQL, killed under load, come back by themselves, and nothing acknowledged is lost', () => {
  const args = ['drill/run.mjs', '--what', 'external', '--servers', '2', '--rounds', '1', '--seed', '8']
  const { PATH, HOME, TMPDIR } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: join(import.meta.dirname, '..'),
    env: { PATH, HOME, TMPDIR },
    encoding: 'utf8',
  })
  expect(status, stdout + stderr).toBe(0)
  const [, row = ''] = /^\| (kill -9: external, 2 servers \| 1 \|.*)\|$/m.exec(stdout) ?? []
  const [name, rounds, requests, orders] = row.split('|').map((cell) => cell.trim())
  expect([name, rounds]).toEqual(['kill -9: external, 2 servers', '1'])
  expect([Number(requests) > 0, Number(orders) > 0]).toEqual([true, true])
  expect(stdout).toContain('Nothing was lost, nothing sold twice, the books balance.')
}, 240_000)
