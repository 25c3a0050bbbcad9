import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { rowsOf } from '../../../test/support/books.ts'
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import {
  allowBareOrders,
  moveOrder,
  type StoredCustomer,
  storeCustomer,
  storeOrder,
  storePayment,
} from '../../../test/support/orders.ts'
import { newId, type OrderId } from '../kernel/ids.ts'
import type { Database, Tx } from '../store/database.ts'
import {
  type EventNotice,
  type EventReceiver,
  findEvent,
  getBacklog,
  handOutEvents,
  type OrderEvent,
  readEvents,
} from './index.ts'

let fresh: FreshDatabase
let db: Database
let anna: StoredCustomer
beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
  await allowBareOrders(db)
  anna = await storeCustomer(db, 'anna')
  // What receivers write: with the event, or not at all.
  await rowsOf(db, 'create table told (order_id uuid, position int, by text, id bigint generated always as identity)')
})
afterEach(async () => {
  await rowsOf(db, 'delete from order_events_waiting')
  await rowsOf(db, 'delete from told')
})
afterAll(() => fresh.drop())

const note =
  (by: string): EventReceiver =>
  async (tx, events) => {
    for (const { orderId, position } of events) {
      await rowsOf(tx, 'insert into told (order_id, position, by) values ($1, $2, $3)', [orderId, position, by])
    }
  }
const toldOf = async (id: OrderId) =>
  (await rowsOf<{ position: number }>(db, 'select position from told where order_id = $1 order by id', [id])).map(
    ({ position }) => position,
  )
const waiting = async () => (await rowsOf<{ count: number }>(db, 'select count(*) from order_events_waiting'))[0]?.count

test('every event is told to every receiver, once and in order', async () => {
  const id = await storeOrder(db, anna.id)
  await storePayment(db, id)
  await moveOrder(db, id, 'canceled')
  expect(await handOutEvents(db, [note('a'), note('b')])).toEqual({ events: 3 })
  expect(await rowsOf(db, 'select position, by from told order by id')).toEqual([
    ...[1, 2, 3].flatMap((position) => ['a', 'b'].map((by) => ({ position, by }))),
  ])
  expect(await handOutEvents(db, [note('a'), note('b')])).toEqual({ events: 0 })
})

test('an event tells of the order as it was then, whenever it is handed out', async () => {
  const id = await storeOrder(db, anna.id)
  await rowsOf(db, `update orders set payment_method = 'card' where id = $1`, [id])
  await moveOrder(db, id, 'paid')
  await rowsOf(db, `update customers set phone = '600100200' where id = $1`, [anna.id])
  const events: OrderEvent[] = []
  await handOutEvents(db, [async (tx, some) => void events.push(...(await readEvents(tx, some)))])
  expect(events.map(({ kind }) => kind)).toEqual(['order.placed', 'payment.paid', 'order.paid'])
  expect(events[0]).toEqual({
    orderId: id,
    position: 1,
    kind: 'order.placed',
    happenedAt: expect.any(Date),
    order: {
      id,
      customerId: anna.id,
      status: 'new',
      paymentMethod: null,
      sumMinor: 95_790,
      currency: 'PLN',
      createdAt: events[0]?.happenedAt,
      paidAt: null,
      delivery: { city: 'Gdańsk' },
      lines: [
        expect.objectContaining({ name: 'Two-Person Dome Tent', quantity: 2, unitPriceMinor: 44_900 }),
        expect.objectContaining({ name: 'Lamp', quantity: 1, unitPriceMinor: 5_990 }),
      ],
    },
    customer: {
      id: anna.id,
      username: 'anna',
      email: 'anna@example.com',
      firstName: 'Anna',
      lastName: '',
      phone: '600100200',
      isEmailVerified: false,
    },
    payment: null,
    refund: null,
  })
  expect(events[1]?.payment).toMatchObject({
    method: 'card',
    status: 'paid',
    amountMinor: 95_790,
    capturedMinor: 95_790,
  })
  expect(events[2]?.order).toMatchObject({ status: 'paid', paymentMethod: 'card', paidAt: events[2]?.happenedAt })
  expect(await findEvent(db, { orderId: id, position: 3 })).toEqual(events[2])
  expect(await findEvent(db, { orderId: id, position: 4 })).toBeUndefined()
})

