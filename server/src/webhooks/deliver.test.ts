import { createServer as createTlsServer } from 'node:https'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rowsOf } from '../../../test/support/books.ts'
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import { type HookManners, type HookReceiver, startHookReceiver } from '../../../test/support/hook-receiver.ts'
import {
  allowBareOrders,
  moveOrder,
  type StoredCustomer,
  storeCustomer,
  storeOrder,
  storePayment,
} from '../../../test/support/orders.ts'
import { UNTRUSTED } from '../../../test/support/untrusted-certificate.ts'
import { handOutEvents, type OrderEvent } from '../events/index.ts'
import type { EndpointId, OrderId } from '../kernel/ids.ts'
import type { Database, Db } from '../store/database.ts'
import {
  addEndpoint,
  type DeliveryFailure,
  forgetOldDeliveries,
  getMessage,
  listDeliveries,
  listEndpoints,
  makeCourier,
  makePoster,
  messageId,
  type Poster,
  queueDeliveries,
  removeEndpoint,
  replay,
  rotateSecret,
  sendTest,
  switchOff,
  switchOn,
} from './index.ts'

let fresh: FreshDatabase
let db: Database
let anna: StoredCustomer
let poster: Poster
let receivers: HookReceiver[]
let failures: DeliveryFailure[]
let switchedOff: { endpointId: EndpointId; off: string }[]

beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
  await allowBareOrders(db)
  anna = await storeCustomer(db, 'anna')
})
beforeEach(() => {
  poster = makePoster({ mayBePrivate: true, withinMs: 5_000 })
  ;[receivers, failures, switchedOff] = [[], [], []]
})
afterEach(async () => {
  await poster.close()
  await Promise.all(receivers.map((receiver) => receiver.stop()))
  await rowsOf(db, 'delete from webhook_endpoints')
  await rowsOf(db, 'delete from order_events_waiting')
})
afterAll(() => fresh.drop())

/** Asks not to come back while the test runs. */
const LATER = { 'retry-after': '3600' }

/** A receiver that asked for events. */
async function endpoint(kinds: string[] = [], manners?: HookManners) {
  const receiver = await startHookReceiver(manners)
  receivers.push(receiver)
  return { receiver, ...(await addEndpoint(db, { url: receiver.url, kinds, mayBePrivate: true })) }
}
const describeEvent = ({ kind, orderId, position, order }: OrderEvent) => ({
  type: kind,
  data: { order: orderId, position, status: order.status },
})
const courier = (on: Db = db, by: Poster = poster) =>
  makeCourier(on, {
    describe: describeEvent,
    poster: by,
    onFailure: (failure) => failures.push(failure),
    onOff: (off) => switchedOff.push(off),
  })
/** Hands out what has happened, and tries all that is due. */
async function run(by?: Poster): Promise<void> {
  await handOutEvents(db, [queueDeliveries])
  const one = courier(db, by)
  await one.setOut()
  await one.isBack()
}
/** As if all pauses were over. */
const wakeUp = () => rowsOf(db, `update webhook_deliveries set next_try_at = now() where state = 'waiting'`)
const typesAt = ({ received }: HookReceiver) => received.map(({ body }) => body.type)
const statesOf = async (id: OrderId) =>
  (
    await rowsOf(
      db,
      'select position, state, attempts, answer_status as status, problem from webhook_deliveries where order_id = $1 order by position',
      [id],
    )
  ).map(({ position, state, attempts, status, problem }) => [position, state, attempts, status ?? problem])
const pauseOf = async (id: OrderId, position: number) =>
  (
    await rowsOf<{ pause: number }>(
      db,
      'select extract(epoch from next_try_at - now())::int as pause from webhook_deliveries where order_id = $1 and position = $2',
      [id, position],
    )
  )[0]?.pause

