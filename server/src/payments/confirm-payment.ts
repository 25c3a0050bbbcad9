import type { Presented } from '../identity/index.ts'
import type { OrderId, PaymentAttemptId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import { getOrder } from '../orders/index.ts'
import type { Database } from '../store/database.ts'
import { type Gateways, gatewayNamed, type PaymentGateway } from './gateway.ts'
import { lookAt } from './look-at.ts'
import { isLive, type PaymentAttempt } from './payment.ts'
import * as sql from './payments.sql.ts'
import type { PaymentRefusal } from './refusals.ts'

/**
 * The caller says they have paid: asks the gateway, never trusts the client, and answers how the payment stands now.
 * Of a transfer it is written down that the customer says it was sent; the money is confirmed by staff or the bank.
 *
 * @throws identity.not-signed-in, orders.not-found, payments.not-chosen, payments.gateway-failed: looked for in this order
 * @see docs/contracts/README.md, Shop, `POST /api/orders/:order_uuid/payment/confirm`
 */
export async function confirmPayment(
  db: Database,
  gateways: Gateways,
  presented: Presented,
  orderId: OrderId,
): Promise<PaymentAttempt> {
  await getOrder(db, presented, orderId)
  const attempt = await sql.findAttemptOf(db, orderId)
  if (!attempt) throw new Refused<PaymentRefusal>({ code: 'payments.not-chosen' })
  if (!isLive(attempt)) return attempt
  if (attempt.method === 'transfer') return (await sql.setSentByCustomer(db, attempt.id)) ?? attempt

  const gateway = gatewayNamed(gateways, attempt.gateway)
  if (!gateway) return attempt
  await lookOnce(db, gateway, attempt).catch((cause: Error) => {
    if (cause instanceof Refused) throw cause
    throw new Refused<PaymentRefusal>({ code: 'payments.gateway-failed', gateway: attempt.gateway }, { cause })
  })
  return (await sql.findAttemptOf(db, orderId)) ?? attempt
}

const underWay = new Map<PaymentAttemptId, Promise<void>>()

/** Whoever asks while the gateway is being asked about the same attempt waits for that answer: pages ask again and again. */
function lookOnce(db: Database, gateway: PaymentGateway, attempt: PaymentAttempt): Promise<void> {
  const looking = underWay.get(attempt.id) ?? lookAt(db, gateway, attempt).finally(() => underWay.delete(attempt.id))
  underWay.set(attempt.id, looking)
  return looking
}

/** How the order's payment stands; undefined until a method was chosen. The order is the caller's, somebody looked already. */
export { findPayment } from './payments.sql.ts'
