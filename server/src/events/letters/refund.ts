import type { EventRefund, OrderEvent } from '../event.ts'
import { inDays, inMoney, type OrderLetter } from './layout.ts'

/** Money goes back: it is on its way, or has been sent. */
export function refundLetter(
  { order }: OrderEvent,
  { status, amountMinor, currency, reason }: EventRefund,
): OrderLetter {
  const isDone = status === 'done'
  const why = (WHY[reason] ?? otherwise)(inDays(order.createdAt))
  return {
    kind: isDone ? 'refund-done' : 'refund-sent',
    subject: isDone ? 'we have sent your money back' : 'your refund is on its way',
    heading: isDone ? 'Your money has been sent back' : 'Your refund is on its way',
    paragraphs: [`${why} The money goes back the way it came; banks may take some days to show it.`],
    facts: [['Amount', inMoney(amountMinor, currency)]],
  }
}

const WHY: Readonly<Record<string, (day: string) => string>> = {
  'order-canceled': (day) => `Your order of ${day} was paid when it was canceled.`,
  'late-money': (day) => `Your payment for the order of ${day} came after that was canceled.`,
  'paid-twice': (day) => `Your order of ${day} had been paid already when another payment came.`,
}
const otherwise = (day: string) => `This is about your order of ${day}.`
