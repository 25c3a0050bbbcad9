import { getStanding } from '../orders/index.ts'
import type { Database } from '../store/database.ts'
import type { PaymentGateway } from './gateway.ts'
import { holdingOrder } from './holding-order.ts'
import { isLive, isUnpaid, type PaymentAttempt } from './payment.ts'
import * as sql from './payments.sql.ts'
import { recordNews } from './record-news.ts'
import { joinStart, recoverReference } from './start-attempt.ts'

/**
 * Asks the gateway how an attempt stands, after doing there what is still to be done: begin it, take blocked money that
 * the order waits for, let go of what nobody wants. Safe to repeat and to run at once with anything else.
 *
 * @throws GatewayUnavailable, and what {@link joinStart} throws
 */
export async function lookAt(db: Database, gateway: PaymentGateway, attempt: PaymentAttempt): Promise<void> {
  if (attempt.status === 'starting' || attempt.status === 'authorized') {
    const { status, lapsed } = await getStanding(db, attempt.orderId)
    const isWanted = isUnpaid(status) && !lapsed
    if (!isWanted) await holdingOrder(db, attempt.orderId, (tx) => sql.closeAttempt(tx, attempt.id, 'expired'))
    else if (attempt.status === 'authorized') await gateway.capture(attempt)
    else {
      await joinStart(db, gateway, attempt)
      return
    }
  }
  let now = (await sql.findAttempt(db, attempt.id)) ?? attempt
  if (!isLive(now)) {
    if (now.reference === null) now = await recoverReference(db, gateway, now)
    await gateway.cancel(now)
  }
  const news = await gateway.retrieve(now)
  if (news) await recordNews(db, news)
  // Closed before the gateway ever heard of it, or canceled there as well, which needs no news to be known.
  if (!isLive(now) && (!news || news.told === 'canceled')) await sql.setSettled(db, now.id)
}
