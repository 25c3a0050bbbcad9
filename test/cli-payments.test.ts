import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { confirmTransfer } from '../server/src/payments/index.ts'
import { findBreaches, rowsOf } from './support/books.ts'
import { type PayingShop, PayPage, startPayingShop } from './support/paying.ts'
import { type Run, tradepost } from './support/program.ts'

// The commands that staff look after money with, beside a server that runs.

let directory: string
let shop: PayingShop
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tradepost-test-'))
  shop = await startPayingShop()
})
afterAll(async () => {
  expect(await findBreaches(shop.server.db)).toEqual([])
  await shop.stop()
  rmSync(directory, { recursive: true, force: true })
})

vi.setConfig({ testTimeout: 120_000 })
const NOBODYS = '00000000-0000-7000-8000-000000000000'
const TIME = /\d{4}-\d\d-\d\d \d\d:\d\d/g
function run(...args: string[]): Promise<Run> {
  return tradepost(['payments', ...args], {
    DATABASE_URL: shop.server.config.databaseUrl ?? '',
    DATA_DIR: directory,
  })
}
/** A command that went well. */
async function told(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args)
  expect([status, stderr]).toEqual([0, ''])
  return stdout.replaceAll(TIME, 'TIME')
}
async function refused(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args)
  expect([status, stdout]).toEqual([1, ''])
  return stderr
}
async function titleFor(id: string): Promise<string> {
  return (await shop.choose(id, 'transfer')).body.transfer.title
}
async function paidByTransfer(): Promise<{ id: string; title: string }> {
  const id = await shop.placed()
  const title = await titleFor(id)
  await confirmTransfer(shop.server.db, { of: title })
  return { id, title }
}
async function paidByCard(): Promise<string> {
  const id = await shop.placed()
  await new PayPage((await shop.choose(id, 'card')).body.redirect_uri).pay()
  await shop.confirm(id)
  return id
}
const refundOf = async (orderId: string) =>
  (
    await rowsOf<{ id: string; status: string }>(
      shop.server.db,
      `select r.id, r.status from refunds r join payment_attempts a on a.id = r.attempt_id
        where a.order_id = $1 order by r.id desc limit 1`,
      [orderId],
    )
  )[0] as { id: string; status: string }

test('without a word it lists what there is', async () => {
  const { stdout, stderr } = await run('--help')
  for (const command of ['open', 'show', 'confirm', 'accept', 'refund', 'refunded', 'refund-again'])
    expect(stdout + stderr).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
})

test.each([
  [['show'], "error: missing required argument 'order'"],
  [['show', NOBODYS], 'There is no such order.'],
  [['show', 'TP1234'], 'There is no order TP1234, and no transfer with that title.'],
  [['accept', 'x'], "error: command-argument value 'x' is invalid for argument 'order'. Write it like 8b2de2bf-"],
  [['accept', NOBODYS], 'There is no such order.'],
  [['refund', 'x'], "error: command-argument value 'x' is invalid for argument 'order'. Write it like 8b2de2bf-"],
  [['refund', NOBODYS], 'There is no such order.'],
  [['refund', NOBODYS, '--return', 'TENT=1'], 'There is no such order.'],
  [['refund', NOBODYS, '--amount', '-1'], "error: option '--amount <sum>' argument '-1' is invalid. Write it like"],
  [['refund', NOBODYS, '--amount', '0'], "error: option '--amount <sum>' argument '0' is invalid. Write it like"],
  [['refund', NOBODYS, '--amount', '1.001'], "error: option '--amount <sum>' argument '1.001' is invalid."],
  [['refund', NOBODYS, '--return', 'TENT=0'], "error: option '--return <sku=pieces...>' argument 'TENT=0' is invalid."],
  [['refund', NOBODYS, '--note', 'x'.repeat(501)], "error: option '--note <text>' argument 'xxx"],
  [['refund', NOBODYS, '--id', 'mine'], "error: option '--id <uuid>' argument 'mine' is invalid. Write it like 8b2de"],
  [['refunded', NOBODYS], 'There is no such refund: `tradepost payments open` lists those that wait for somebody.'],
  [['refund-again', NOBODYS], 'There is no such refund: `tradepost payments open` lists'],
  [['refund-again'], "error: missing required argument 'refund'"],
])('%j is refused in words', async (args, words) => {
  expect(await refused(...args)).toMatch(new RegExp(`^${words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`))
})

