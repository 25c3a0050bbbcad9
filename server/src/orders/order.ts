import type { CustomerId, OrderId, OrderLineId, ProductId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import { Refused } from '../kernel/refused.ts'
import type { OrderRefusal, OrderStaffRefusal } from './refusals.ts'

export const ORDER_STATUSES = ['new', 'to_pay', 'paid', 'sent', 'delivered', 'canceled', 'returned', 'error'] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

/** The moves an order may make. Whatever is not here is refused. */
export const ORDER_MOVES: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  new: ['to_pay', 'paid', 'canceled', 'error'],
  to_pay: ['paid', 'canceled', 'error'],
  paid: ['sent', 'canceled', 'error'],
  sent: ['delivered', 'returned', 'error'],
  delivered: ['returned', 'error'],
  canceled: [],
  returned: [],
  error: ['paid', 'sent', 'canceled', 'returned'],
}

export const PAYMENT_METHODS = ['card', 'transfer', 'payu'] as const
export type PaymentMethod = (typeof PAYMENT_METHODS)[number]

export const DELIVERY_FIELDS = ['name', 'street', 'postal_code', 'city', 'country', 'phone', 'note'] as const

/** Where an order goes; what was not said is left out. */
export type Delivery = { readonly [field in (typeof DELIVERY_FIELDS)[number]]?: string }

/** The fields of a delivery and nothing else that came along: it is stored as it is. */
export function pickDelivery(given: Delivery): Delivery {
  return Object.fromEntries(
    DELIVERY_FIELDS.flatMap((field) => (given[field] === undefined ? [] : [[field, given[field]]])),
  )
}

export interface Order {
  readonly id: OrderId
  readonly customerId: CustomerId
  readonly status: OrderStatus
  /** What the customer chose last; null until then. */
  readonly paymentMethod: PaymentMethod | null
  readonly sumMinor: Minor
  readonly currency: string
  readonly createdAt: Date
  readonly paidAt: Date | null
}

/** What was bought, at the name and the price of that moment. */
export interface OrderLine {
  readonly id: OrderLineId
  readonly productId: ProductId
  readonly name: string
  readonly quantity: number
  readonly unitPriceMinor: Minor
}

export interface OrderDetails extends Order {
  readonly delivery: Delivery | null
  readonly lines: readonly OrderLine[]
}

/** How long an unpaid order keeps its stock. */
export interface HoldTerms {
  readonly onlineMinutes: number
  readonly transferDays: number
}

/** In seconds. An order whose method is still open is held as long as one paid online. */
export function holdSeconds(terms: HoldTerms, method: PaymentMethod | null): number {
  return method === 'transfer' ? terms.transferDays * 86_400 : terms.onlineMinutes * 60
}

/** @throws orders.wrong-status when the order may not move there */
export function decideMove(from: OrderStatus, to: OrderStatus): void {
  if (!ORDER_MOVES[from].includes(to)) throw refused({ code: 'orders.wrong-status', status: from })
}

export function refused(refusal: OrderRefusal | OrderStaffRefusal): Refused<OrderRefusal | OrderStaffRefusal> {
  return new Refused(refusal)
}
