import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Shop } from './testing/shop.ts'

// The program as somebody starts it, in a process of its own; it is what was built.

const PROGRAM = path.join(import.meta.dirname, '../bin/payu-simulator.mjs')

interface Running {
  readonly child: ChildProcess
  readonly output: { text: string }
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

function run(...args: string[]): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output.text += chunk))
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, output, ended }
}

/** @returns the address it says it has */
async function ready({ output }: Running): Promise<string> {
  await expect.poll(() => output.text, { timeout: 20_000 }).toContain('/_simulator ')
  return /(http:\/\/\S+) +instead of/.exec(output.text)?.[1] ?? ''
}

describe('the program', () => {
  test('says where it is and what a shop needs, and stops when told', async () => {
    const program = run('--port', '0')
    const url = await ready(program)
    expect(program.output.text).toContain(
      "POS 300746 (PLN): client_id 300746, client_secret 2ee86a66e5d97e3fadc400c9f19b065d, second key b6ca15b0d1020e8094d9b5f8d163db54: PayU's public sandbox shop",
    )
    expect((await fetch(`${url}/_simulator`)).status).toBe(200)
    program.child.kill('SIGTERM')
    expect(await program.ended).toEqual({ code: 0, signal: null })
  })

  test('takes points of sale, and keeps their keys to itself', async () => {
    const program = run(
      '--port=0',
      '--pos',
      'posId=301,clientSecret=s3cret,secondKey=k3y,currency=EUR,autoReceive=false',
    )
    const shop = new Shop(await ready(program))
    expect(program.output.text).toContain('POS 301 (EUR, captures by hand): client_id 301, with the keys you gave')
    expect(program.output.text).not.toMatch(/s3cret|k3y/)
    expect((await shop.signIn({ client_id: '301', client_secret: 's3cret' })).status).toBe(200)
    const { payByLinks } = (await shop.call('GET', '/paymethods')).body
    expect(payByLinks.map(({ value }: { value: string }) => value)).not.toContain('blik')
  })

  test.each([
    [['--help'], 0, "payu-simulator: PayU's REST v2.1 protocol"],
    [['--port', 'x'], 1, '--port: "x" cannot be'],
    [['--time-scale', '0'], 1, '--time-scale: "0" cannot be'],
    [['--public-url', 'shop'], 1, '--public-url: an http(s) address'],
    [['--pos', 'posId=301'], 1, 'POS 301 needs clientSecret and secondKey'],
    [['--pos', 'colour=red'], 1, '--pos: "colour=red" cannot be'],
    [['--nonsense'], 1, "Unknown option '--nonsense'"],
  ])('%j ends with %i and a word', async (args, code, words) => {
    const program = run(...args)
    expect((await program.ended).code).toBe(code)
    expect(program.output.text).toContain(words)
    expect(program.output.text).not.toContain('    at ')
  })

  test('says which port is taken', async () => {
    const first = run('--port', '0')
    const { port } = new URL(await ready(first))
    const second = run('--port', port)
    expect((await second.ended).code).toBe(1)
    expect(second.output.text).toContain('That port is taken: --port takes another.')
  })

  test('killed at any moment, has every order it answered for, and tells the shop again', async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'payu-simulator-'))
    onTestFinished(() => fs.rmSync(directory, { recursive: true }))
    const state = path.join(directory, 'payu.jsonl')
    const program = run('--port', '0', '--state', state)
    const shop = new Shop(await ready(program))
    await shop.open()
    await shop.signIn()
    shop.answer = () => 503
    const paid: string[] = []
    const created: string[] = []
    // Orders go on being made, and paid, while it is killed.
    const killed = (async () => {
      for (;;) {
        const orderId = await shop.createOrder({ extOrderId: `Z-${created.length}` })
        created.push(orderId)
        const act = `${shop.payuUrl}/_simulator/orders/${orderId}/act`
        const response = await fetch(act, { method: 'POST', body: '{"action":"pay"}' })
        if (response.ok) paid.push(orderId)
        if (paid.length === 20) program.child.kill('SIGKILL')
      }
    })()
    await expect(killed).rejects.toThrow('fetch failed')
    expect((await program.ended).signal).toBe('SIGKILL')
    expect(fs.statSync(state).mode & 0o777).toBe(0o600)

    const again = run('--port', '0', '--state', state)
    shop.payuUrl = await ready(again)
    await shop.signIn()
    for (const orderId of paid) {
      const { orders } = (await shop.call('GET', `/orders/${orderId}`)).body
      expect(orders[0].status).toBe('COMPLETED')
    }
    const lost = await shop.create({ extOrderId: `Z-${created.length - 1}` })
    expect(lost.body).toMatchObject({ orderId: created.at(-1), status: { code: '110' } })
    shop.answer = () => 200
    shop.received.length = 0
    await fetch(`${shop.payuUrl}/_simulator/deliver`, { method: 'POST', body: '{}' })
    const completed = shop.received.filter(({ body }) => body.order.status === 'COMPLETED')
    expect(completed.map(({ body }) => body.order.orderId)).toEqual(expect.arrayContaining(paid))
  })
})
