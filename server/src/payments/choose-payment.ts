import { getCaller, type Presented, type Throttle } from '../identity/index.ts'
import { newId, type OrderId, type PaymentAttemptId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import { awaitPayment, type HoldTerms, lockOrder, type PaymentMethod } from '../orders/index.ts'
import type { Database } from '../store/database.ts'
import { type Gateways, getOffer } from './gateway.ts'
import { giveUp } from './give-up.ts'
import type { PaymentAttempt } from './payment.ts'
import * as sql from './payments.sql.ts'
import type { PaymentRefusal } from './refusals.ts'
import { joinStart, startAttempt } from './start-attempt.ts'

export interface PaymentWish {
  readonly method: string
  /** Six digits from the buyer's bank, typed in the shop; undefined: the buyer is sent to the gateway's page. */
  readonly blikCode?: string | undefined
  /** The IP address the buyer came from: gateways ask for it. */
  readonly address: string
}

/**
 * Chooses how the caller's order is paid, and begins: the attempt is written down before the gateway hears of it.
 * Choosing the same method again answers with the attempt that is under way; another method, or a BLIK code, gives up
 * the old attempt.
 *
 * @throws identity.not-signed-in, identity.too-many-tries, payments.method-not-offered, orders.not-found, payments.blik-code-not-taken,
 *   orders.wrong-status, payments.blik-code-refused, payments.charge-refused, payments.gateway-failed: looked for in this order
 * @see docs/contracts/README.md, Shop, `PUT /api/orders/:order_uuid/payment`
 */
export async function choosePayment(
  db: Database,
  { gateways, hold, throttle }: { gateways: Gateways; hold: HoldTerms; throttle: Pick<Throttle, 'countPayment'> },
  presented: Presented,
  orderId: OrderId,
  { method, blikCode, address }: PaymentWish,
): Promise<PaymentAttempt> {
  const { customerId } = await getCaller(db, presented)
  await throttle.countPayment({ customerId, isByBlikCode: blikCode !== undefined })
  const { gateway, takesBlikCode } = await getOffer(gateways, method)

  const { attempt, givenUp, isMine } = await db.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId, customerId)
    if (blikCode !== undefined && !takesBlikCode) {
      throw new Refused<PaymentRefusal>({ code: 'payments.blik-code-not-taken', method })
    }
    const live = await sql.findLiveAttempt(tx, orderId)
    const isUnderWay =
      live?.method === method && live.gateway === gateway.name && blikCode === undefined && !live.byBlikCode
    if (isUnderWay && order.status === 'to_pay' && !order.lapsed)
      return { attempt: live, givenUp: undefined, isMine: false }
    await awaitPayment(tx, order, hold, method as PaymentMethod)
    if (live) await sql.closeAttempt(tx, live.id, 'canceled')
    const attempt = await sql.insertAttempt(tx, {
      id: newId<PaymentAttemptId>(),
      orderId,
      method,
      gateway: gateway.name,
      amountMinor: order.sumMinor,
      currency: order.currency,
      byBlikCode: blikCode !== undefined,
      buyerAddress: address,
    })
    return { attempt: attempt as PaymentAttempt, givenUp: live, isMine: true }
  })

  if (givenUp) await giveUp(gateways, givenUp)
  return isMine ? startAttempt(db, gateway, attempt, blikCode) : joinStart(db, gateway, attempt)
}
