import { afterAll, beforeAll, expect, test } from 'vitest'
import { HOLD, openShopOfMoney, type ShopOfMoney } from '../../../test/money/shop-of-money.ts'
import { findBreaches, rowsOf } from '../../../test/support/books.ts'
import { UNTHROTTLED } from '../identity/index.ts'
import type { OrderId } from '../kernel/ids.ts'
import { choosePayment } from './choose-payment.ts'
import { refundOrder } from './refund-order.ts'
import { sendRefunds } from './send-refunds.ts'

let shop: ShopOfMoney
beforeAll(async () => {
  shop = await openShopOfMoney()
})
afterAll(() => shop.close())

const fail = (_refundId: unknown, error: unknown) => {
  throw error
}

async function paidByCard(): Promise<OrderId> {
  const { orderId } = await shop.order()
  const terms = { gateways: shop.gatewaysOf('taking'), hold: HOLD, throttle: UNTHROTTLED }
  const attempt = await choosePayment(shop.db, terms, shop.presented, orderId, { method: 'card', address: '127.0.0.1' })
  shop.simulator.act(attempt.reference ?? '', 'pay')
  await shop.simulator.settle()
  return orderId
}

const countRefunds = async () =>
  rowsOf<{ status: string; n: number }>(shop.db, 'select status, count(*)::int as n from refunds group by status')

test('a backlog of refunds is sent in one run', async () => {
  for (let i = 0; i < 21; i++) await refundOrder(shop.db, await paidByCard(), { amountMinor: 5_000 })
  expect(await countRefunds()).toEqual([{ status: 'requested', n: 21 }])

  expect(await sendRefunds(shop.db, shop.gatewaysOf('taking'), fail)).toEqual({ refunds: 21 })
  expect(await countRefunds()).toEqual([{ status: 'sent', n: 21 }])
  await shop.simulator.settle()
  expect(await countRefunds()).toEqual([{ status: 'done', n: 21 }])
  expect(await findBreaches(shop.db)).toEqual([])
})

test('a server that is told to stop leaves the rest of a backlog to the next run', async () => {
  for (let i = 0; i < 11; i++) await refundOrder(shop.db, await paidByCard(), { amountMinor: 5_000 })
  const [gateways, stopped] = [shop.gatewaysOf('taking'), AbortSignal.abort()]
  expect(await sendRefunds(shop.db, gateways, fail, stopped)).toEqual({ refunds: 10 })
  await shop.simulator.settle()
  expect(await sendRefunds(shop.db, gateways, fail)).toEqual({ refunds: 1 })
  await shop.simulator.settle()
})

test('refunds go out while somebody holds the order of one of them', async () => {
  const [held, other] = [await paidByCard(), await paidByCard()]
  for (const order of [held, other]) await refundOrder(shop.db, order, { amountMinor: 5_000 })
  const sending = await shop.db.transaction(async (tx) => {
    await tx.query({ text: 'select from orders where id = $1 for update', values: [held] })
    const sending = sendRefunds(shop.db, shop.gatewaysOf('taking'), fail)
    const isOut = `select 1 as n from refunds r join payment_attempts a on a.id = r.attempt_id
                    where a.order_id = $1 and r.status = 'sent'`
    await expect.poll(() => rowsOf(shop.db, isOut, [other]), { timeout: 5_000 }).toEqual([{ n: 1 }])
    return { sending }
  })
  expect(await sending.sending).toEqual({ refunds: 2 })
})
