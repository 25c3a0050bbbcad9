import { isEmail, type Letterhead } from '../identity/index.ts'
import { type Letter, type MailSeal, pauseBefore, queueMail } from '../mail/index.ts'
import type { TransferAccount } from '../payments/index.ts'
import type { Tx } from '../store/database.ts'
import type { OrderEvent } from './event.ts'
import { readEvents } from './find-event.ts'
import type { EventReceiver } from './hand-out.ts'
import { lay, type OrderLetter } from './letters/layout.ts'
import { orderCanceledLetter } from './letters/order-canceled.ts'
import { orderPaidLetter } from './letters/order-paid.ts'
import { orderPlacedLetter } from './letters/order-placed.ts'
import { refundLetter } from './letters/refund.ts'
import { transferDetailsLetter } from './letters/transfer-details.ts'

export interface OrderMailContext {
  readonly letterhead: Letterhead
  /** Undefined: transfers are not offered. */
  readonly transferAccount: TransferAccount | undefined
  readonly seal: MailSeal
}

/**
 * Writes to the customer when something happens to the order that a customer wants to know; an order's mails leave in
 * order. Whoever has no address that can be mailed gets none.
 */
export function orderMails({ letterhead, transferAccount, seal }: OrderMailContext): EventReceiver {
  return async (tx, notices) => {
    for (const event of await readEvents(tx, notices)) {
      const { order, customer, orderId: thread, position } = event
      const written = isEmail(customer.email) ? decideLetter(event, transferAccount) : undefined
      if (!written) continue
      const letter = lay(letterhead, order, customer.email, written)
      if (await mayBeSent(tx, event, letter)) await queueMail(tx, seal, letter, { thread, position })
    }
  }
}

/** What anybody can make happen, at no cost, with somebody else's address. */
const FREE_OF_COST: readonly string[] = ['order.placed', 'order.canceled', 'payment.pending']

/** An address that nobody has confirmed is not filled with mails by somebody who orders and cancels again and again. */
async function mayBeSent(tx: Tx, { kind, order, customer }: OrderEvent, letter: Letter): Promise<boolean> {
  if (customer.isEmailVerified || order.paidAt !== null || !FREE_OF_COST.includes(kind)) return true
  return (await pauseBefore(tx, letter)) === 0
}

/** The letter about an event; undefined: it is nothing to write about. */
export function decideLetter(event: OrderEvent, account: TransferAccount | undefined): OrderLetter | undefined {
  const { kind, payment, refund } = event
  switch (kind) {
    case 'order.placed':
      return orderPlacedLetter(event)
    case 'order.paid':
      return orderPaidLetter(event)
    case 'order.canceled':
      return orderCanceledLetter(event)
    case 'payment.pending':
      return payment?.method === 'transfer' && payment.transferTitle && account
        ? transferDetailsLetter(event, payment, account)
        : undefined
    case 'refund.sent':
      // A gateway may have been as quick as we: one letter will do.
      return refund?.statusNow === 'sent' ? refundLetter(event, refund) : undefined
    case 'refund.done':
      return refund ? refundLetter(event, refund) : undefined
    default:
      return undefined
  }
}
