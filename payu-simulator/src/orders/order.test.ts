import { describe, expect, test } from 'vitest'
import { SANDBOX_POS } from '../points-of-sale.ts'
import type { StartedSimulator } from '../start.ts'
import { type Shop, startWithShop } from '../testing/shop.ts'
import { mayMove, type OrderStatus } from './order.ts'

const STATUSES: readonly OrderStatus[] = ['NEW', 'PENDING', 'WAITING_FOR_CONFIRMATION', 'COMPLETED', 'CANCELED']

describe('an order', () => {
  test('moves as the table says and no other way', () => {
    const moves = STATUSES.flatMap((from) => STATUSES.filter((to) => mayMove(from, to)).map((to) => `${from} ${to}`))
    expect(moves).toEqual([
      'NEW PENDING',
      'NEW CANCELED',
      'PENDING WAITING_FOR_CONFIRMATION',
      'PENDING COMPLETED',
      'PENDING CANCELED',
      'WAITING_FOR_CONFIRMATION COMPLETED',
      'WAITING_FOR_CONFIRMATION CANCELED',
    ])
  })
})

type Run = { payu: StartedSimulator; shop: Shop }

/** How an order comes to be in each status. */
const REACH: Readonly<Record<OrderStatus, (run: Run, orderId: string) => Promise<unknown>>> = {
  NEW: async () => {},
  PENDING: async ({ payu }, orderId) => payu.act(orderId, 'fail'),
  WAITING_FOR_CONFIRMATION: async ({ payu }, orderId) => payu.act(orderId, 'pay'),
  COMPLETED: async ({ payu, shop }, orderId) => {
    payu.act(orderId, 'pay')
    await shop.call('POST', `/orders/${orderId}/captures`)
  },
  CANCELED: async ({ shop }, orderId) => shop.call('DELETE', `/orders/${orderId}`),
}

/** What can be done to an order, and the status it has afterwards, or what it is refused with. */
const DEEDS: Readonly<
  Record<string, { act(run: Run, orderId: string): Promise<unknown>; ends: readonly (OrderStatus | string)[] }>
> = {
  'the buyer pays': {
    act: async ({ payu }, orderId) => payu.act(orderId, 'pay'),
    ends: ['WAITING_FOR_CONFIRMATION', 'WAITING_FOR_CONFIRMATION', 'no', 'no', 'no'],
  },
  'the buyer fails': {
    act: async ({ payu }, orderId) => payu.act(orderId, 'fail'),
    ends: ['PENDING', 'PENDING', 'no', 'no', 'no'],
  },
  'the buyer declines': {
    act: async ({ payu }, orderId) => payu.act(orderId, 'decline'),
    ends: ['CANCELED', 'CANCELED', 'no', 'no', 'no'],
  },
  'the shop captures': {
    act: ({ shop }, orderId) => shop.call('POST', `/orders/${orderId}/captures`),
    ends: ['108', '108', 'COMPLETED', '108', '108'],
  },
  'the shop confirms': {
    act: ({ shop }, orderId) => shop.call('PUT', `/orders/${orderId}/status`, { orderId, orderStatus: 'COMPLETED' }),
    ends: ['108', '108', 'COMPLETED', '108', '108'],
  },
  'the shop cancels': {
    act: ({ shop }, orderId) => shop.call('DELETE', `/orders/${orderId}`),
    ends: ['CANCELED', 'CANCELED', 'CANCELED', '108', '108'],
  },
  'the shop refunds': {
    act: ({ shop }, orderId) => shop.call('POST', `/orders/${orderId}/refunds`, { refund: { description: 'x' } }),
    ends: ['9101', '9101', '9101', 'COMPLETED', '9101'],
  },
  'a day passes': {
    act: ({ payu }) => payu.advance(86_400),
    ends: ['CANCELED', 'CANCELED', 'WAITING_FOR_CONFIRMATION', 'COMPLETED', 'CANCELED'],
  },
  'a week passes': {
    act: ({ payu }) => payu.advance(7 * 86_400),
    ends: ['CANCELED', 'CANCELED', 'CANCELED', 'COMPLETED', 'CANCELED'],
  },
}

describe.each(Object.entries(DEEDS))('when %s', (_title, { act, ends }) => {
  test.each(STATUSES.map((from, index) => [from, ends[index]] as const))('%s becomes %s', async (from, end) => {
    const run = await startWithShop({ pointsOfSale: [{ ...SANDBOX_POS, autoReceive: false }] })
    const orderId = await run.shop.createOrder()
    await REACH[from](run, orderId)
    expect(run.payu.order(orderId).status).toBe(from)
    const before = run.payu.order(orderId)
    if (end === 'no') {
      await expect(act(run, orderId)).rejects.toThrow(RangeError)
      expect(run.payu.order(orderId)).toEqual(before)
    } else if (end && /^\d+$/.test(end)) {
      expect(await act(run, orderId)).toMatchObject({ status: 400, body: { status: { code: end } } })
      expect(run.payu.order(orderId)).toEqual(before)
    } else {
      await act(run, orderId)
      expect(run.payu.order(orderId).status).toBe(end)
    }
    // Each change of status was told once, but for NEW.
    const told = run.payu.order(orderId).notifications.filter(({ about }) => about === 'order')
    expect(new Set(told.map(({ status }) => status)).size).toBe(told.length)
  })
})

test('a payment that nobody captured in time is canceled with the code for it', async () => {
  const { payu, shop } = await startWithShop({ pointsOfSale: [{ ...SANDBOX_POS, autoReceive: false }] })
  const orderId = await shop.createPaid(payu)
  await payu.advance(7 * 86_400)
  expect(payu.order(orderId).transactions.map(({ resultCode }) => resultCode)).toEqual(['222'])
  expect(shop.told).toEqual(['PENDING', 'WAITING_FOR_CONFIRMATION', 'CANCELED'])
})
