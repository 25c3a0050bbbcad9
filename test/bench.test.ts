import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

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
