import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrderId, ProductId, RefundId } from '../../server/src/kernel/ids.ts'
import {
  acceptHeld,
  confirmRefund,
  confirmTransfer,
  getPaymentStory,
  listOpenMatters,
  recordNews,
  recordRefundNews,
  refundAgain,
  refundOrder,
} from '../../server/src/payments/index.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { ShopClient, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

let server: ShopServer
let anna: ShopClient
let products: Record<string, string>

beforeAll(async () => {
  server = await startShopServer()
  anna = new ShopClient(server.baseUrl)
  await signUp(anna, 'anna')
  products = await stockShop(server.db, [
    { sku: 'tent', name: 'Tent', price: '449.00', quantity: 1000 },
    { sku: 'stove', name: 'Stove', price: '150.50', quantity: 1000 },
  ])
})
afterAll(async () => {
  expect(await findBreaches(server.db)).toEqual([])
  await server.stop()
})

/** Two tents and a stove, 1048.50, to be paid by transfer. */
async function ordered(): Promise<{ id: OrderId; title: string }> {
  await anna.post('/api/bucket', { product: products.tent, quantity: 2 })
  await anna.post('/api/bucket', { product: products.stove, quantity: 1 })
  const id = (await anna.post('/api/orders', {})).body.order_uuid
  const { body } = await anna.put(`/api/orders/${id}/payment`, { method: 'transfer' })
  return { id, title: body.transfer.title }
}

async function paid(): Promise<OrderId> {
  const { id, title } = await ordered()
  expect((await confirmTransfer(server.db, { of: title })).outcome).toBe('order-paid')
  return id
}

/** Another sum has come for it. */
async function held(amountMinor: number): Promise<OrderId> {
  const { id } = await ordered()
  const [attempt] = (await getPaymentStory(server.db, id)).attempts
  const news = { gateway: 'transfer', attemptId: attempt?.id as never, event: 'line 1', currency: 'PLN' }
  expect(await recordNews(server.db, { ...news, told: 'paid', amountMinor })).toBe('held')
  return id
}

const seen = async (id: OrderId) => (await anna.get(`/api/orders/${id}`)).body
const pieces = (sku: string, quantity: number) => ({ productId: products[sku] as ProductId, quantity })
const available = async (sku: string) => (await anna.get(`/api/products/${products[sku]}`)).body.quantity
const refusedWith = (code: string, facts: object = {}) => ({ refusal: { code, ...facts } })

