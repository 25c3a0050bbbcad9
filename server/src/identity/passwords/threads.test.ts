import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { makeHasher } from './hasher.ts'
import { makeThreads } from './threads.ts'

// Says which thread it is, unless it is told to die.
const PROGRAM = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads'
    parentPort.on('message', (job) => {
      if (job === 'throw') throw new Error('no library')
      if (job === 'exit') process.exit(3)
      if (job === 'answer and exit') setImmediate(() => process.exit())
      parentPort.postMessage(threadId)
    })`)}`,
)

test('a thread that has done its job does the next one, and a second one is started only for two at once', async () => {
  const ask = makeThreads<string, number>(PROGRAM)
  const first = await ask('who')
  expect(await ask('who')).toBe(first)
  const both = await Promise.all([ask('who'), ask('who')])
  expect(both).toContain(first)
  expect(new Set(both).size).toBe(2)
})

test.each([
  ['throw', new Error('no library')],
  ['exit', 'exit code 3'],
])('a thread that dies (%s) fails its own job, the other goes on, and another takes its place', async (job, cause) => {
  const ask = makeThreads<string, number>(PROGRAM)
  const first = await ask('who')
  const [dead, other] = await Promise.allSettled([ask(job), ask('who')])
  expect(dead).toMatchObject({
    status: 'rejected',
    reason: { message: 'the thread ended before its job was done', cause },
  })
  expect(other).toMatchObject({ status: 'fulfilled' })
  const next = await Promise.all([ask('who'), ask('who')])
  expect(new Set(next).size).toBe(2)
  expect(next).not.toContain(first)
})

test('a thread that died while it had nothing to do is given no job', async () => {
  const ask = makeThreads<string, number>(PROGRAM)
  const first = await ask('answer and exit')
  // Until its end is known, a job may still be given to it, and fails.
  await vi.waitFor(async () => expect(await ask('who')).not.toBe(first))
})

// Keeps some 60 MB, like the agents that watch a program from within.
const AGENT = `data:text/javascript,${encodeURIComponent(`globalThis.kept = Array.from({ length: 500000 }, (_, n) => [{ n }, 'n' + n])`)}`

test.each([
  ['', ''],
  [', also one that loads much first', `--import "${AGENT}"`],
])('a process waits for its hash, and ends while its threads have nothing to do%s', (_, NODE_OPTIONS) => {
  const built = pathToFileURL(`${import.meta.dirname}/../../../dist/identity/index.js`)
  const program = `const { makeHasher } = await import('${built}')
    console.log(await makeHasher().verify('obiwansux', await makeHasher().hash('obiwansux')))`
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, NODE_OPTIONS },
  })
  expect(child).toMatchObject({ status: 0, signal: null, stderr: '', stdout: '{ matches: true, outdated: false }\n' })
})

test.runIf(process.platform === 'linux')(
  'hashes step back behind the event loop, which stays where it was',
  async () => {
    const before = getPriority()
    await makeHasher().hash('obiwansux')
    expect(getPriority()).toBe(before)
    const nice = readdirSync('/proc/self/task').map((id) => niceOf(readFileSync(`/proc/self/task/${id}/stat`, 'utf8')))
    expect(nice).toContain(Math.min(19, before + 10))
  },
)

/** The 19th field of proc_pid_stat(5); the second, the name, may have blanks. */
function niceOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
}
