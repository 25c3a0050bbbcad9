import type { OrderId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import type { OrderStatus } from '../orders/index.ts'
import type { AttemptStatus } from './payment.ts'

/** Why payments may refuse. An order that cannot be paid any more is the orders' `orders.wrong-status`. */
export type PaymentRefusal =
  | { code: 'payments.method-not-offered'; method: string; offered: readonly string[] }
  | { code: 'payments.blik-code-not-taken'; method: string } // a code was typed where none can be
  | { code: 'payments.blik-code-refused' } // wrong, used or too old: the buyer types another
  | { code: 'payments.not-chosen' } // nothing to confirm: no method was chosen for this order
  | { code: 'payments.charge-refused'; gateway: string } // the gateway will not take this payment: another method may do
  | { code: 'payments.gateway-failed'; gateway: string } // it did not answer, or not in its protocol; trying again is safe

/** What only staff are told. */
export type StaffRefusal =
  | { code: 'payments.transfer-not-found'; title: string }
  | {
      code: 'payments.amount-differs'
      expectedMinor: Minor
      toldMinor: Minor
      currency: string
      toldCurrency?: string // when it is another
    }
  | { code: 'payments.nothing-to-refund'; orderStatus: OrderStatus }
  | { code: 'payments.refund-above-captured'; restMinor: Minor; askedMinor: Minor; currency: string }
  | { code: 'payments.refund-differs' } // another refund was made under this id
  | { code: 'payments.refund-not-found' }
  | { code: 'payments.refund-not-by-hand'; gateway: string } // its gateway sends it
  | { code: 'payments.refund-not-failed' }
  | { code: 'payments.nothing-held'; attemptStatus: AttemptStatus | undefined }
  | { code: 'payments.bank-line-not-found'; line: number }
  | { code: 'payments.bank-line-not-open'; line: number } // it was booked or settled before
  | { code: 'payments.bank-line-is-a-reversal'; line: number } // no money came that an order could have
  | { code: 'payments.bank-lines-differ' } // of several currencies
  | { code: 'payments.paid-already'; orderId: OrderId } // money for it had come before
  | { code: 'payments.order-not-payable'; orderId: OrderId } // returned, or in error
