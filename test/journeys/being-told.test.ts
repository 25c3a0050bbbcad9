import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { EVENT_KINDS } from '../../server/src/events/index.ts'
import { confirmTransfer } from '../../server/src/payments/index.ts'
import { addEndpoint } from '../../server/src/webhooks/index.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { type HookReceiver, startHookReceiver } from '../support/hook-receiver.ts'
import { mailsTo } from '../support/mailbox.ts'
import { ShopClient, signUp } from '../support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from '../support/shop-server.ts'

// Who is told of an order, by the jobs of a server that runs: the customer by mail, other programs by webhook.

let server: ShopServer
let receiver: HookReceiver
let secret: string
beforeAll(async () => {
  receiver = await startHookReceiver()
})
afterEach(async () => {
  expect(await findBreaches(server.db)).toEqual([])
  await server.stop()
})
afterAll(() => receiver.stop())

async function start(env: Record<string, string> = {}): Promise<ShopClient> {
  server = await startShopServer({ env })
  receiver.received.length = 0
  secret = (await addEndpoint(server.db, { url: receiver.url, kinds: [], mayBePrivate: true })).secret
  const anna = new ShopClient(server.baseUrl)
  await signUp(anna, 'anna')
  const { tent } = await stockShop(server.db, [{ sku: 'tent', name: 'Tent', price: '449.00' }])
  await anna.post('/api/bucket', { product: tent, quantity: 2 })
  return anna
}
const types = () => receiver.received.map(({ body }) => body.type)
const PATIENT = { timeout: 20_000 }

test('an order by transfer that is paid, and then canceled, is told step by step', async () => {
  const anna = await start()
  const wish = { payment: 'transfer', delivery: { city: 'Gdańsk', note: 'ring twice' } }
  const { order_uuid: id } = (await anna.post('/api/orders', wish)).body
  const placed = (await anna.get(`/api/orders/${id}`)).body
  const title = (await anna.put(`/api/orders/${id}/payment`, { method: 'transfer' })).body.transfer.title
  await confirmTransfer(server.db, { of: title })
  const paid = (await anna.get(`/api/orders/${id}`)).body
  await anna.post(`/api/orders/${id}/set_canceled`)

  const steps = ['order.placed', 'order.to_pay', 'payment.pending', 'payment.paid', 'order.paid', 'order.canceled']
  await expect.poll(types, PATIENT).toEqual([...steps, 'refund.requested'])
  const messages = receiver.received.map(({ raw, headers }) =>
    new Webhook(secret).verify(raw, headers as Record<string, string>),
  ) as { data: Record<string, Record<string, unknown>> }[]

  // What the shop contract showed at that moment, and the currency.
  const { payment_status: _, refunds: _r, ...shownPlaced } = placed
  const { payment_status: __, refunds: __r, ...shownPaid } = paid
  expect(messages[0]?.data.order).toEqual({ ...shownPlaced, currency: 'PLN' })
  expect(messages[4]?.data.order).toEqual({ ...shownPaid, currency: 'PLN' })
  expect(messages[2]?.data.payment).toMatchObject({ method: 'transfer', amount: '898.00', transfer_title: title })
  expect(messages[6]?.data.refund).toMatchObject({ amount: '898.00', reason: 'order-canceled', status: 'requested' })

  const mailed = () => rowsOf(server.db, `select kind from mails where thread = $1 order by thread_position`, [id])
  await expect
    .poll(async () => (await mailed()).map(({ kind }) => kind), PATIENT)
    .toEqual(['order-placed', 'transfer-details', 'order-paid', 'order-canceled'])
  expect(Object.keys((await anna.get('/openapi.json')).body.webhooks)).toEqual([...EVENT_KINDS])
  const [details] = await mailsTo(server, 'anna@example.com', 'transfer-details')
  expect(details?.text).toContain(`\nTitle:     ${title}\n`)
})

test('where the shop mails by itself, customers hear nothing from here of their orders, and webhooks go on', async () => {
  const anna = await start({ ORDER_MAILS: 'off' })
  const { order_uuid: id } = (await anna.post('/api/orders', {})).body
  await anna.post(`/api/orders/${id}/set_canceled`)
  await expect.poll(types, PATIENT).toEqual(['order.placed', 'order.canceled'])
  expect(await rowsOf(server.db, 'select kind from mails where thread is not null')).toEqual([])
})
