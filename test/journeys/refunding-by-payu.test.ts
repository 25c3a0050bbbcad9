import { SANDBOX_POS } from 'payu-simulator'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { OrderId } from '../../server/src/kernel/ids.ts'
import { confirmRefund, listOpenMatters, refundAgain, refundOrder } from '../../server/src/payments/index.ts'
import { findBreaches } from '../support/books.ts'
import { type PayingShop, PayPage, startPayingShop } from '../support/paying.ts'

// Money that goes back through PayU: asked for by staff, made in PayU's own panel, and when PayU will not.

let shop: PayingShop
beforeAll(async () => {
  shop = await startPayingShop()
})
afterEach(() => shop.server.simulator.faults.clear())
afterAll(async () => {
  expect(await findBreaches(shop.server.db)).toEqual([])
  await shop.stop()
})

async function paid(): Promise<OrderId> {
  const id = await shop.placed()
  await new PayPage((await shop.choose(id, 'card')).body.redirect_uri).pay()
  expect((await shop.confirm(id)).body.status).toBe('paid')
  return id as OrderId
}
const atPayu = (id: OrderId) => shop.payuOrder(id).refunds.map(({ amountMinor, status }) => `${amountMinor} ${status}`)
const failed = async (id: OrderId) =>
  (await listOpenMatters(shop.server.db)).refundsFailed.filter(({ orderId }) => orderId === id)

test('a part of it, and then the rest: the customer sees both, and PayU has sent both', async () => {
  const id = await paid()
  await refundOrder(shop.server.db, id, { amountMinor: 10_000 })
  await shop.eventually(id, { status: 'paid', payment_status: 'paid', refunds: [{ amount: '100.00', status: 'done' }] })
  await refundOrder(shop.server.db, id, {})
  await shop.eventually(id, {
    payment_status: 'refunded',
    refunds: [
      { amount: '100.00', status: 'done' },
      { amount: '798.00', status: 'done' },
    ],
  })
  expect(atPayu(id)).toEqual(['10000 FINALIZED', '79800 FINALIZED'])
})

test('while PayU has it, it is under way; PayU’s word ends it', async () => {
  const id = await paid()
  await refundOrder(shop.server.db, id, { amountMinor: 10_000 })
  expect((await shop.seen(id)).refunds).toMatchObject([{ amount: '100.00', status: 'pending' }])
  await shop.eventually(id, { refunds: [{ amount: '100.00', status: 'done' }] })
})

test('that PayU takes and the bank does not make: it failed, staff are told, and once more it goes through', async () => {
  shop.server.simulator.faults.add({ kind: 'fail-refund', failure: 'BANK_DECLINED', times: 1 })
  const id = await paid()
  const refund = await refundOrder(shop.server.db, id, { amountMinor: 10_000 })
  await shop.eventually(id, { payment_status: 'paid', refunds: [{ amount: '100.00', status: 'failed' }] })
  expect(await failed(id)).toMatchObject([{ id: refund.id, problem: expect.stringContaining('BANK_DECLINED') }])
  await refundAgain(shop.server.db, refund.id)
  await shop.eventually(id, { refunds: [{ amount: '100.00', status: 'done' }] })
  expect(await failed(id)).toEqual([])
  expect(atPayu(id)).toEqual(['10000 CANCELED', '10000 FINALIZED'])
})

test('that PayU refuses at once is sent by hand', async () => {
  shop.server.simulator.faults.add({ kind: 'refuse-refund', literal: 'REFUND_DISABLED', times: 1 })
  const id = await paid()
  const refund = await refundOrder(shop.server.db, id, {})
  await shop.eventually(id, { payment_status: 'paid', refunds: [{ amount: '898.00', status: 'failed' }] })
  expect(await failed(id)).toMatchObject([{ id: refund.id, problem: expect.stringContaining('REFUND_DISABLED') }])
  expect((await confirmRefund(shop.server.db, refund.id)).status).toBe('done')
  expect(await shop.seen(id)).toMatchObject({ payment_status: 'refunded', refunds: [{ status: 'done' }] })
  expect(atPayu(id)).toEqual([])
})

test('whose answer is lost is one refund at PayU', async () => {
  shop.server.simulator.faults.add({ kind: 'cut', on: 'refund', when: 'after', times: 1 })
  const id = await paid()
  await refundOrder(shop.server.db, id, {})
  await shop.eventually(id, { payment_status: 'refunded', refunds: [{ amount: '898.00', status: 'done' }] })
  expect(atPayu(id)).toEqual(['89800 FINALIZED'])
})

test('made in PayU’s panel: the shop hears of it, and cannot give back more than is left', async () => {
  const id = await paid()
  await refundInPanel(shop.payuOrder(id).orderId, 30_000)
  await shop.eventually(id, { payment_status: 'paid', refunds: [{ amount: '300.00', status: 'done' }] })
  await expect(refundOrder(shop.server.db, id, { amountMinor: 59_801 })).rejects.toMatchObject({
    refusal: { code: 'payments.refund-above-captured', restMinor: 59_800, askedMinor: 59_801 },
  })
  await refundOrder(shop.server.db, id, {})
  await shop.eventually(id, { payment_status: 'refunded' })
  expect(atPayu(id)).toEqual(['30000 FINALIZED', '59800 FINALIZED'])
})

/** As the panel does: without an id of the shop's. */
async function refundInPanel(payuId: string, amountMinor: number): Promise<void> {
  const payu = `${shop.server.baseUrl}/payu-simulator`
  const { clientId: client_id, clientSecret: client_secret } = SANDBOX_POS
  const token = await fetch(`${payu}/pl/standard/user/oauth/authorize`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }),
  })
  const { access_token: bearer } = (await token.json()) as { access_token: string }
  const answer = await fetch(`${payu}/api/v2_1/orders/${payuId}/refunds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ refund: { description: 'made in the panel', amount: String(amountMinor) } }),
  })
  expect(answer.status).toBe(200)
}
