import type { Order as PayuOrder } from 'payu-simulator'
import { expect } from 'vitest'
import { reconcile, sendRefunds } from '../../server/src/payments/index.ts'
import { rowsOf } from './books.ts'
import { type Answer, ShopClient, signUp } from './shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from './shop-server.ts'

/** A shop with tents for 449.00, and two customers who are about to pay. Nothing happens at PayU by itself. */
export interface PayingShop {
  readonly server: ShopServer
  readonly anna: ShopClient
  readonly jan: ShopClient
  readonly tent: string
  /** Anna's order of so many tents; two unless told, 898.00. */
  placed(body?: object, quantity?: number): Promise<string>
  choose(orderId: string, method: string, more?: object): Promise<Answer>
  confirm(orderId: string): Promise<Answer>
  /** How Anna sees it. */
  seen(orderId: string): Promise<Answer['body']>
  available(): Promise<number>
  /** What PayU knows of the order: one of its own for each attempt. */
  payuOrders(orderId: string): PayuOrder[]
  /** The newest of them. */
  payuOrder(orderId: string): PayuOrder
  /** The time to pay it is over. */
  lapse(orderId: string): Promise<unknown>
  /** What is to be done about the order in the background some day is due now. */
  hurry(orderId: string): Promise<void>
  /** Does the jobs' work, and PayU's, until Anna sees the order so: the server's own jobs may be at it, too. */
  eventually(orderId: string, order: object): Promise<void>
  stop(): Promise<void>
}

export async function startPayingShop(options?: Parameters<typeof startShopServer>[0]): Promise<PayingShop> {
  const server = await startShopServer(options)
  const { db, baseUrl } = server
  const anna = new ShopClient(baseUrl)
  const jan = new ShopClient(baseUrl)
  await Promise.all([signUp(anna, 'anna'), signUp(jan, 'jan')])
  const { tent = '' } = await stockShop(db, [{ sku: 'tent', name: 'Tent', price: '449.00', quantity: 1000 }])
  const payuOrders = (orderId: string) =>
    server.simulator.orders().filter(({ request }) => request.description.endsWith(orderId))
  return {
    ...{ server, anna, jan, tent, payuOrders },
    async placed(body = {}, quantity = 2) {
      await anna.delete('/api/bucket')
      await anna.post('/api/bucket', { product: tent, quantity })
      return (await anna.post('/api/orders', body)).body.order_uuid
    },
    choose: (orderId, method, more = {}) => anna.put(`/api/orders/${orderId}/payment`, { method, ...more }),
    confirm: (orderId) => anna.post(`/api/orders/${orderId}/payment/confirm`),
    seen: async (orderId) => (await anna.get(`/api/orders/${orderId}`)).body,
    available: async () => (await anna.get(`/api/products/${tent}`)).body.quantity,
    payuOrder(orderId) {
      const order = payuOrders(orderId).at(-1)
      if (!order) throw new Error(`PayU knows nothing of order ${orderId}`)
      return order
    },
    lapse: (orderId) =>
      rowsOf(db, `update reservations set expires_at = now() - interval '1 second' where order_id = $1`, [orderId]),
    async hurry(orderId) {
      await rowsOf(
        db,
        'update payment_attempts set next_look_at = now() where order_id = $1 and next_look_at is not null',
        [orderId],
      )
      await rowsOf(
        db,
        `update refunds r set next_try_at = now() from payment_attempts a
          where a.id = r.attempt_id and a.order_id = $1 and r.next_try_at is not null`,
        [orderId],
      )
    },
    async eventually(orderId, order) {
      const { gateways, simulator } = server
      const ignore = () => {}
      const look = async () => {
        await reconcile(db, gateways, ignore)
        await sendRefunds(db, gateways, ignore)
        await simulator.settle()
        return (await anna.get(`/api/orders/${orderId}`)).body
      }
      await expect.poll(look, { timeout: 20_000 }).toMatchObject(order)
    },
    stop: () => server.stop(),
  }
}

/** A buyer's browser on PayU's page: what it sees, and what it does by pressing a button of the page's form. */
export class PayPage {
  readonly #browser: ShopClient
  readonly #path: string

  constructor(redirectUri: string) {
    const { origin, pathname, search } = new URL(redirectUri)
    this.#browser = new ShopClient(origin)
    this.#path = pathname + search
  }

  look(): Promise<Answer> {
    return this.#browser.get(this.#path)
  }

  /** @returns the page that came of it, or a redirect out of it */
  press(action: string, fields: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { pathname, searchParams } = new URL(this.#path, 'http://pay.test')
    const form = new URLSearchParams({ ...Object.fromEntries(searchParams), ...fields, action })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return this.#browser.request('POST', pathname, { raw: form.toString(), headers })
  }

  /** @returns where the browser is sent, having paid */
  async pay(fields: Readonly<Record<string, string>> = GOOD_CARD): Promise<string> {
    const { status, headers } = await this.press('pay', fields)
    expect(status).toBe(303)
    return headers.location ?? ''
  }
}

export const GOOD_CARD = { method: 'c', number: '4444 3333 2222 1111', expiry: '12/29', cvv: '123' }
export const DECLINED_CARD = { ...GOOD_CARD, number: '5000 1050 1812 6595' }
export const CHALLENGED_CARD = { ...GOOD_CARD, number: '4245 7576 6634 9685' }
