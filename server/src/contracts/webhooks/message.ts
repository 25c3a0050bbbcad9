import type { Static } from 'typebox'
import type { OrderEvent } from '../../events/index.ts'
import { toDecimal } from '../../kernel/money.ts'
import { lineToWire, orderToWire } from '../shop/order-to-wire.ts'
import type * as schemas from './schemas.ts'

/**
 * What a webhook says of an event: everything about it, so that a receiver need not ask back. Fields may be added; none
 * changes its meaning.
 *
 * @see docs/webhooks.md
 */
export function describeEvent({
  kind,
  happenedAt,
  position,
  order,
  customer,
  payment,
  refund,
}: OrderEvent): Static<typeof schemas.Message> {
  return {
    type: kind,
    timestamp: happenedAt.toISOString(),
    data: {
      position,
      order: {
        ...orderToWire(order),
        currency: order.currency,
        products: order.lines.map(lineToWire),
        delivery: order.delivery,
      },
      customer: {
        customer_uuid: customer.id,
        username: customer.username,
        email: customer.email,
        first_name: customer.firstName,
        last_name: customer.lastName,
        phone: customer.phone,
      },
      ...(payment && {
        payment: {
          payment_uuid: payment.id,
          method: payment.method,
          status: payment.status,
          amount: toDecimal(payment.amountMinor),
          captured: toDecimal(payment.capturedMinor),
          currency: payment.currency,
          transfer_title: payment.transferTitle,
        },
      }),
      ...(refund && {
        refund: {
          refund_uuid: refund.id,
          payment_uuid: refund.paymentId,
          method: refund.method,
          status: refund.status,
          amount: toDecimal(refund.amountMinor),
          currency: refund.currency,
          reason: refund.reason,
        },
      }),
    },
  }
}
