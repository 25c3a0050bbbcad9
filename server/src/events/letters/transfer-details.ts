import type { TransferAccount } from '../../payments/index.ts'
import type { EventPayment, OrderEvent } from '../event.ts'
import { inDays, inMoney, type OrderLetter } from './layout.ts'

/** What the customer writes on the bank transfer that the order waits for. */
export function transferDetailsLetter(
  { order }: OrderEvent,
  { amountMinor, currency, transferTitle }: EventPayment,
  { name, iban, bic }: TransferAccount,
): OrderLetter {
  return {
    kind: 'transfer-details',
    subject: `how to pay for your order of ${inDays(order.createdAt)}`,
    heading: 'Your bank transfer',
    paragraphs: [
      'Please send this transfer. Write the title exactly as it is here: that is how we know the money is yours.',
    ],
    facts: [
      ['Recipient', name],
      ['IBAN', inFours(iban)],
      ...(bic ? [['BIC', bic] as const] : []),
      ['Title', transferTitle ?? ''],
      ['Amount', inMoney(amountMinor, currency)],
    ],
    withLines: true,
  }
}

/** `PL61 1090 1014 …`, as it is printed. */
function inFours(iban: string): string {
  return iban.replace(/(.{4})(?=.)/g, '$1 ')
}
