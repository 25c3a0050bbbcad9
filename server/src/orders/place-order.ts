import type { BucketRefusal } from '../bucket/index.ts'
import { notSignedIn, type Presented } from '../identity/index.ts'
import { newId, type OrderId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import { Refused } from '../kernel/refused.ts'
import type { Db } from '../store/database.ts'
import {
  type Delivery,
  type HoldTerms,
  holdSeconds,
  type Order,
  type PaymentMethod,
  pickDelivery,
  refused,
} from './order.ts'
import { type PlaceOrderFacts, tryPlaceOrder } from './orders.sql.ts'

export interface OrderWish {
  readonly paymentMethod?: PaymentMethod | undefined
  readonly delivery?: Delivery | undefined
  /** What the customer believes the bucket costs; nothing is bought at another sum. */
  readonly expectedSumMinor?: Minor | undefined
}

/** On which terms the shop takes orders at present. */
export interface OrderTerms {
  readonly hold: HoldTerms
  /** Payment methods. */
  readonly offered: readonly PaymentMethod[]
  /** So many orders one customer may have waiting for money, the new one included; undefined: any number. */
  readonly unpaidMax: number | undefined
}

/**
 * Turns the caller's bucket into an order with its stock reserved, all or nothing, in one round trip that is shared
 * with those who order at the same time. Nothing is paid yet.
 *
 * @throws orders.method-not-offered, identity.not-signed-in, orders.empty-bucket, orders.too-many-unpaid,
 *   bucket.not-enough, orders.mixed-currencies, orders.sum-differs: looked for in this order
 * @see docs/contracts/README.md, Shop, `POST /api/orders`; docs/adr/0004
 */
export async function placeOrder(
  db: Db,
  { hold, offered, unpaidMax }: OrderTerms,
  presented: Presented,
  wish: OrderWish,
): Promise<Order> {
  const id = newId<OrderId>()
  const method = wish.paymentMethod ?? null
  if (method && !offered.includes(method)) throw refused({ code: 'orders.method-not-offered', method })
  const expected = wish.expectedSumMinor ?? null
  const [facts] = await tryPlaceOrder(
    db,
    presented,
    id,
    method,
    wish.delivery ? pickDelivery(wish.delivery) : null,
    expected,
    holdSeconds(hold, method),
    unpaidMax ?? null,
  )
  if (!facts) throw new Error('place_orders answered no row')
  refuseUnlessPlaced(facts, expected, unpaidMax)
  return {
    id,
    customerId: facts.customer,
    status: 'new',
    paymentMethod: method,
    sumMinor: facts.total_minor,
    currency: facts.total_currency,
    createdAt: facts.placed_at,
    paidAt: null,
  }
}

function refuseUnlessPlaced(facts: PlaceOrderFacts, expectedMinor: Minor | null, unpaidMax = 0): void {
  switch (facts.outcome) {
    case 'placed':
      return
    case 'not-signed-in':
      throw notSignedIn()
    case 'empty':
      throw refused({ code: 'orders.empty-bucket' })
    case 'too-many-unpaid':
      throw refused({ code: 'orders.too-many-unpaid', unpaidMax })
    case 'short': {
      const lines = (facts.short ?? []).map(({ product_id, ...line }) => ({ productId: product_id, ...line }))
      throw new Refused<BucketRefusal>({ code: 'bucket.not-enough', lines })
    }
    case 'mixed-currencies':
      throw refused({ code: 'orders.mixed-currencies' })
    case 'sum-differs':
      throw refused({ code: 'orders.sum-differs', expectedMinor: expectedMinor ?? 0, sumMinor: facts.total_minor })
  }
}
