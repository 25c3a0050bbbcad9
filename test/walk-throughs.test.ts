import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { freePort } from '../scripts/free-port.mjs'
import { makeDataDir } from './support/embedded.ts'
import { start } from './support/program.ts'

// What README.md tells a newcomer to type, against a fresh shop, as it stands there; test/examples.test.ts has examples/.

// A dozen programs are started, one after the other.
vi.setConfig({ testTimeout: 180_000 })

const ROOT = join(import.meta.dirname, '..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
/** Commands, and the answers that stand under them. */
const WALKS = [...readme.matchAll(/```sh\n([^`]*?\bask\b.*?)```.*?```json\n(.*?)```/gs)].map(
  ([, commands = '', answers = '']) => ({ commands, answers }),
)

interface FreshShop {
  readonly address: string
  /** Runs a program to its end, with the shop's own settings. */
  run(command: string, args: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }>
}

async function startFreshShop(): Promise<FreshShop> {
  const settings = { DATA_DIR: makeDataDir(), PORT: String(await freePort()) }
  const address = `127.0.0.1:${settings.PORT}`
  await start(settings).ready
  const { PATH, HOME } = process.env
  // What npm itself has to remark about a machine is nothing of ours.
  const env = { PATH, HOME, BASE_URL: `http://${address}`, npm_config_loglevel: 'error', ...settings }
  return {
    address,
    async run(command, args) {
      const child = spawn(command, args, { cwd: ROOT, env })
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', (chunk) => {
        stdout += chunk
      })
      child.stderr.on('data', (chunk) => {
        stderr += chunk
      })
      const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
      return { status, stdout, stderr }
    },
  }
}

/** What differs from one shop to the next; an ellipsis stands for whatever it leaves out. */
function patternOf(answer: string): RegExp {
  const escaped = answer.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const pattern = escaped
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '[0-9a-f-]{36}')
    .replace(/\d{4}-\d\d-\d\dT[\d:]+\\\.\d{3}Z/g, String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`)
    .replace(/TP[0-9A-Z]{9}/g, 'TP[0-9A-Z]{9}')
    .replace(/"\d{10}\\\.…"/g, String.raw`"\d{10}\..+"`)
    .replaceAll('…', '.+')
  return new RegExp(`^${pattern}$`)
}

test('the commands of README.md can be pasted into a shell as they are, and answer what stands there', async ({
  skip,
}) => {
  skip(spawnSync('curl', ['--version']).error !== undefined, 'curl is not installed')
  expect(WALKS).toHaveLength(2)
  const shop = await startFreshShop()
  for (const { commands, answers } of WALKS) {
    const here = (text: string) => text.replaceAll('127.0.0.1:8000', shop.address)
    const { stdout, stderr } = await shop.run('sh', ['-c', here(commands)])
    expect(stderr).toBe('')
    const [said, shown] = [stdout, answers].map((text) => text.trimEnd().split('\n'))
    for (const [i, line] of (shown ?? []).entries()) expect(said?.[i]).toMatch(patternOf(here(line)))
    expect(said).toHaveLength(shown?.length ?? 0)
  }
})
