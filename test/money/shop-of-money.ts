import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type PointOfSaleOptions, SANDBOX_POS, type StartedSimulator, startPayuSimulator } from 'payu-simulator'
import { addLine } from '../../server/src/bucket/index.ts'
import { makeHasher, UNTHROTTLED } from '../../server/src/identity/index.ts'
import { register } from '../../server/src/identity/register.ts'
import { type Presented, presentToken } from '../../server/src/identity/session.ts'
import { openSession } from '../../server/src/identity/sign-in.ts'
import { type CustomerId, newId, type OrderId, type ProductId } from '../../server/src/kernel/ids.ts'
import { placeOrder } from '../../server/src/orders/index.ts'
import {
  expireUnpaid,
  type Gateways,
  handleWaitingMessages,
  makePayuGateway,
  makeTransferGateway,
  type PayuGateway,
  receiveMessage,
  reconcile,
  sendRefunds,
} from '../../server/src/payments/index.ts'
import type { Database } from '../../server/src/store/database.ts'
import { rowsOf } from '../support/books.ts'
import { type FreshDatabase, freshDatabase } from '../support/database.ts'
import { type CrashPoint, dying } from './crash.ts'

/** A notification as it came: it may be told again, at any time. */
interface Heard {
  readonly gateway: PayuGateway
  readonly body: Buffer
}

/** A shop with its database and two points of sale at PayU, where everybody's steps are the test's to take. */
export interface ShopOfMoney {
  readonly db: Database
  readonly simulator: StartedSimulator
  readonly gatewaysOf: (pos: Pos) => Gateways
  readonly presented: Presented
  /** Of the same session, for a program that serves the same database. */
  readonly token: string
  readonly connection: FreshDatabase['connection']
  readonly heard: readonly Heard[]
  /** The next notification finds a process that dies over it. */
  crashOverNext(point: CrashPoint | undefined): void
  /** An order of {@link PIECES} of a product of its own, at 100.00 each; half of the stock is left. */
  order(): Promise<{ orderId: OrderId; productId: ProductId }>
  /** Lets everything that is still going on come to its end, with nothing going wrong any more. */
  quiesce(): Promise<void>
  close(): Promise<void>
}

/** `taking` captures at once, `blocking` waits for the shop to capture. */
export type Pos = 'taking' | 'blocking'

const BLOCKING: PointOfSaleOptions = { ...SANDBOX_POS, posId: '400000', clientId: '400000', autoReceive: false }
const POINTS = { taking: SANDBOX_POS, blocking: BLOCKING } as const
export const PIECES = 3
export const SUM_MINOR = PIECES * 10_000
export const HOLD = { onlineMinutes: 60, transferDays: 7 }