describe('an event', () => {
  test('is sent to every endpoint that wants it, signed by the scheme', async () => {
    const all = await endpoint()
    const paid = await endpoint(['order.paid'])
    const payments = await endpoint(['payment.*'])
    const id = await storeOrder(db, anna.id)
    await moveOrder(db, id, 'paid')
    await run()
    expect(typesAt(all.receiver)).toEqual(['order.placed', 'payment.paid', 'order.paid'])
    expect(typesAt(paid.receiver)).toEqual(['order.paid'])
    expect(typesAt(payments.receiver)).toEqual(['payment.paid'])
    for (const { receiver, secret } of [all, paid, payments]) {
      for (const { raw, headers, body } of receiver.received) {
        expect(new Webhook(secret).verify(raw, headers as Record<string, string>)).toEqual(body)
        expect(headers['webhook-id']).toBe(messageId({ orderId: id, position: body.data.position }))
        expect(headers['content-type']).toBe('application/json')
      }
    }
    await run()
    expect(all.receiver.received).toHaveLength(3)
  })

  test('is not sent to an endpoint that is off or came later', async () => {
    const off = await endpoint()
    await switchOff(db, off.receiver.url)
    const id = await storeOrder(db, anna.id)
    await run()
    const late = await endpoint()
    await switchOn(db, off.id)
    await run()
    expect([off.receiver.received, late.receiver.received]).toEqual([[], []])
    expect(await statesOf(id)).toEqual([])
  })

  test('is tried again after a pause, the same under the same id, with a signature of then', async () => {
    const { receiver, secret } = await endpoint([], () => ({ status: 500, headers: LATER }))
    const id = await storeOrder(db, anna.id)
    await run()
    expect(await statesOf(id)).toEqual([[1, 'waiting', 1, 500]])
    await rowsOf(db, `update customers set email = 'anna.nowak@example.com' where id = $1`, [anna.id])
    await run()
    expect(receiver.received).toHaveLength(1)

    receiver.manners = () => 200
    await wakeUp()
    await run()
    expect(await statesOf(id)).toEqual([[1, 'delivered', 2, 200]])
    const [first, second] = receiver.received
    expect(second?.raw).toBe(first?.raw)
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    expect(() => new Webhook(secret).verify(second?.raw ?? '', second?.headers as Record<string, string>)).not.toThrow()
    expect(failures).toEqual([
      {
        endpointId: expect.any(String),
        message: messageId({ orderId: id, position: 1 }),
        kind: 'order.placed',
        attempts: 1,
        reason: 'answered 500',
        isGivenUp: false,
      },
    ])
  })

  test('that is not taken keeps the later ones of its order waiting, and of no other', async () => {
    const [bad, good] = [await storeOrder(db, anna.id), await storeOrder(db, anna.id)]
    const { receiver } = await endpoint([], ({ body }) =>
      body.data.order === bad ? { status: 503, headers: LATER } : 200,
    )
    for (const id of [bad, good]) await moveOrder(db, id, 'canceled')
    await run()
    await run()
    const seen = receiver.received.map(({ body }) => [body.data.order === bad ? 'bad' : 'good', body.type])
    expect(seen.toSorted()).toEqual([
      ['bad', 'order.placed'],
      ['good', 'order.canceled'],
      ['good', 'order.placed'],
    ])
    expect(await statesOf(bad)).toEqual([
      [1, 'waiting', 1, 503],
      [2, 'waiting', 0, null],
    ])
    receiver.manners = () => 200
    await wakeUp()
    await run()
    expect(typesAt(receiver).slice(3)).toEqual(['order.placed', 'order.canceled'])
  })

  test('is given up after the last pause; then the later ones are sent', async () => {
    const { receiver } = await endpoint([], ({ body }) => (body.type === 'order.placed' ? 400 : 200))
    const id = await storeOrder(db, anna.id)
    await moveOrder(db, id, 'canceled')
    await run()
    for (let i = 2; i <= 10; i++) {
      await wakeUp()
      await run()
    }
    expect(typesAt(receiver)).toEqual([...Array(10).fill('order.placed'), 'order.canceled'])
    expect(await statesOf(id)).toEqual([
      [1, 'failed', 10, 400],
      [2, 'delivered', 1, 200],
    ])
    expect(failures.map(({ isGivenUp }) => isGivenUp)).toEqual([...Array(9).fill(false), true])
    expect(await listEndpoints(db)).toMatchObject([{ waiting: 0, failed: 1, failingSince: null }])
  })

  test('that cannot be put into words is a failure of its own and stops no other', async () => {
    const { receiver } = await endpoint()
    const [bad, good] = [await storeOrder(db, anna.id), await storeOrder(db, anna.id)]
    await handOutEvents(db, [queueDeliveries])
    const describe = (event: OrderEvent) => {
      if (event.orderId === bad) throw new Error('no words')
      return describeEvent(event)
    }
    const one = makeCourier(db, { describe, poster })
    await one.setOut()
    await one.isBack()
    expect(receiver.received.map(({ body }) => body.data.order)).toEqual([good])
    expect(await statesOf(bad)).toEqual([[1, 'waiting', 1, 'no words']])
  })
})

