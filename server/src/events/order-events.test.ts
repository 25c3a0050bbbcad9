import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBreaches, rowsOf } from '../../../test/support/books.ts'
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import {
  allowBareOrders,
  moveOrder,
  moveRefund,
  type StoredCustomer,
  storeCustomer,
  storeOrder,
  storePayment,
  storeRefund,
} from '../../../test/support/orders.ts'
import { newId, type OrderId, type RefundId } from '../kernel/ids.ts'
import { ORDER_MOVES, ORDER_STATUSES, type OrderStatus } from '../orders/index.ts'
import type { Database } from '../store/database.ts'
import { EVENT_KINDS } from './index.ts'

// What the triggers of migrations/…_order_events.sql write, whoever changes an order.

let fresh: FreshDatabase
let db: Database
let anna: StoredCustomer
beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
  await allowBareOrders(db)
  anna = await storeCustomer(db, 'anna')
})
afterAll(() => fresh.drop())

const run = (text: string, ...values: unknown[]) => rowsOf(db, text, values)
const eventsOf = async (id: OrderId) =>
  (
    await rowsOf<{ position: number; kind: string; status: string }>(
      db,
      'select position, kind, order_status as status from order_events where order_id = $1 order by position',
      [id],
    )
  ).map(({ position, kind, status }) => `${position} ${kind} (${status})`)

const orderEventsOf = async (id: OrderId) =>
  (await eventsOf(id)).map((event) => event.replace(/^\d+ /, '')).filter((event) => event.startsWith('order.'))

/** A way from `new` to each status, by moves that are allowed. What went wrong had been paid: it can go anywhere. */
function wayTo(status: OrderStatus): OrderStatus[] {
  if (status === 'error') return ['new', 'paid', 'error']
  const ways: OrderStatus[][] = [['new']]
  for (const way of ways) {
    const last = way.at(-1) as OrderStatus
    if (last === status) return way
    for (const next of ORDER_MOVES[last]) if (!way.includes(next)) ways.push([...way, next])
  }
  throw new Error(`nothing leads to ${status}`)
}

const nameOf = (status: OrderStatus) => (status === 'new' ? 'order.placed' : `order.${status}`)

