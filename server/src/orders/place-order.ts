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

/**
 * Turns the caller's bucket into an order with its stock reserved, all or nothing, in one round trip. Nothing is paid yet.
 *
 * @param terms.offered the methods the shop takes at present
 * @throws orders.method-not-offered, identity.not-signed-in, orders.empty-bucket, bucket.not-enough,
 *   orders.mixed-currencies, orders.sum-differs: looked for in this order
 * @see docs/contracts/README.md, Shop, `POST /api/orders`; docs/adr/0004
 */
export async function placeOrder(
  db: Db,
  { hold, offered }: { hold: HoldTerms; offered: readonly PaymentMethod[] },
  presented: Presented,
  wish: OrderWish,
): Promise<Order> {
  const id = newId<OrderId>()
  const method = wish.paymentMethod ?? null
  if (method && !offered.includes(method)) throw refused({ code: 'orders.method-not-offered', method })
  const expected = wish.expectedSumMinor ?? null
  const facts = await tryPlaceOrder(
    db,
    presented,
    id,
    method,
    wish.delivery ? pickDelivery(wish.delivery) : null,
    expected,
    holdSeconds(hold, method),
  )
  if (!facts) throw new Error('place_order answered no row')
  refuseUnlessPlaced(facts, expected)
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

function refuseUnlessPlaced(facts: PlaceOrderFacts, expectedMinor: Minor | null): void {
  switch (facts.outcome) {
    case 'placed':
      return
    case 'not-signed-in':
      throw notSignedIn()
    case 'empty':
      throw refused({ code: 'orders.empty-bucket' })
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