describe('staff send money back', () => {
  test('a part of it: the order stays paid, its pieces stay promised, and the customer sees the refund', async () => {
    const id = await paid()
    const before = await available('tent')
    const refund = await refundOrder(server.db, id, { amountMinor: 5_000, note: 'a scratch' })
    expect(refund).toMatchObject({ orderId: id, amountMinor: 5_000, status: 'requested', reason: 'by-staff' })
    expect(await seen(id)).toMatchObject({
      status: 'paid',
      payment_status: 'paid',
      refunds: [{ amount: '50.00', currency: 'PLN', status: 'pending', date: refund.createdAt.toISOString() }],
    })
    expect(await available('tent')).toBe(before)

    expect((await listOpenMatters(server.db)).refundsByHand.map((it) => it.id)).toContain(refund.id)
    expect((await confirmRefund(server.db, refund.id)).status).toBe('done')
    expect((await confirmRefund(server.db, refund.id)).status).toBe('done')
    expect((await listOpenMatters(server.db)).refundsByHand.map((it) => it.id)).not.toContain(refund.id)
    expect((await seen(id)).refunds).toMatchObject([{ amount: '50.00', status: 'done' }])
  })

  test('for pieces that go back onto the shelf: what they cost, and they can be sold again', async () => {
    const id = await paid()
    const before = await available('tent')
    expect((await refundOrder(server.db, id, { returned: [pieces('tent', 1)] })).amountMinor).toBe(44_900)
    expect(await available('tent')).toBe(before + 1)
    expect(await seen(id)).toMatchObject({ status: 'paid', payment_status: 'paid' })

    await expect(refundOrder(server.db, id, { returned: [pieces('tent', 2)] })).rejects.toMatchObject(
      refusedWith('orders.not-so-many', { productId: products.tent, asked: 2, held: 1 }),
    )
    expect(await available('tent')).toBe(before + 1)
  })

  test('for all pieces: the order is canceled and nothing of its money is left', async () => {
    const id = await paid()
    await refundOrder(server.db, id, { returned: [pieces('tent', 1)], amountMinor: 40_000 })
    const rest = await refundOrder(server.db, id, { returned: [pieces('tent', 1), pieces('stove', 1)] })
    expect(rest.amountMinor).toBe(64_850)
    expect(await seen(id)).toMatchObject({ status: 'canceled', payment_status: 'refunded' })
  })

  test('all of it without pieces: the order stays, the customer is told that it is refunded', async () => {
    const id = await paid()
    expect((await refundOrder(server.db, id, {})).amountMinor).toBe(104_850)
    expect(await seen(id)).toMatchObject({ status: 'paid', payment_status: 'refunded' })
    await expect(refundOrder(server.db, id, {})).rejects.toMatchObject(
      refusedWith('payments.nothing-to-refund', { orderStatus: 'paid' }),
    )
  })

  test('not more than came, and then nothing changes, pieces included', async () => {
    const id = await paid()
    const before = await available('tent')
    const tooMuch = { amountMinor: 104_851, returned: [pieces('tent', 1)] }
    await expect(refundOrder(server.db, id, tooMuch)).rejects.toMatchObject(
      refusedWith('payments.refund-above-captured', { restMinor: 104_850, askedMinor: 104_851, currency: 'PLN' }),
    )
    expect(await available('tent')).toBe(before)
    expect((await seen(id)).refunds).toEqual([])
  })

  test('not of an order that has none', async () => {
    const { id } = await ordered()
    await expect(refundOrder(server.db, id, {})).rejects.toMatchObject(refusedWith('payments.nothing-to-refund'))
    const nobody = '00000000-0000-7000-8000-000000000000' as OrderId
    await expect(refundOrder(server.db, nobody, {})).rejects.toMatchObject(refusedWith('orders.not-found'))
  })

  test('once for one id, however often and from however many connections it is asked', async () => {
    const id = await paid()
    const wish = { refundId: '01a1fb90-0000-7000-8000-000000000001' as RefundId, amountMinor: 1_000 }
    const refunds = await Promise.all(Array.from({ length: 10 }, () => refundOrder(server.db, id, wish)))
    expect(new Set(refunds.map((it) => it.id)).size).toBe(1)
    expect((await seen(id)).refunds).toHaveLength(1)
    await expect(refundOrder(server.db, id, { ...wish, amountMinor: 2_000 })).rejects.toMatchObject(
      refusedWith('payments.refund-differs'),
    )
  })

  test('forty at once never send back more than came', async () => {
    const id = await paid()
    const refunds = await Promise.allSettled(
      Array.from({ length: 40 }, () => refundOrder(server.db, id, { amountMinor: 10_000 })),
    )
    expect(refunds.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    expect((await seen(id)).refunds).toHaveLength(10)
  })

  test('and the table itself refuses a sum above what came, whoever writes it', async () => {
    const id = await paid()
    const [attempt] = (await getPaymentStory(server.db, id)).attempts
    await expect(
      rowsOf(
        server.db,
        `insert into refunds (id, attempt_id, amount_minor, reason) values (gen_random_uuid(), $1, 104851, 'by-staff')`,
        [attempt?.id],
      ),
    ).rejects.toMatchObject({ constraint: 'refunded_is_never_above_captured' })
  })
})

describe('a refund that failed', () => {
  async function failed(): Promise<{ id: OrderId; refundId: RefundId }> {
    const id = await paid()
    const refund = await refundOrder(server.db, id, { amountMinor: 5_000 })
    const { attemptId, amountMinor, currency } = refund
    const told = { gateway: 'transfer', attemptId, refundId: refund.id, reference: refund.id, amountMinor, currency }
    expect(await recordRefundNews(server.db, { ...told, told: 'failed', problem: 'account closed' })).toBe(
      'refund-failed',
    )
    expect(await recordRefundNews(server.db, { ...told, told: 'sent' })).toBe('known')
    return { id, refundId: refund.id }
  }

  test('counts as not refunded, and is listed with its reason', async () => {
    const { id, refundId } = await failed()
    expect((await seen(id)).refunds).toMatchObject([{ status: 'failed' }])
    const [attempt] = (await getPaymentStory(server.db, id)).attempts
    expect(attempt).toMatchObject({ capturedMinor: 104_850, refundedMinor: 0 })
    const listed = (await listOpenMatters(server.db)).refundsFailed.find((it) => it.id === refundId)
    expect(listed?.problem).toBe('account closed')
  })

  test('is tried once more as another, once', async () => {
    const { id, refundId } = await failed()
    const again = await refundAgain(server.db, refundId)
    expect(again).toMatchObject({ orderId: id, amountMinor: 5_000, status: 'requested' })
    await expect(refundAgain(server.db, refundId)).rejects.toMatchObject(refusedWith('payments.refund-not-failed'))
    expect((await seen(id)).refunds).toMatchObject([{ amount: '50.00', status: 'pending' }])
    expect((await listOpenMatters(server.db)).refundsFailed.map((it) => it.id)).not.toContain(refundId)
  })

  test('may be sent by hand instead, unless its money has gone another way', async () => {
    const { id, refundId } = await failed()
    await refundOrder(server.db, id, {})
    await expect(confirmRefund(server.db, refundId)).rejects.toMatchObject(
      refusedWith('payments.refund-above-captured', { restMinor: 0 }),
    )
    const other = await failed()
    expect((await confirmRefund(server.db, other.refundId)).status).toBe('done')
  })
})

describe('money that is not the sum asked for', () => {
  test('is written down, and the order waits for a person', async () => {
    const id = await held(100_000)
    expect(await seen(id)).toMatchObject({ status: 'to_pay', payment_status: 'pending' })
    const listed = (await listOpenMatters(server.db)).held.find((it) => it.orderId === id)
    expect(listed).toMatchObject({ capturedMinor: 100_000, amountMinor: 104_850 })
  })

  test('may be taken for the order', async () => {
    const id = await held(104_849)
    expect(await acceptHeld(server.db, id)).toMatchObject({ status: 'paid', capturedMinor: 104_849 })
    expect(await seen(id)).toMatchObject({ status: 'paid', payment_status: 'paid' })
    await expect(acceptHeld(server.db, id)).rejects.toMatchObject(refusedWith('payments.nothing-held'))
  })

  test('may be sent back, and another attempt pays the order', async () => {
    const id = await held(1)
    expect((await refundOrder(server.db, id, {})).amountMinor).toBe(1)
    await expect(acceptHeld(server.db, id)).rejects.toMatchObject(refusedWith('payments.nothing-held'))
    const { title } = (await anna.put(`/api/orders/${id}/payment`, { method: 'transfer' })).body.transfer
    expect((await confirmTransfer(server.db, { of: title })).outcome).toBe('order-paid')
    expect(await seen(id)).toMatchObject({ status: 'paid', payment_status: 'paid' })
  })

  test('goes back without any of the pieces while the order waits to be paid: they would be paid for all the same', async () => {
    const id = await held(200_000)
    const before = await available('tent')
    await expect(refundOrder(server.db, id, { returned: [pieces('tent', 1)] })).rejects.toMatchObject(
      refusedWith('orders.wrong-status', { status: 'to_pay' }),
    )
    expect(await available('tent')).toBe(before)
    expect(await seen(id)).toMatchObject({ status: 'to_pay', refunds: [] })
  })

  test('goes back when the customer cancels', async () => {
    const id = await held(200_000)
    await anna.post(`/api/orders/${id}/set_canceled`)
    expect(await seen(id)).toMatchObject({
      status: 'canceled',
      payment_status: 'refunded',
      refunds: [{ amount: '2000.00', status: 'pending' }],
    })
  })
})

test('the database keeps an order from being paid without money, and surplus money from staying', async () => {
  const { id } = await ordered()
  await expect(
    rowsOf(server.db, `update orders set status = 'paid', paid_at = now() where id = $1`, [id]),
  ).rejects.toMatchObject({ constraint: 'order_paid_has_its_money' })
  const withoutRefund = `update payment_attempts set status = 'surplus' where order_id = $1 and status = 'held'`
  await expect(rowsOf(server.db, withoutRefund, [await held(200_000)])).rejects.toMatchObject({
    constraint: 'surplus_goes_back',
  })
  await expect(
    rowsOf(server.db, `update payment_attempts set status = 'paid', captured_minor = 1 where order_id = $1`, [id]),
  ).rejects.toMatchObject({ constraint: 'paid_is_the_sum_asked_for' })
})
