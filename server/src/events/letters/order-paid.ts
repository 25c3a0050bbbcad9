import type { OrderEvent } from '../event.ts'
import { inDays, type OrderLetter } from './layout.ts'

/** The money has come. */
export function orderPaidLetter({ order }: OrderEvent): OrderLetter {
  return {
    kind: 'order-paid',
    subject: `your order of ${inDays(order.createdAt)} is paid`,
    heading: 'Your payment has come',
    paragraphs: ['Thank you. Your order is paid, and we get it ready for you.'],
    withLines: true,
  }
}
