import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }

// What our own commands say to an option that they do not know, or to a value it cannot have.

type Command = 'simulate' | 'fuzz' | 'drill' | 'bench' | 'bench:growth' | 'bench:memory'

const ROOT = join(import.meta.dirname, '..')
/** A fresh clone, where nothing was installed or built: it has to be told before that, too. */
let clone: string
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'tradepost-test-clone-'))
  for (const name of ['package.json', 'scripts', 'simulation', 'fuzz', 'drill', 'bench'])
    cpSync(join(ROOT, name), join(clone, name), { recursive: true })
})
afterAll(() => rmSync(clone, { recursive: true }))

function run(command: Command, ...args: string[]) {
  const [, file = ''] = packageJson.scripts[command].split(' ')
  const { PATH, HOME } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    cwd: clone,
    env: { PATH, HOME },
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, stdout, stderr }
}

describe.each<{ command: Command; count: string }>([
  { command: 'simulate', count: 'steps' },
  { command: 'fuzz', count: 'seed' },
  { command: 'drill', count: 'rounds' },
  { command: 'bench', count: 'rounds' },
  { command: 'bench:growth', count: 'customers' },
  { command: 'bench:memory', count: 'purchases' },
])('npm run $command', ({ command, count }) => {
  const told = (problem: string) => ({
    status: 2,
    stdout: '',
    stderr: `${problem}; npm run ${command} -- --help lists the options.\n`,
  })
  const from = count === 'seed' ? 0 : 1

  test('an option that there is not is told in a line, with the way to those there are', () => {
    expect(run(command, '--rouns', '3')).toEqual(told('--rouns is no option'))
  })

  test.each(['many', '-1', '1.5', 'Infinity'])('%s is no number of anything', (value) => {
    expect(run(command, `--${count}`, value)).toEqual(told(`--${count}=${value} should be a whole number from ${from}`))
  })

  test('--help lists the options, and nothing is wrong', () => {
    const { status, stdout, stderr } = run(command, '--help')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout.startsWith(`npm run ${command} -- [options]\n\n  --`)).toBe(true)
    expect(stdout).toMatch(new RegExp(`^  --${count} `, 'm'))
  })
})

test.each<{ command: Command; args: string[]; problem: string }>([
  { command: 'bench', args: ['--shoppers', '4'], problem: '--shoppers=4 should be a whole number from 5' },
  { command: 'bench', args: ['--seconds', '0'], problem: '--seconds=0 should be a number above 0' },
  { command: 'bench', args: ['--write=yes'], problem: '--write=yes should have no value' },
  { command: 'bench', args: ['--rounds'], problem: '--rounds should have a value' },
  { command: 'bench', args: ['--rounds', ''], problem: '--rounds should have a value' },
  { command: 'bench:growth', args: ['--seconds', 'ten'], problem: '--seconds=ten should be a number above 0' },
  { command: 'fuzz', args: ['--requests', '999'], problem: '--requests=999 should be a whole number from 1000' },
  { command: 'fuzz', args: ['-r', '500'], problem: '-r is no option' },
  { command: 'fuzz', args: ['500'], problem: '500 is no option' },
  {
    command: 'simulate',
    args: ['--replay', 'gone.json'],
    problem: '--replay=gone.json should be a file that is there',
  },
  {
    command: 'drill',
    args: ['--what', 'disk,fire'],
    problem: '--what=disk,fire should be all, or some of: server, postgres, external, network, disk, payments',
  },
])('$command $args is refused', ({ command, args, problem }) => {
  expect(run(command, ...args)).toEqual({
    status: 2,
    stdout: '',
    stderr: `${problem}; npm run ${command} -- --help lists the options.\n`,
  })
})