test('many servers at once tell each event once, and each order in order', async () => {
  const ids = await Promise.all(Array.from({ length: 40 }, () => storeOrder(db, anna.id)))
  const servers = () => Array.from({ length: 4 }, () => handOutEvents(db, [note('a')]))
  const moving = ids.map(async (id) => {
    await moveOrder(db, id, 'to_pay')
    await moveOrder(db, id, 'paid')
    await moveOrder(db, id, 'sent')
  })
  const handed = [...(await Promise.all([...servers(), ...moving])), ...(await Promise.all(servers()))]
  expect(handed.reduce((sum, result) => sum + (result?.events ?? 0), 0)).toBe(40 * 5)
  for (const id of ids) expect(await toldOf(id)).toEqual([1, 2, 3, 4, 5])
})

test('an event whose earlier one is just being handed out elsewhere waits for it', async () => {
  const id = await storeOrder(db, anna.id)
  await moveOrder(db, id, 'canceled')
  let elsewhere: { events: number } | undefined
  const slow: EventReceiver = async (tx, events) => {
    elsewhere ??= await handOutEvents(db, [note('elsewhere')])
    await note('here')(tx, events)
  }
  await handOutEvents(db, [slow])
  expect(elsewhere).toEqual({ events: 0 })
  expect(await rowsOf(db, 'select position, by from told order by id')).toEqual([
    { position: 1, by: 'here' },
    { position: 2, by: 'here' },
  ])
})

test('an event that a receiver chokes on keeps its own order waiting and no other, and is tried again', async () => {
  const [good, bad, fine] = [
    await storeOrder(db, anna.id),
    await storeOrder(db, anna.id),
    await storeOrder(db, anna.id),
  ]
  await moveOrder(db, bad, 'canceled')
  const choke = async (tx: Tx, events: readonly EventNotice[]) => {
    await note('a')(tx, events)
    if (events.some(({ orderId }) => orderId === bad)) throw new Error('bad luck')
  }
  const failures: unknown[] = []
  const onFailure = (
    { orderId, position, kind }: { orderId: string; position: number; kind: string },
    error: unknown,
  ) => failures.push([orderId, position, kind, (error as Error).message])
  expect(await handOutEvents(db, [choke], { onFailure })).toEqual({ events: 2 })
  expect(failures).toEqual([[bad, 1, 'order.placed', 'bad luck']])
  expect([await toldOf(good), await toldOf(bad), await toldOf(fine)]).toEqual([[1], [], [1]])
  expect(await getBacklog(db)).toEqual({ waiting: 2, oldest: expect.any(Date), postponed: 1, problem: 'bad luck' })

  expect(await handOutEvents(db, [note('a')])).toEqual({ events: 0 })
  await rowsOf(db, 'update order_events_waiting set postponed_until = now() where problem is not null')
  expect(await handOutEvents(db, [note('a')])).toEqual({ events: 2 })
  expect(await toldOf(bad)).toEqual([1, 2])
})

test('what a server that died had not committed is handed out by another', async () => {
  const id = await storeOrder(db, anna.id)
  const dying = db.withConnection(async (client) => {
    const { pid } = (await client.query('select pg_backend_pid() as pid')).rows[0]
    await client.query('begin')
    await client.query('select * from order_events_waiting for update')
    await client.query('insert into told (order_id, position) values ($1, 1)', [id])
    expect(await handOutEvents(db, [note('a')])).toEqual({ events: 0 })
    await rowsOf(db, 'select pg_terminate_backend($1)', [pid])
    await client.query('commit')
  })
  await expect(dying).rejects.toThrow()
  expect(await handOutEvents(db, [note('a')])).toEqual({ events: 1 })
  expect(await toldOf(id)).toEqual([1])
})

test('a long queue is handed out in one run, and a stop is heard between two batches', async () => {
  await rowsOf(
    db,
    `insert into orders (id, customer_id, sum_minor, currency) select gen_random_uuid(), $1, 1, 'PLN' from generate_series(1, 250)`,
    [anna.id],
  )
  const stopping = new AbortController()
  const stop: EventReceiver = async () => stopping.abort()
  expect(await handOutEvents(db, [stop], { signal: stopping.signal })).toEqual({ events: 100 })
  expect(await waiting()).toBe(150)
  expect(await handOutEvents(db, [note(newId())])).toEqual({ events: 150 })
})