test('many servers at once send each event once, and each order in order', async () => {
  const { receiver } = await endpoint([], async () => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
    return 200
  })
  const ids = await Promise.all(Array.from({ length: 25 }, () => storeOrder(db, anna.id)))
  const couriers = Array.from({ length: 3 }, () => courier())
  const work = async () => {
    for (let i = 0; i < 12; i++) {
      await handOutEvents(db, [queueDeliveries])
      await Promise.all(couriers.map((one) => one.setOut()))
    }
  }
  const move = async (id: OrderId) => {
    await moveOrder(db, id, 'to_pay')
    await storePayment(db, id)
    await moveOrder(db, id, 'paid')
    await moveOrder(db, id, 'sent')
  }
  await Promise.all([work(), work(), ...ids.map(move)])
  await Promise.all(couriers.map((one) => one.isBack()))
  await run()
  for (const id of ids) {
    const positions = receiver.received
      .filter(({ body }) => body.data.order === id)
      .map(({ body }) => body.data.position)
    expect(positions).toEqual([1, 2, 3, 4, 5, 6])
  }
  expect(receiver.received).toHaveLength(150)
})

describe('a server that dies', () => {
  test('between sending and writing it down has it sent again, under the same id', async () => {
    const { receiver } = await endpoint()
    const id = await storeOrder(db, anna.id)
    await handOutEvents(db, [queueDeliveries])
    const dead: Db = {
      query: (config) =>
        config.name === 'webhooks.set-ended' ? Promise.reject(new Error('power cut')) : db.query(config),
    }
    const errors: unknown[] = []
    const one = makeCourier(dead, { describe: describeEvent, poster }, { onError: (error) => errors.push(error) })
    await one.setOut()
    await one.isBack()
    expect([receiver.received.length, String(errors[0])]).toEqual([1, 'Error: power cut'])
    expect(await statesOf(id)).toEqual([[1, 'waiting', 1, null]])
    await run()
    expect(receiver.received).toHaveLength(1)
    await wakeUp()
    await run()
    const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
    expect(ids).toEqual([messageId({ orderId: id, position: 1 }), messageId({ orderId: id, position: 1 })])
    expect(await statesOf(id)).toEqual([[1, 'delivered', 2, 204]])
  })

  test('or stops while it sends leaves it as if it had not been tried', async () => {
    const { receiver } = await endpoint([], () => 'hang')
    const id = await storeOrder(db, anna.id)
    await handOutEvents(db, [queueDeliveries])
    const cutOff = new AbortController()
    const one = makeCourier(db, { describe: describeEvent, poster }, { signal: cutOff.signal })
    await one.setOut()
    await expect.poll(() => receiver.received.length).toBe(1)
    const stopped = one.stop()
    cutOff.abort()
    await stopped
    expect(await statesOf(id)).toEqual([[1, 'waiting', 0, null]])
    receiver.manners = () => 200
    await run()
    expect(await statesOf(id)).toEqual([[1, 'delivered', 1, 200]])
  })
})

