import type { OrderEvent } from '../event.ts'
import { inDays, type OrderLetter } from './layout.ts'

/** Says what was ordered. How to pay by a transfer has a letter of its own: its title is not there yet. */
export function orderPlacedLetter({ order }: OrderEvent): OrderLetter {
  return {
    kind: 'order-placed',
    subject: `we have your order of ${inDays(order.createdAt)}`,
    heading: 'Thank you for your order',
    paragraphs: ['We have it, and keep it for you until it is paid or the time for that is over.'],
    withLines: true,
  }
}
