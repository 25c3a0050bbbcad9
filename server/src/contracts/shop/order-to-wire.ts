import { toDecimal } from '../../kernel/money.ts'
import type { Order, OrderLine } from '../../orders/index.ts'

/** An order as every answer and every webhook tells it. */
export function orderToWire(order: Order) {
  return {
    order_uuid: order.id,
    status: order.status,
    date_created: order.createdAt.toISOString(),
    date_paid: order.paidAt?.toISOString() ?? null,
    sum: toDecimal(order.sumMinor),
    payment: order.paymentMethod,
    customer: order.customerId,
  }
}

/** What was bought, under the contract's names. */
export function lineToWire({ id, productId, name, quantity, unitPriceMinor }: OrderLine) {
  return { order_product_uuid: id, product: productId, name, quantity, value: toDecimal(unitPriceMinor) }
}
