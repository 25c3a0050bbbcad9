import { newId, type OrderId, type RefundId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import { Refused } from '../kernel/refused.ts'
import { type LockedOrder, markCanceled, type OrderRefusal, type Pieces, returnPieces } from '../orders/index.ts'
import type { Database, Tx } from '../store/database.ts'
import { endPaymentsOf } from './cancel-order.ts'
import { holdingOrder } from './holding-order.ts'
import { isUnpaid, type PaymentAttempt, restOf } from './payment.ts'
import { listCapturedAttempts } from './payments.sql.ts'
import * as sql from './refunds.sql.ts'
import type { StaffRefusal } from './refusals.ts'

export interface RefundWish {
  /** The caller's own: the same one again answers with the refund made the first time. */
  readonly refundId?: RefundId | undefined
  /** Undefined: what the returned pieces cost; without any, all that is left. */
  readonly amountMinor?: Minor | undefined
  /** Go back onto the shelf. */
  readonly returned?: readonly Pieces[] | undefined
  /** For staff, at most 500 characters. */
  readonly note?: string | undefined
}

/**
 * Staff send money of an order back, all of it or a part, with or without taking pieces back. An order whose pieces all
 * came back is canceled, and all its money goes back. The refund is sent after the commit.
 *
 * @throws orders.not-found, payments.refund-differs, payments.nothing-to-refund, orders.wrong-status,
 *   orders.not-so-many, payments.refund-above-captured: looked for in this order
 */
export async function refundOrder(db: Database, orderId: OrderId, wish: RefundWish): Promise<sql.RefundOfOrder> {
  const refundId = wish.refundId ?? newId<RefundId>()
  return holdingOrder(db, orderId, async (tx, order) => {
    const made = await sql.findRefund(tx, refundId)
    if (made) return sameRefund(made, orderId, wish)

    const attempt = (await listCapturedAttempts(tx, orderId)).find((it) => it.capturedMinor > it.refundedMinor)
    if (!attempt) throw refused({ code: 'payments.nothing-to-refund', orderStatus: order.status })
    const restMinor = restOf(attempt)
    const { sumMinor, isAllReturned } = await takeBack(tx, order, wish.returned ?? [])
    const amountMinor = wish.amountMinor ?? (isAllReturned || sumMinor === 0 ? restMinor : sumMinor)
    refuseAbove(restMinor, amountMinor, attempt)

    await sql.insertRefund(tx, refundId, attempt.id, amountMinor, 'by-staff', wish.note ?? '')
    if (isAllReturned && amountMinor === restMinor) {
      await markCanceled(tx, order)
      await endPaymentsOf(tx, orderId, 'canceled')
    }
    return (await sql.findRefund(tx, refundId)) as sql.RefundOfOrder
  })
}

/** Pieces of an order that is not paid yet are not taken back one by one: the customer would go on to pay for all of them. */
async function takeBack(tx: Tx, order: LockedOrder, returned: readonly Pieces[]) {
  if (returned.length === 0) return { sumMinor: 0, isAllReturned: false }
  if (isUnpaid(order.status)) throw new Refused<OrderRefusal>({ code: 'orders.wrong-status', status: order.status })
  return returnPieces(tx, order, returned)
}

function refuseAbove(restMinor: Minor, askedMinor: Minor, { currency }: PaymentAttempt): void {
  if (askedMinor > restMinor) throw refused({ code: 'payments.refund-above-captured', restMinor, askedMinor, currency })
}

function sameRefund(made: sql.RefundOfOrder, orderId: OrderId, { amountMinor }: RefundWish): sql.RefundOfOrder {
  const isSame = made.orderId === orderId && (amountMinor === undefined || amountMinor === made.amountMinor)
  if (!isSame) throw refused({ code: 'payments.refund-differs' })
  return made
}

function refused(refusal: StaffRefusal): Refused<StaffRefusal> {
  return new Refused<StaffRefusal>(refusal)
}
