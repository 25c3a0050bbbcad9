import type { Minor } from '../kernel/money.ts'

/** Why payments may refuse. An order that cannot be paid any more is the orders' `orders.wrong-status`. */
export type PaymentRefusal =
  | { code: 'payments.method-not-offered'; method: string; offered: readonly string[] }
  | { code: 'payments.not-chosen' } // nothing to confirm: no method was chosen for this order
  | { code: 'payments.gateway-failed'; gateway: string } // it did not answer, or not in its protocol; trying again is safe

/** What only staff are told, on the command line. */
export type StaffRefusal =
  | { code: 'payments.transfer-not-found'; title: string }
  | { code: 'payments.amount-differs'; expectedMinor: Minor; toldMinor: Minor; currency: string }
