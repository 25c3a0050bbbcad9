import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { OrderId } from '../../server/src/kernel/ids.ts'
import { acceptHeld, expireUnpaid, getPaymentStory, recordNews, refundOrder } from '../../server/src/payments/index.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { admitRacers, awaited, countOutcomes, outcomeOf, pay, placed, rounds } from '../support/racers.ts'
import type { ShopClient } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

let server: ShopServer
let racers: ShopClient[]
let tent: string

beforeAll(async () => {
  server = await startShopServer({ poolSize: 16 })
  racers = await admitRacers(server, 16, 'racer')
  tent = (await stockShop(server.db, [{ sku: 'tent', price: '100.00', quantity: 100_000 }])).tent as string
})
afterAll(() => server.stop())
afterEach(async () => expect(await findBreaches(server.db)).toEqual([]))

const each = <T>(work: (racer: ShopClient) => Promise<T>) => Promise.all(racers.map(work))
const seen = async (racer: ShopClient, id: OrderId) => {
  const { status, payment_status } = (await racer.get(`/api/orders/${id}`)).body
  return `${status}/${payment_status}`
}
const expire = () => expireUnpaid(server.db, server.gateways)

test.each(rounds(2))(
  'canceled while its money comes, %i: the order is canceled and the money goes back, or none came',
  async () => {
    await each(async (racer) => {
      const id = await awaited(racer, tent)
      const [canceled, told] = await Promise.all([racer.post(`/api/orders/${id}/set_canceled`), pay(server, id)])
      expect(canceled.status).toBe(200)
      expect(['order-paid', 'refund-late']).toContain(told)
      expect(await seen(racer, id)).toBe('canceled/refunded')
    })
  },
)

test.each(rounds(2))('told of the same money by many at once, %i: it is captured once', async () => {
  await each(async (racer) => {
    const id = await awaited(racer, tent)
    const told = await Promise.all(['a', 'a', 'b', 'b', 'c'].map((event) => pay(server, id, event)))
    expect(told.filter((outcome) => outcome === 'order-paid')).toHaveLength(1)
    expect(told.filter((outcome) => outcome === 'known')).toHaveLength(4)
    expect(await seen(racer, id)).toBe('paid/paid')
  })
})

test.each(rounds(2))(
  'its deadline passes while its money comes and somebody needs the piece, %i: one of them has it',
  async (round) => {
    await Promise.all(
      racers.slice(0, 8).map(async (racer, i) => {
        const buyer = racers[8 + i] as ShopClient
        const sku = `only-${round}-${i}`
        const only = (await stockShop(server.db, [{ sku, quantity: 1 }]))[sku] as string
        const id = await awaited(racer, only)
        await rowsOf(
          server.db,
          `update reservations set expires_at = now() - interval '1 second' where order_id = $1`,
          [id],
        )
        await buyer.post('/api/bucket', { product: only, quantity: 1 })
        const [told, bought] = await Promise.all([pay(server, id), buyer.post('/api/orders', {}), expire(), expire()])
        const stood = await seen(racer, id)
        if (told === 'order-paid') expect([outcomeOf(bought), stood]).toEqual(['409/1043', 'paid/paid'])
        else expect([outcomeOf(bought), told, stood]).toEqual(['ok', 'refund-late', 'canceled/refunded'])
        await buyer.delete('/api/bucket')
      }),
    )
  },
)

test.each(rounds(1))(
  'refunded by several of staff, and canceled, at once, %i: never more goes back than came',
  async () => {
    await each(async (racer) => {
      const id = await awaited(racer, tent, 3)
      await pay(server, id)
      const { attempts } = await getPaymentStory(server.db, id)
      const part = () => refundOrder(server.db, id, { amountMinor: 12_000 })
      const piece = () => refundOrder(server.db, id, { returned: [{ productId: tent as never, quantity: 1 }] })
      const [canceled] = await Promise.all([
        racer.post(`/api/orders/${id}/set_canceled`),
        Promise.allSettled([part(), part(), piece(), piece(), piece(), piece()]),
      ])
      expect(['ok', '409/1003']).toContain(outcomeOf(canceled))
      const [money] = await rowsOf<{ captured: number; refunded: number }>(
        server.db,
        'select captured_minor as captured, refunded_minor as refunded from payment_attempts where id = $1',
        [attempts[0]?.id],
      )
      expect(money?.captured).toBe(30_000)
      expect(money?.refunded).toBeLessThanOrEqual(30_000)
      if (outcomeOf(canceled) === 'ok') expect(money?.refunded).toBe(30_000)
    })
  },
)

test.each(rounds(1))('taken by one of staff and sent back by another, %i: held money does one of the two', async () => {
  await each(async (racer) => {
    const id = await awaited(racer, tent)
    const attempt = (await getPaymentStory(server.db, id)).attempts[0]
    const news = { gateway: 'transfer', event: 'short', told: 'paid', amountMinor: 9_000, currency: 'PLN' } as const
    expect(await recordNews(server.db, { ...news, attemptId: attempt?.id as never })).toBe('held')
    const done = await Promise.allSettled([
      acceptHeld(server.db, id),
      refundOrder(server.db, id, { amountMinor: 9_000 }),
    ])
    const [accepted, refunded] = done.map(({ status }) => status === 'fulfilled')
    // Once it pays the order a refund is a refund of the order: that may follow, the other way round may not.
    expect(refunded).toBe(true)
    const expected = accepted ? 'paid/refunded' : 'to_pay/refunded'
    expect(await seen(racer, id)).toBe(expected)
  })
})

test.each(rounds(1))(
  'choosing how to pay, canceling and being paid at once, %i: one attempt is live, or the order is over',
  async () => {
    await each(async (racer) => {
      const id = await placed(racer, tent)
      await racer.put(`/api/orders/${id}/payment`, { method: 'transfer' })
      const answers = await Promise.all([
        racer.put(`/api/orders/${id}/payment`, { method: 'transfer' }),
        racer.post(`/api/orders/${id}/payment`, { method: 'transfer' }),
        racer.post(`/api/orders/${id}/payment/confirm`, {}),
        racer.post(`/api/orders/${id}/set_canceled`),
        racer.put(`/api/orders/${id}/set_canceled`),
      ])
      const counts = countOutcomes(answers.slice(3))
      expect(counts).toEqual({ ok: 1, '409/1003': 1 })
      for (const answer of answers) expect(['ok', '409/1003', '409/1006', '404/undefined']).toContain(outcomeOf(answer))
      expect(await seen(racer, id)).toBe('canceled/canceled')
    })
  },
)
