import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PaymentAttemptId } from '../../server/src/kernel/ids.ts'
import { recordNews } from '../../server/src/payments/index.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { type PayingShop, startPayingShop } from '../support/paying.ts'

let shop: PayingShop
beforeAll(async () => {
  shop = await startPayingShop()
})
afterAll(async () => {
  expect(await findBreaches(shop.server.db)).toEqual([])
  await shop.stop()
})

describe('news about money', () => {
  /** Two tents' money, for the newest attempt. */
  const newsOf = async (id: string) => {
    const [attempt] = await rowsOf<{ id: PaymentAttemptId; gateway: string; reference: string }>(
      shop.server.db,
      'select id, gateway, reference from payment_attempts where order_id = $1 order by id desc limit 1',
      [id],
    )
    const { id: attemptId, gateway, reference } = attempt ?? expect.fail('there is no attempt')
    return {
      attemptId,
      gateway,
      reference,
      event: 'COMPLETED',
      told: 'paid',
      amountMinor: 89_800,
      currency: 'PLN',
    } as const
  }

  test('told twenty times at once pays once', async () => {
    const id = await shop.placed()
    await shop.choose(id, 'card')
    const news = await newsOf(id)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => recordNews(shop.server.db, news)))
    expect(outcomes.filter((it) => it === 'order-paid')).toHaveLength(1)
    expect(outcomes.filter((it) => it === 'known')).toHaveLength(19)
  })

  test('a late refusal does not undo a payment', async () => {
    const id = await shop.placed()
    await shop.choose(id, 'card')
    const news = await newsOf(id)
    await recordNews(shop.server.db, news)
    expect(await recordNews(shop.server.db, { ...news, event: 'canceled', told: 'canceled' })).toBe('known')
    expect((await shop.seen(id)).payment_status).toBe('paid')
  })

  test('money for a canceled order goes back', async () => {
    const id = await shop.placed()
    await shop.choose(id, 'card')
    await shop.anna.post(`/api/orders/${id}/set_canceled`)
    expect(await recordNews(shop.server.db, await newsOf(id))).toBe('refund-late')
    expect(await shop.seen(id)).toMatchObject({ status: 'canceled', payment_status: 'refunded' })
  })

  test('another sum leaves the order as it is, for a person to look at', async () => {
    const id = await shop.placed()
    await shop.choose(id, 'card')
    expect(await recordNews(shop.server.db, { ...(await newsOf(id)), amountMinor: 1 })).toBe('held')
    expect(await shop.seen(id)).toMatchObject({ status: 'to_pay', payment_status: 'pending' })
    const events = await rowsOf(
      shop.server.db,
      `select outcome from payment_events e join payment_attempts a on a.id = e.attempt_id where a.order_id = $1`,
      [id],
    )
    expect(events).toEqual([{ outcome: 'held' }])
  })

  test('left to a person is decided anew when it is told again', async () => {
    const id = await shop.placed()
    await shop.choose(id, 'card')
    const news = await newsOf(id)
    expect(await recordNews(shop.server.db, { ...news, currency: 'EUR' })).toBe('needs-a-person')
    expect(await recordNews(shop.server.db, news)).toBe('order-paid')
    expect(await recordNews(shop.server.db, news)).toBe('known')
    const events = await rowsOf(shop.server.db, 'select told, outcome from payment_events where attempt_id = $1', [
      news.attemptId,
    ])
    expect(events).toEqual([{ told: news, outcome: 'order-paid' }])
  })

  test('cannot lead to refunds above what was captured, even written by two at once', async () => {
    const id = await shop.placed()
    await shop.choose(id, 'card')
    const news = await newsOf(id)
    await recordNews(shop.server.db, news)
    const refund = () =>
      rowsOf(
        shop.server.db,
        `insert into refunds (id, attempt_id, amount_minor, reason) values (gen_random_uuid(), $1, 89800, 'paid-twice')`,
        [news.attemptId],
      )
    const written = await Promise.allSettled([refund(), refund(), refund()])
    expect(written.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await rowsOf(shop.server.db, `update refunds set status = 'failed', next_try_at = null where attempt_id = $1`, [
      news.attemptId,
    ])
    const [attempt] = await rowsOf(shop.server.db, 'select refunded_minor from payment_attempts where id = $1', [
      news.attemptId,
    ])
    expect(attempt).toEqual({ refunded_minor: 0 })
  })

  test('of an attempt that nobody knows is no news', async () => {
    const id = await shop.placed()
    await shop.choose(id, 'card')
    const news = await newsOf(id)
    expect(await recordNews(shop.server.db, { ...news, gateway: 'another' })).toBeUndefined()
    expect(
      await recordNews(shop.server.db, { ...news, attemptId: '00000000-0000-7000-8000-000000000000' as never }),
    ).toBeUndefined()
  })
})