describe('an endpoint', () => {
  test('that hangs delays no other', async () => {
    const hanging = await endpoint([], () => 'hang')
    const good = await endpoint()
    const one = courier()
    await storeOrder(db, anna.id)
    await handOutEvents(db, [queueDeliveries])
    await one.setOut()
    await expect.poll(() => [hanging.receiver.received.length, good.receiver.received.length]).toEqual([1, 1])
    await storeOrder(db, anna.id)
    await handOutEvents(db, [queueDeliveries])
    await one.setOut()
    await expect.poll(() => good.receiver.received.length).toBe(2)
    await hanging.receiver.stop()
    await one.isBack()
  })

  test('that says that it is gone is switched off, and told of', async () => {
    const { receiver, id: endpointId } = await endpoint([], () => 410)
    const id = await storeOrder(db, anna.id)
    await moveOrder(db, id, 'canceled')
    await run()
    expect(receiver.received).toHaveLength(1)
    expect(switchedOff).toEqual([{ endpointId, off: 'gone' }])
    expect(await listEndpoints(db)).toMatchObject([{ off: 'gone' }])
    expect(await statesOf(id)).toEqual([
      [1, 'failed', 1, 410],
      [2, 'waiting', 0, null],
    ])
    receiver.manners = () => 200
    await switchOn(db, endpointId)
    await run()
    expect(typesAt(receiver)).toEqual(['order.placed', 'order.canceled'])
  })

  test('that takes nothing for five days is switched off, and told of; one success is enough to stay', async () => {
    const { receiver, id: endpointId } = await endpoint([], () => 500)
    await storeOrder(db, anna.id)
    await run()
    const since = (interval: string) =>
      rowsOf(db, `update webhook_endpoints set failing_since = now() - $1::interval`, [interval])
    await since('4 days 23 hours')
    await wakeUp()
    await run()
    expect(await listEndpoints(db)).toMatchObject([{ off: null, failingSince: expect.any(Date) }])
    receiver.manners = () => 200
    await wakeUp()
    await run()
    expect(await listEndpoints(db)).toMatchObject([{ off: null, failingSince: null }])

    receiver.manners = () => 500
    await storeOrder(db, anna.id)
    await run()
    await since('5 days 1 minute')
    await wakeUp()
    await run()
    expect(switchedOff).toEqual([{ endpointId, off: 'failing' }])
    await wakeUp()
    await run()
    expect(receiver.received).toHaveLength(5)
  })

  test('is asked at the time it names', async () => {
    await endpoint([], () => ({ status: 429, headers: LATER }))
    const id = await storeOrder(db, anna.id)
    await run()
    expect(Math.round(((await pauseOf(id, 1)) ?? 0) / 60)).toBe(60)
  })

  test('that redirects is not followed', async () => {
    const elsewhere = await startHookReceiver()
    receivers.push(elsewhere)
    await endpoint([], () => ({ status: 307, headers: { location: elsewhere.url } }))
    const id = await storeOrder(db, anna.id)
    await run()
    expect(elsewhere.received).toEqual([])
    expect(await statesOf(id)).toEqual([[1, 'waiting', 1, 307]])
  })

  test('that does not answer, or is not there, is a failure in words', async () => {
    const { receiver } = await endpoint([], () => 'hang')
    const id = await storeOrder(db, anna.id)
    const hasty = makePoster({ mayBePrivate: true, withinMs: 300 })
    await run(hasty)
    await hasty.close()
    expect(await statesOf(id)).toEqual([[1, 'waiting', 1, 'no answer within 0.3 s']])
    await receiver.stop()
    await wakeUp()
    await run()
    expect(await statesOf(id)).toEqual([[1, 'waiting', 2, `connect ECONNREFUSED 127.0.0.1:${receiver.port}`]])
  })

  test('that answers at length is heard at the beginning only, and nothing of it moves a cursor', async () => {
    await endpoint([], () => ({ status: 200, text: `ok\u001b[31m\u0000 ${'x'.repeat(5_000_000)}` }))
    await storeOrder(db, anna.id)
    await run()
    const [delivery] = await listDeliveries(db, { endpoint: undefined, onlyFailing: false, limit: 10 })
    expect([delivery?.state, delivery?.answerText]).toEqual(['delivered', `ok [31m ${'x'.repeat(492)}`])
  })

  test('with a certificate that nobody vouches for is not spoken to', async () => {
    const receiver = await startHookReceiver(
      () => 200,
      (listener) => createTlsServer(UNTRUSTED, listener),
    )
    receivers.push(receiver)
    const url = `https://localhost:${receiver.port}/`
    await addEndpoint(db, { url, kinds: [], mayBePrivate: true })
    const id = await storeOrder(db, anna.id)
    await run()
    expect(receiver.received).toEqual([])
    expect(await statesOf(id)).toEqual([[1, 'waiting', 1, 'self-signed certificate']])
  })

  test.each(['127.0.0.1', '[::ffff:7f00:1]', 'localhost'])(
    'in our own network is not spoken to where that is refused: %s',
    async (host) => {
      const { receiver } = await endpoint()
      // As if the name had led elsewhere when it was added.
      const url = `http://${host}:${receiver.port}/`
      await rowsOf(db, 'update webhook_endpoints set url = $1', [url])
      const id = await storeOrder(db, anna.id)
      const careful = makePoster({ mayBePrivate: false })
      await run(careful)
      await careful.close()
      expect(receiver.received).toEqual([])
      const name = new URL(url).hostname.replace(/[[\]]/g, '')
      const problem = `${name} is in a private network; WEBHOOK_PRIVATE_ADDRESSES=allow permits that`
      expect(await statesOf(id)).toEqual([[1, 'waiting', 1, problem]])
    },
  )

  test('is there once, and gone with all that was for it when it is removed', async () => {
    const { receiver, id } = await endpoint()
    await expect(addEndpoint(db, { url: receiver.url, kinds: [], mayBePrivate: true })).rejects.toThrow(
      'refused: webhooks.already-there',
    )
    await storeOrder(db, anna.id)
    await handOutEvents(db, [queueDeliveries])
    await removeEndpoint(db, id)
    await run()
    expect(receiver.received).toEqual([])
    await expect(removeEndpoint(db, id)).rejects.toThrow('refused: webhooks.endpoint-not-found')
  })
})