describe('an order', () => {
  test('that is made is the first event', async () => {
    const id = await storeOrder(db, anna.id)
    expect(await eventsOf(id)).toEqual(['1 order.placed (new)'])
    expect(await run('select position, problem from order_events_waiting where order_id = $1', id)).toEqual([
      { position: 1, problem: null },
    ])
  })

  const moves = ORDER_STATUSES.flatMap((from) => ORDER_MOVES[from].map((to) => [from, to] as const))
  test.each(moves)('that goes from %s to %s has the event of it', async (from, to) => {
    const id = await storeOrder(db, anna.id)
    const way = [...wayTo(from), to]
    for (const status of way.slice(1)) await moveOrder(db, id, status)
    expect(await orderEventsOf(id)).toEqual(way.map((status) => `${nameOf(status)} (${status})`))
  })

  test('that is changed otherwise has none', async () => {
    const id = await storeOrder(db, anna.id)
    await run(`update orders set payment_method = 'card', status = 'new' where id = $1`, id)
    expect(await eventsOf(id)).toEqual(['1 order.placed (new)'])
  })

  test('whose change is undone has none of it', async () => {
    const id = await storeOrder(db, anna.id)
    const undone = db.transaction(async (tx) => {
      await moveOrder(tx, id, 'canceled')
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await eventsOf(id)).toEqual(['1 order.placed (new)'])
  })
})

test('a payment and a refund tell what becomes of them, with the order as it was', async () => {
  const id = await storeOrder(db, anna.id)
  const payment = await storePayment(db, id, 'TP00000001F')
  await run(`update payment_attempts set status = 'paid', captured_minor = amount_minor where id = $1`, payment)
  await moveOrder(db, id, 'paid')
  await moveOrder(db, id, 'canceled')
  const refund = await storeRefund(db, id)
  await moveRefund(db, refund, 'done')
  expect(await eventsOf(id)).toEqual([
    '1 order.placed (new)',
    '2 payment.pending (new)',
    '3 payment.paid (new)',
    '4 order.paid (paid)',
    '5 order.canceled (canceled)',
    '6 refund.requested (canceled)',
    '7 refund.done (canceled)',
  ])
  const about = await run(
    'select about from order_events where order_id = $1 and about is not null order by position',
    id,
  )
  expect(about[0]?.about).toEqual({
    payment_id: payment,
    method: 'transfer',
    status: 'pending',
    amount_minor: 95_790,
    captured_minor: 0,
    currency: 'PLN',
    transfer_title: 'TP00000001F',
  })
  expect(about[3]?.about).toEqual({
    refund_id: refund,
    payment_id: payment,
    method: 'transfer',
    status: 'done',
    amount_minor: 95_790,
    currency: 'PLN',
    reason: 'order-canceled',
  })
})

test('every status that the tables know is an event we know', async () => {
  const checks = await rowsOf<{ name: string; text: string }>(
    db,
    `select conrelid::regclass::text as name, pg_get_constraintdef(oid) as text from pg_constraint
      where contype = 'c' and conname in ('orders_status_check', 'payment_attempts_status_check', 'refunds_status_check')`,
  )
  const subjects: Record<string, string> = { orders: 'order', payment_attempts: 'payment', refunds: 'refund' }
  const kinds = checks.flatMap(({ name, text }) =>
    [...text.matchAll(/'(\w+)'::text/g)].map(([, status]) => `${subjects[name]}.${status}`),
  )
  expect(checks).toHaveLength(3)
  const told = kinds
    .filter((kind) => kind !== 'payment.starting')
    .map((kind) => kind.replace(/^order\.new$/, 'order.placed'))
  expect(told.filter((kind) => !(EVENT_KINDS as readonly string[]).includes(kind))).toEqual([])
})

test('what has happened is neither changed nor taken back', async () => {
  const id = await storeOrder(db, anna.id)
  for (const change of [`update order_events set kind = 'order.paid'`, 'delete from order_events']) {
    await expect(run(`${change} where order_id = $1`, id)).rejects.toThrow('what has happened is not changed')
  }
  expect(await eventsOf(id)).toEqual(['1 order.placed (new)'])
})

test('events of one order that happen at once stand one after the other, without gaps', async () => {
  const id = await storeOrder(db, anna.id)
  const payment = await storePayment(db, id)
  await run(`update payment_attempts set status = 'paid', captured_minor = amount_minor where id = $1`, payment)
  await moveOrder(db, id, 'paid')
  const refunds = Array.from({ length: 8 }, () => newId<RefundId>())
  await Promise.all(
    refunds.map((refund) =>
      run(
        `insert into refunds (id, attempt_id, amount_minor, reason) values ($1, $2, 100, 'paid-twice')`,
        refund,
        payment,
      ),
    ),
  )
  await Promise.all(refunds.map((refund) => moveRefund(db, refund, 'done')))
  const events = await eventsOf(id)
  expect(events).toHaveLength(4 + 16)
  expect(events.map((event) => Number.parseInt(event, 10))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
})

test('the books notice an order whose events do not agree with it', async () => {
  const agreeing = await findBreaches(db)
  const id = await storeOrder(db, anna.id)
  await db.transaction(async (tx) => {
    await tx.query({ text: 'alter table orders disable trigger orders_note_moved' })
    await moveOrder(tx, id, 'error')
    await tx.query({ text: 'alter table orders enable trigger orders_note_moved' })
  })
  const breaches = (await findBreaches(db)).filter((breach) => !agreeing.includes(breach) && breach.includes('events'))
  expect(breaches).toEqual([`order ${id} is error, its events say order.placed`])
})
