import type { OrderId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Database } from '../store/database.ts'
import { holdingOrder } from './holding-order.ts'
import { isUnpaid, type PaymentAttempt } from './payment.ts'
import { findAttempt, listCapturedAttempts } from './payments.sql.ts'
import { takeAsPayment } from './record-news.ts'
import type { StaffRefusal } from './refusals.ts'

/**
 * Staff take money that was not the sum asked for as the payment of its order. The other way is to send it back.
 *
 * @throws orders.not-found, payments.nothing-held, orders.wrong-status: looked for in this order
 */
export async function acceptHeld(db: Database, orderId: OrderId): Promise<PaymentAttempt> {
  return holdingOrder(db, orderId, async (tx, order) => {
    const captured = await listCapturedAttempts(tx, orderId)
    const held = captured.find((it) => it.status === 'held' && it.refundedMinor === 0)
    if (!held || !(isUnpaid(order.status) || order.status === 'error')) {
      throw new Refused<StaffRefusal>({ code: 'payments.nothing-held', attemptStatus: captured[0]?.status })
    }
    await takeAsPayment(tx, order, held, held.capturedMinor)
    return (await findAttempt(tx, held.id)) as PaymentAttempt
  })
}