describe('a secret that is changed', () => {
  const isGood = (secret: string, { received }: HookReceiver) => {
    const last = received.at(-1)
    try {
      new Webhook(secret).verify(last?.raw ?? '', last?.headers as Record<string, string>)
      return true
    } catch {
      return false
    }
  }

  test('signs beside the new one for a while', async () => {
    const { receiver, secret: old, id } = await endpoint()
    const { secret: young } = await rotateSecret(db, id, { oldIsGoodForHours: 24 })
    await storeOrder(db, anna.id)
    await run()
    expect([isGood(old, receiver), isGood(young, receiver)]).toEqual([true, true])

    await rowsOf(db, 'update webhook_secrets set expires_at = now() where expires_at is not null')
    await storeOrder(db, anna.id)
    await run()
    expect([isGood(old, receiver), isGood(young, receiver)]).toEqual([false, true])
    await forgetOldDeliveries(db)
    expect(await rowsOf(db, 'select expires_at from webhook_secrets')).toEqual([{ expires_at: null }])
  })

  test('signs no more at once when it has leaked', async () => {
    const { receiver, secret: old, id } = await endpoint()
    const { secret: young } = await rotateSecret(db, id, { oldIsGoodForHours: 0 })
    await storeOrder(db, anna.id)
    await run()
    expect([isGood(old, receiver), isGood(young, receiver)]).toEqual([false, true])
  })

  test('is never shown again', async () => {
    const { secret, id } = await endpoint()
    const shown = JSON.stringify([
      await listEndpoints(db),
      await listDeliveries(db, { endpoint: id, onlyFailing: false, limit: 9 }),
    ])
    expect(shown).not.toContain(secret)
    expect(shown).not.toContain(secret.slice('whsec_'.length))
    expect(shown).not.toContain(Buffer.from(secret.slice('whsec_'.length), 'base64').toString('hex'))
  })
})

describe('a replay', () => {
  test('sends an order again, in order and under the same ids, to those who want it', async () => {
    const all = await endpoint()
    const placed = await endpoint(['order.placed'])
    const [id, other] = [await storeOrder(db, anna.id), await storeOrder(db, anna.id)]
    for (const order of [id, other]) await moveOrder(db, order, 'canceled')
    await run()
    const before = all.receiver.received
      .filter(({ body }) => body.data.order === id)
      .map(({ raw, headers }) => [raw, headers['webhook-id']])
    for (const { receiver } of [all, placed]) receiver.received.length = 0

    expect(await replay(db, { orderId: id })).toEqual({ deliveries: 3 })
    await run()
    expect(all.receiver.received.map(({ raw, headers }) => [raw, headers['webhook-id']])).toEqual(before)
    expect(typesAt(placed.receiver)).toEqual(['order.placed'])
    expect(await statesOf(id)).toEqual([
      [1, 'delivered', 1, 204],
      [1, 'delivered', 1, 204],
      [2, 'delivered', 1, 204],
    ])
  })

  test('sends one message, to one endpoint', async () => {
    const [one, two] = [await endpoint(), await endpoint()]
    const id = await storeOrder(db, anna.id)
    await run()
    const message = messageId({ orderId: id, position: 1 })
    expect(await replay(db, { message, endpoint: two.receiver.url })).toEqual({ deliveries: 1 })
    await run()
    expect([one.receiver.received.length, two.receiver.received.length]).toEqual([1, 2])
    expect(await replay(db, { message: messageId({ orderId: id, position: 7 }) })).toEqual({ deliveries: 0 })
    for (const bad of ['', 'msg_1', `${message}0x`]) {
      await expect(replay(db, { message: bad })).rejects.toThrow('refused: webhooks.message-not-found')
    }
  })

  test('gives an endpoint that came later what happened since', async () => {
    const [old, young] = [await storeOrder(db, anna.id), await storeOrder(db, anna.id)]
    await run()
    const since = new Date()
    await moveOrder(db, old, 'canceled')
    await moveOrder(db, young, 'canceled')
    await run()
    const late = await endpoint()
    expect(await replay(db, { since })).toEqual({ deliveries: 2 })
    await run()
    expect(typesAt(late.receiver)).toEqual(['order.canceled', 'order.canceled'])
  })

  test('of what was given up sends nothing else', async () => {
    const { receiver } = await endpoint([], ({ body }) => (body.type === 'order.placed' ? 410 : 200))
    const since = new Date(Date.now() - 60_000)
    const id = await storeOrder(db, anna.id)
    await run()
    await switchOn(db, receiver.url)
    receiver.manners = () => 200
    await moveOrder(db, id, 'canceled')
    await run()
    receiver.received.length = 0
    expect(await replay(db, { since, onlyFailed: true })).toEqual({ deliveries: 1 })
    await run()
    expect(typesAt(receiver)).toEqual(['order.placed'])
  })

  test('does not run ahead of what is not handed out yet', async () => {
    const { receiver } = await endpoint()
    const id = await storeOrder(db, anna.id)
    expect(await replay(db, { orderId: id })).toEqual({ deliveries: 0 })
    await run()
    expect(receiver.received).toHaveLength(1)
  })
})

