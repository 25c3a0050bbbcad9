import { expect, test } from 'vitest'
import { makeCsrfTickets } from './csrf.ts'

const tickets = makeCsrfTickets(['a-key-for-tests-and-for-nothing-else'])

test('a ticket is good for its holder for ten minutes', () => {
  const ticket = tickets.make('credential a', 1_000)
  expect(tickets.isGood(ticket, 'credential a', 1_599)).toBe(true)
  expect(tickets.isGood(ticket, 'credential a', 1_600)).toBe(false)
  expect(tickets.isGood(ticket, 'credential b', 1_000)).toBe(false)
  expect(tickets.isGood(ticket, 'anonymous a', 1_000)).toBe(false)
})

test('nobody but us makes a ticket, or makes one live longer', () => {
  const ticket = tickets.make('credential a', 1_000)
  const [endsAt, signature] = ticket.split('.')
  for (const forged of [
    '',
    '.',
    'x.y',
    `${Number(endsAt) + 600}.${signature}`,
    `${ticket}.more`,
    `${endsAt}.`,
    ` ${ticket}`,
  ]) {
    expect(tickets.isGood(forged, 'credential a', 1_000)).toBe(false)
  }
  const others = makeCsrfTickets(['another-key-for-tests-and-nothing-else'])
  expect(tickets.isGood(others.make('credential a', 1_000), 'credential a', 1_000)).toBe(false)
})

test('a ticket signed with an older key is good as long as the key is listed', () => {
  const rotated = makeCsrfTickets(['a-new-key-for-tests-and-nothing-else', 'a-key-for-tests-and-for-nothing-else'])
  expect(rotated.isGood(tickets.make('credential a', 1_000), 'credential a', 1_000)).toBe(true)
})
