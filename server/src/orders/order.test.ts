import { describe, expect, test } from 'vitest'
import { decideMove, holdSeconds, ORDER_MOVES, ORDER_STATUSES } from './order.ts'

describe('the moves of an order', () => {
  test('go from new through to_pay, paid and sent to delivered', () => {
    const way = ['new', 'to_pay', 'paid', 'sent', 'delivered'] as const
    for (const [i, to] of way.slice(1).entries()) expect(() => decideMove(way[i] ?? 'new', to)).not.toThrow()
  })

  test.each([
    ['paid', 'to_pay'],
    ['sent', 'canceled'],
    ['delivered', 'canceled'],
    ['canceled', 'paid'],
    ['canceled', 'to_pay'],
    ['returned', 'paid'],
  ] as const)('never go from %s to %s', (from, to) => {
    expect(() => decideMove(from, to)).toThrow(
      expect.objectContaining({ refusal: { code: 'orders.wrong-status', status: from } }),
    )
  })

  test('nothing comes back to new, and canceled and returned are the end', () => {
    expect(ORDER_STATUSES.flatMap((from) => ORDER_MOVES[from])).not.toContain('new')
    expect([ORDER_MOVES.canceled, ORDER_MOVES.returned]).toEqual([[], []])
  })
})

test('a transfer holds the stock for days, anything else for minutes', () => {
  const terms = { onlineMinutes: 60, transferDays: 7 }
  expect(holdSeconds(terms, 'transfer')).toBe(604_800)
  for (const method of ['card', 'payu', null] as const) expect(holdSeconds(terms, method)).toBe(3_600)
})