describe('the log', () => {
  test('lists the newest first, or what fails alone, and shows one message whole', async () => {
    const good = await endpoint()
    const bad = await endpoint([], () => ({ status: 422, text: 'what is PLN?' }))
    const id = await storeOrder(db, anna.id)
    await run()
    await moveOrder(db, id, 'canceled')
    await run()
    const list = async (wish = {}) =>
      (await listDeliveries(db, { endpoint: undefined, onlyFailing: false, limit: 10, ...wish })).map(
        ({ url, kind, state, answerStatus }) => [url === good.receiver.url ? 'good' : 'bad', kind, state, answerStatus],
      )
    expect(await list({ endpoint: good.id })).toEqual([
      ['good', 'order.canceled', 'delivered', 204],
      ['good', 'order.placed', 'delivered', 204],
    ])
    expect(await list({ onlyFailing: true })).toEqual([['bad', 'order.placed', 'waiting', 422]])
    expect(await list({ limit: 1 })).toHaveLength(1)
    const shown = await getMessage(db, messageId({ orderId: id, position: 1 }))
    expect(shown).toMatchObject([
      { url: good.receiver.url, state: 'delivered', body: good.receiver.received[0]?.raw },
      { url: bad.receiver.url, state: 'waiting', answerText: 'what is PLN?' },
    ])
  })

  test('forgets after a month what ended, and what waits for an endpoint that is off; the events stay', async () => {
    const { receiver } = await endpoint()
    const [ended, waiting] = [await storeOrder(db, anna.id), await storeOrder(db, anna.id)]
    receiver.manners = ({ body }) => (body.data.order === ended ? 200 : 500)
    await run()
    await rowsOf(
      db,
      `update webhook_deliveries set queued_at = now() - interval '31 days', ended_at = ended_at - interval '31 days'`,
    )
    await forgetOldDeliveries(db)
    expect([await statesOf(ended), (await statesOf(waiting)).length]).toEqual([[], 1])
    await switchOff(db, receiver.url)
    await forgetOldDeliveries(db)
    expect(await statesOf(waiting)).toEqual([])
    const events = await rowsOf(db, 'select from order_events where order_id = any ($1)', [[ended, waiting]])
    expect(events).toHaveLength(2)
  })
})

test('a test message is signed, tells what came back, and leaves no trace', async () => {
  const { receiver, secret, id } = await endpoint([], () => ({ status: 202, text: 'hello' }))
  await switchOff(db, id)
  const { message, outcome } = await sendTest(db, poster, receiver.url)
  expect(outcome).toEqual({ status: 202, text: 'hello', retryAfterSeconds: undefined })
  const [hook] = receiver.received
  expect(hook?.headers['webhook-id']).toBe(message)
  expect(new Webhook(secret).verify(hook?.raw ?? '', hook?.headers as Record<string, string>)).toEqual({
    type: 'test',
    timestamp: expect.any(String),
    data: {},
  })
  expect(await rowsOf(db, 'select from webhook_deliveries')).toEqual([])
})
