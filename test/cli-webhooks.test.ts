import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { handOutEvents } from '../server/src/events/index.ts'
import { makeCourier, makePoster, messageId, queueDeliveries } from '../server/src/webhooks/index.ts'
import { rowsOf } from './support/books.ts'
import { type FreshDatabase, freshDatabase } from './support/database.ts'
import { type HookReceiver, startHookReceiver } from './support/hook-receiver.ts'
import { storeCustomer, storeOrder } from './support/orders.ts'
import { tradepost } from './support/program.ts'

let database: FreshDatabase
let receiver: HookReceiver
let directory: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  database = await freshDatabase()
  receiver = await startHookReceiver()
})
afterAll(async () => {
  await receiver.stop()
  await database.drop()
  rmSync(directory, { recursive: true, force: true })
})

const settings = () => ({ DATABASE_URL: database.url, DATA_DIR: directory })
const webhooks = (...args: string[]) => tradepost(['webhooks', ...args], settings())
const said = async (...args: string[]) => {
  const { status, stdout, stderr } = await webhooks(...args)
  return [status, withoutTimes(stdout + stderr)]
}
const withoutTimes = (text: string) => text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'TIME')

/** What a server's jobs do. */
async function deliver(): Promise<void> {
  const poster = makePoster({ mayBePrivate: true })
  await handOutEvents(database.db, [queueDeliveries])
  const courier = makeCourier(database.db, { describe: ({ kind }) => ({ type: kind }), poster })
  await courier.setOut()
  await courier.isBack()
  await poster.close()
}

describe('an endpoint', () => {
  let id: string
  let secret: string

  test('is added with its secret shown once, and tried', async () => {
    expect(await said('list')).toEqual([0, 'No endpoints yet: `tradepost webhooks add URL` adds one.\n'])
    const { status, stdout } = await webhooks('add', receiver.url, '--events', 'order.placed, refund.*')
    const shown = /^Endpoint (\S{36}) gets order\.placed, refund\.\*\.\nIts secret, shown only now: (whsec_\S{44})\n$/
    ;[, id = '', secret = ''] = shown.exec(stdout) ?? []
    expect([status, id]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36}$/)])

    receiver.manners = () => ({ status: 200, text: 'hi' })
    const taken = new RegExp(`^${receiver.url} answered 200: hi\nIt has taken msg_test_\\S{36}\\.\n$`)
    expect(await said('send-test', id)).toEqual([0, expect.stringMatching(taken)])
    const { raw = '', headers = {} } = receiver.received[0] ?? {}
    expect(new Webhook(secret).verify(raw, headers as Record<string, string>)).toMatchObject({ type: 'test' })
  })

  test('that takes nothing is in the log and in what the doctor says, and what it missed is replayed', async () => {
    const order = await storeOrder(database.db, (await storeCustomer(database.db, 'anna')).id)
    const message = messageId({ orderId: order, position: 1 })
    receiver.manners = () => ({ status: 422, text: 'what is\u001b[2J PLN?', headers: { 'retry-after': '3600' } })
    await deliver()
    const line = `TIME  waiting    order.placed        ${message}  ${receiver.url}\n`
    const lastTry = '  1 try, the last one answered 422: what is [2J PLN?; next at TIME\n'
    expect(await said('log', '--failed', '--endpoint', id)).toEqual([0, line + lastTry])
    expect((await said('log', message))[1]).toContain('\n\n{"type":"order.placed"}\n')
    const { stdout } = await tradepost(['doctor'], settings())
    expect(stdout).toContain(`warn webhooks to ${receiver.url}: on, but failing since `)

    receiver.manners = () => 204
    expect(await said('replay', '--message', message)).toEqual([0, '1 delivery waits to be sent.\n'])
    await deliver()
    expect(await said('log', '--failed')).toEqual([0, 'Nothing fails.\n'])
    expect(await said('replay', '--since', '2026-01-01', '--failed')).toEqual([0, '0 deliveries wait to be sent.\n'])
    expect(await said('replay', '--order', order, '--endpoint', id)).toEqual([0, '1 delivery waits to be sent.\n'])
  })

  test('gets a new secret, is switched off and on, and removed', async () => {
    const { url } = receiver
    const { stdout } = await webhooks('rotate-secret', url, '--old-for', '2')
    expect(stdout).toMatch(/^The new secret of \S+, shown only now: whsec_\S{44}\nThe old one signs too for 2 h\.\n$/)
    expect(stdout).not.toContain(secret)

    const off = `${url} is off. What happens meanwhile can be replayed when it is on again.\n`
    expect(await said('disable', url)).toEqual([0, off])
    const listed = `${url}\n  ${id}  off\n  events: order.placed, refund.*\n  1 delivery waits, 0 given up in the last month\n`
    expect(await said('list')).toEqual([0, listed])
    expect(await said('enable', id)).toEqual([0, expect.stringContaining(`${url} is on. `)])
    expect(await said('remove', url)).toEqual([0, `${url} is removed, with its log.\n`])
    const left = await rowsOf(database.db, 'select from webhook_secrets union all select from webhook_deliveries')
    expect(left).toEqual([])
  })
})

test.each([
  [['add', 'erp.example'], 'This address is not taken: it is no address, such as https://erp.example/hooks.\n'],
  [
    ['add', 'https://erp.example', '--events', 'order.payed'],
    'There is no event order.payed. There are: order.placed,',
  ],
  [
    ['remove', 'https://erp.example'],
    'There is no endpoint https://erp.example: `tradepost webhooks list` shows them.\n',
  ],
  [['log', 'msg_1'], "There is no message msg_1: `tradepost webhooks log` shows the last month's.\n"],
  [['replay'], 'error: say what to send again: --message, --order or --since'],
  [['replay', '--order', '7'], 'Write the uuid of the order.'],
  [['replay', '--since', 'yesterday'], 'Write it like 2026-11-20 or 2026-11-20T13:00Z.'],
  [['rotate-secret', 'x', '--old-for', '-1'], 'Write hours from 0 to 720.'],
])('webhooks %j is refused in words', async (args, words) => {
  const { status, stdout, stderr } = await webhooks(...args)
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toContain(words)
  expect(stderr).not.toContain('    at ')
})

test('in production an address in a private network is refused, and one without TLS', async () => {
  const production = {
    ...settings(),
    ...{ NODE_ENV: 'production', SECRET_KEY: 'x'.repeat(32), PUBLIC_URL: 'https://shop.example', MAIL_TO_FOLDER: 'on' },
  }
  const add = async (url: string, more = {}) =>
    (await tradepost(['webhooks', 'add', url], { ...production, ...more })).stderr
  expect(await add('https://10.0.0.1/')).toBe('This address is not taken: it is in a private network.\n')
  expect(await add('http://erp.example/')).toBe('This address is not taken: it should start with https://.\n')
  expect(await add('http://10.0.0.1/', { WEBHOOK_PRIVATE_ADDRESSES: 'allow' })).toBe('')
})