export async function openShopOfMoney(): Promise<ShopOfMoney> {
  const database = await freshDatabase()
  const { db } = database
  const heard: Heard[] = []
  let nextCrash: CrashPoint | undefined

  const ear = createServer((request, response) => {
    buffer(request)
      .then(async (body) => {
        const pos = request.url === '/blocking' ? 'blocking' : 'taking'
        const gateway = payu[pos]
        if (!gateway.isGenuine(body, request.headers['openpayu-signature'] as string)) return 400
        heard.push({ gateway, body })
        const mortal = dying(db, gatewaysOf(pos), nextCrash)
        nextCrash = undefined
        await receiveMessage(mortal.db, gateway, body, () => {})
        return 200
      })
      .catch(() => undefined)
      // A process that died answers nothing.
      .then((status) => (status ? response.writeHead(status).end() : response.destroy()))
  })
  await new Promise<void>((resolve) => ear.listen(0, '127.0.0.1', resolve))
  const earUrl = `http://127.0.0.1:${(ear.address() as AddressInfo).port}`
  const simulator = await startPayuSimulator({ manual: true, pointsOfSale: [SANDBOX_POS, BLOCKING] })

  const payu = { taking: open('taking'), blocking: open('blocking') }
  const transfer = makeTransferGateway()
  const gatewaysOf = (pos: Pos): Gateways =>
    new Map([
      ['card', payu[pos]],
      ['payu', payu[pos]],
      ['transfer', transfer],
    ] as const)

  function open(pos: Pos): PayuGateway {
    const { posId, clientSecret, secondKey } = POINTS[pos]
    return makePayuGateway({
      ...{ posId, clientId: posId, clientSecret, secondKeys: [secondKey], blikCode: true, currency: 'PLN' },
      baseUrl: () => simulator.url,
      shopName: 'Tent & Trail',
      production: false,
      notifyUrl: `${earUrl}/${pos}`,
      continueUrl: (orderId) => `http://shop.test/back/${orderId}`,
      log: { warn: () => {}, error: () => {} },
      retry: { tries: 2, pauseMs: 1, budgetMs: 2_000 },
    })
  }

  const token = await signUpAnna(db)
  const presented = presentToken(token)
  const warehouse = newId()
  await rowsOf(db, `insert into warehouses (id, name) values ($1, 'main')`, [warehouse])

  return {
    db,
    simulator,
    gatewaysOf,
    presented,
    token,
    connection: database.connection,
    heard,
    crashOverNext(point) {
      nextCrash = point
    },
    async order() {
      const productId = newId<ProductId>()
      await rowsOf(
        db,
        `insert into products (id, sku, name, description, price_minor, currency, product_type, status)
         values ($1::uuid, $1::text, 'Tent', '', 10000, 'PLN', 'tents', 'regular')`,
        [productId],
      )
      const stock = 'insert into stock (product_id, warehouse_id, on_hand) values ($1, $2, $3)'
      await rowsOf(db, stock, [productId, warehouse, PIECES * 2])
      await addLine(db, presented, { productId, quantity: PIECES })
      const order = await placeOrder(db, { hold: HOLD, offered: [], unpaidMax: undefined }, presented, {})
      return { orderId: order.id, productId }
    },
    async quiesce() {
      nextCrash = undefined
      simulator.faults.clear()
      // What a refused refund or a lost answer needs to be tried again, and its notification to arrive, and so on.
      for (let round = 0; round < 8; round++) {
        await simulator.settle()
        await simulator.deliverNow()
        await makeAllDue(db)
        for (const pos of ['taking', 'blocking'] as const) {
          const gateways = gatewaysOf(pos)
          const fail = (_what: unknown, error: unknown) => expectRetryable(error)
          await handleWaitingMessages(db, gateways, fail)
          await reconcile(db, gateways, fail)
          await expireUnpaid(db, gateways)
          await sendRefunds(db, gateways, fail)
        }
      }
    },
    async close() {
      await Promise.all(Object.values(payu).map((gateway) => gateway.close()))
      await simulator.close()
      ear.closeAllConnections()
      await new Promise((resolve) => ear.close(resolve))
      await database.drop()
    },
  }
}

/** Time has passed for everything that is looked at or tried again. */
export async function makeAllDue(db: Database): Promise<void> {
  await rowsOf(db, 'update payment_attempts set next_look_at = now() where next_look_at is not null')
  await rowsOf(db, `update payment_attempts set starting_until = now() where status = 'starting'`)
  await rowsOf(db, 'update refunds set next_try_at = now() where next_try_at is not null')
  await rowsOf(db, 'update gateway_messages set next_try_at = now() where next_try_at is not null')
}

function expectRetryable(error: unknown): void {
  const { name } = error as Error
  if (!['GatewayUnavailable', 'Refused', 'Crash'].includes(name)) throw error
}

async function signUpAnna(db: Database): Promise<string> {
  const anna = { username: 'anna', email: 'anna@example.com', password: 'a long enough one', firstName: 'Anna' }
  const registering = { hasher: makeHasher(), policy: 'documented', throttle: UNTHROTTLED } as const
  await register(db, registering, { ...anna, address: '' })
  const [row] = await rowsOf<{ id: CustomerId; hash: string }>(db, 'select id, password_hash as hash from customers')
  const week = { idleDays: 7, maxDays: 7 }
  const terms = { cookie: week, access: week, jwt: week }
  const origin = { kind: 'cookie', address: '127.0.0.1', agent: 'test' } as const
  return (row && (await openSession(db, terms, row.id, row.hash, origin))) ?? ''
}