describe('open', () => {
  test('a quiet day: nothing waits', async () => {
    expect(await told('open')).toBe('Nothing waits for you.\n')
  })

  test('lists each thing under what can be done about it, and no more once it is done', async () => {
    const wrong = await shop.placed()
    shop.server.simulator.faults.add({ kind: 'wrong-amount', status: 'COMPLETED', times: 1 })
    await new PayPage((await shop.choose(wrong, 'card')).body.redirect_uri).pay()
    await shop.server.simulator.settle()
    const byHand = await paidByTransfer()
    await told('refund', byHand.id, '--amount', '100')
    const byHandId = (await refundOf(byHand.id)).id
    const failing = await paidByCard()
    shop.server.simulator.faults.add({ kind: 'fail-refund', failure: 'BANK_DECLINED', times: 1 })
    await told('refund', failing, '--amount', '50,50')
    await shop.eventually(failing, { refunds: [{ status: 'failed' }] })
    const failedId = (await refundOf(failing)).id

    expect(await told('open')).toBe(
      `Money that is not the sum asked for. Take it (payments accept ORDER) or send it back (payments refund ORDER):
  TIME  order ${wrong}  ${wrongSum} came by card, 898.00 PLN was asked for

Refunds to send by hand, each to the account its transfer came from. Then: payments refunded REFUND
  TIME  refund ${byHandId}  100.00 PLN of order ${byHand.id}, by staff

Refunds that failed. Try once more (payments refund-again REFUND) or send them by hand (payments refunded REFUND):
  TIME  refund ${failedId}  50.50 PLN of order ${failing}: BANK_DECLINED: The refund could not be made
`,
    )

    expect(await told('accept', wrong)).toBe(`Order ${wrong} is paid, with ${wrongSum}.\n`)
    expect(await refused('accept', wrong)).toBe('No money of this order waits for a decision.\n')
    expect(await told('refunded', byHandId)).toBe(`100.00 PLN of order ${byHand.id} went back. Refund ${byHandId}\n`)
    expect(await told('refund-again', failedId)).toMatch(
      new RegExp(`^50\\.50 PLN of order ${failing} is on its way back; the running server sends it\\. Refund `),
    )
    expect(await refused('refund-again', failedId)).toBe('This refund has not failed, or was sent again before.\n')
    expect(await told('open')).toBe('Nothing waits for you.\n')
    await shop.eventually(failing, { refunds: [{ amount: '50.50', status: 'done' }] })
  })
})

const wrongSum = '898.01 PLN'

describe('refund', () => {
  test('of a transfer: a person sends it, to whom and how much is told, and says so; each may be repeated', async () => {
    const { id } = await paidByTransfer()
    const mine = '8b2de2bf-b04a-4674-bf92-f0e4c727720b'
    const answer = `898.00 PLN of order ${id} is to go back. Send it to the account it came from, then: tradepost payments refunded ${mine}\n`
    expect(await told('refund', id, '--id', mine.toUpperCase(), '--note', 'a scratch')).toBe(answer)
    expect(await told('refund', id, '--id', mine)).toBe(answer)
    expect(await refused('refund', id, '--id', mine, '--amount', '1')).toBe(
      'Another refund was made under this id: take a new one.\n',
    )
    expect(await refused('refund', id)).toBe('The order is paid and holds no money that has not gone back already.\n')
    for (let times = 0; times < 2; times++) {
      expect(await told('refunded', mine)).toBe(`898.00 PLN of order ${id} went back. Refund ${mine}\n`)
    }
    expect(await shop.seen(id)).toMatchObject({ payment_status: 'refunded', refunds: [{ status: 'done' }] })
  })

  test('through PayU: the running server sends it, and nobody else may say that it was', async () => {
    const id = await paidByCard()
    const answer = await told('refund', id, '--return', 'tent')
    const { id: refund } = await refundOf(id)
    expect(answer).toBe(`449.00 PLN of order ${id} is on its way back; the running server sends it. Refund ${refund}\n`)
    expect(await refused('refunded', refund)).toMatch(/^payu-300746 sends this refund by itself: nobody has to\.\n$/)
    expect(await refused('refund', id, '--amount', '449.01')).toBe(
      '449.00 PLN is left of what came: 449.01 cannot go back. Nothing was refunded.\n',
    )
    expect(await refused('refund', id, '--return', 'tent=2')).toBe(
      'The order holds 1 of that product, not 2: nothing was returned or refunded.\n',
    )
    expect(await refused('refund', id, '--return', 'stove')).toBe(`Order ${id} has no stove; it has: tent.\n`)
    await shop.eventually(id, { refunds: [{ amount: '449.00', status: 'done' }] })
  })
})

test('an order that nothing was paid for holds nothing to refund or to accept', async () => {
  const id = await shop.placed()
  expect(await refused('refund', id)).toBe('The order is new and holds no money that has not gone back already.\n')
  expect(await refused('accept', id)).toBe('No money of this order waits for a decision.\n')
  expect(await told('show', id)).toBe(`Order ${id} is new.\nNo payment was begun.\n`)
})

test('show tells the whole story, by the order or by the title of its transfer', async () => {
  const id = await shop.placed()
  const title = await titleFor(id)
  await new PayPage((await shop.choose(id, 'card')).body.redirect_uri).pay()
  await shop.server.simulator.settle()
  await told('refund', id, '--amount', '10', '--note', 'a scratch')
  await shop.eventually(id, { refunds: [{ status: 'done' }] })
  const [transfer, card] = await rowsOf<{ id: string }>(
    shop.server.db,
    'select id from payment_attempts where order_id = $1 order by id',
    [id],
  )
  const story = await told('show', id)
  expect(story).toBe(`Order ${id} is paid.

By transfer: canceled, 898.00 PLN
  attempt ${transfer?.id}
  title ${title}

By card at payu-300746: paid, 898.00 PLN
  attempt ${card?.id}, there ${shop.payuOrder(id).orderId}
  898.00 PLN came, 10.00 PLN of it went back or is about to
  TIME  PENDING, 898.00 PLN: nothing new
  TIME  COMPLETED, 898.00 PLN: it pays the order
  TIME  refund ${(await refundOf(id)).id} of 10.00 PLN: done, by staff (a scratch)
`)
  expect(await told('show', `${title.slice(0, 5).toLowerCase()} ${title.slice(5)}`)).toBe(story)
  expect(await told('show', id.toUpperCase())).toBe(story)
})
