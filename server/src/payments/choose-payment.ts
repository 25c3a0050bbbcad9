import { getCaller, type Presented } from '../identity/index.ts'
import { newId, type OrderId, type PaymentAttemptId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import { awaitPayment, type HoldTerms, lockOrder } from '../orders/index.ts'
import type { Database, Tx } from '../store/database.ts'
import { type Gateways, gatewayFor, giveUp, type PaymentGateway } from './gateway.ts'
import type { PaymentAttempt } from './payment.ts'
import * as sql from './payments.sql.ts'
import type { PaymentRefusal } from './refusals.ts'

/**
 * Chooses how the caller's order is paid, and begins: the attempt is written down before the gateway hears of it.
 * Choosing the same method again answers with the attempt that is under way; another method gives up the old attempt.
 *
 * @throws identity.not-signed-in, payments.method-not-offered, orders.not-found, orders.wrong-status, payments.gateway-failed
 * @see docs/contracts/README.md, Shop, `PUT /api/orders/:order_uuid/payment`
 */
export async function choosePayment(
  db: Database,
  { gateways, hold }: { gateways: Gateways; hold: HoldTerms },
  presented: Presented,
  orderId: OrderId,
  method: string,
): Promise<PaymentAttempt> {
  const { customerId } = await getCaller(db, presented)
  const gateway = gatewayFor(gateways, method)

  const { attempt, givenUp } = await db.transaction(async (tx) => {
    const order = await lockOrder(tx, orderId, customerId)
    const live = await sql.findLiveAttempt(tx, orderId)
    const isUnderWay = live?.method === method && live.gateway === gateway.name
    if (isUnderWay && order.status === 'to_pay' && !order.lapsed) return { attempt: live }
    await awaitPayment(tx, order, hold, method as PaymentAttempt['method'])
    if (live) await sql.setAttemptStatus(tx, live.id, 'canceled')
    const { sumMinor, currency } = order
    return { attempt: await insertAttempt(tx, orderId, method, gateway, sumMinor, currency), givenUp: live }
  })

  if (givenUp) await giveUp(gateways, givenUp)
  return attempt.status === 'starting' ? startAttempt(db, gateway, attempt) : attempt
}

async function insertAttempt(
  tx: Tx,
  orderId: OrderId,
  method: string,
  gateway: PaymentGateway,
  amountMinor: number,
  currency: string,
): Promise<PaymentAttempt> {
  const id = newId<PaymentAttemptId>()
  return (await sql.insertAttempt(tx, id, orderId, method, gateway.name, amountMinor, currency)) as PaymentAttempt
}

async function startAttempt(db: Database, gateway: PaymentGateway, attempt: PaymentAttempt): Promise<PaymentAttempt> {
  const { id, orderId, method, amountMinor, currency } = attempt
  const started = await gateway
    .start({ attemptId: id, orderId, method, amountMinor, currency })
    .catch((cause: Error) => {
      throw new Refused<PaymentRefusal>({ code: 'payments.gateway-failed', gateway: gateway.name }, { cause })
    })
  const { redirectUri = null, transferTitle = null, reference = null } = started
  return (await sql.setStarted(db, id, redirectUri, transferTitle, reference)) ?? attempt
}
