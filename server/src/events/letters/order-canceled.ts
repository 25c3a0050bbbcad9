import type { OrderEvent } from '../event.ts'
import { inDays, type OrderLetter } from './layout.ts'

/** Nothing will be sent; about money that was paid there are letters of its own. */
export function orderCanceledLetter({ order }: OrderEvent): OrderLetter {
  const money = order.paidAt
    ? 'What you have paid goes back to you. We write again when it is on its way.'
    : 'There is nothing to pay any more. If you have sent money already, it goes back to you.'
  return {
    kind: 'order-canceled',
    subject: `your order of ${inDays(order.createdAt)} is canceled`,
    heading: 'Your order is canceled',
    paragraphs: [`Nothing of it will be sent. ${money}`],
    withLines: true,
  }
}
