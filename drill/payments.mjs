// kill -9 of the server at every word of every step of a payment: the whole of test/money/killed.test.ts.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { ROOT } from '../scripts/setup/root.mjs'

/** @param {{ say: (line: string) => void }} terms */
export async function drillPayments({ say }) {
  const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [vitest, 'run', 'test/money/killed.test.ts'], {
    cwd: ROOT,
    env: { ...process.env, KILLED_AT: 'every-word' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    said += chunk
    for (const line of chunk.split('\n')) if (/killed \d+ times|KILLED|Error|✗|×/.test(line)) say(line)
  })
  const status = await new Promise((resolve) => child.once('close', resolve))
  const [, kills = '0', orders = '0'] = /KILLED (\d+) times, (\d+) orders/.exec(said) ?? []
  if (status !== 0) say(said)
  return {
    name: 'kill -9 at every word of a payment',
    rounds: Number(kills),
    violations: status === 0 ? [] : ['see above'],
    note: `${orders} orders`,
  }
}
