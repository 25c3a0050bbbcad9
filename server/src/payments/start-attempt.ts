import { newId, type PaymentAttemptId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Database } from '../store/database.ts'
import { type Charge, ChargeRefused, type PaymentGateway, type Started } from './gateway.ts'
import { holdingOrder } from './holding-order.ts'
import { isUnpaid, type PaymentAttempt } from './payment.ts'
import * as sql from './payments.sql.ts'
import type { PaymentRefusal } from './refusals.ts'

/**
 * Tells the gateway of an attempt that is written down as `starting`, and what it answered to the attempt. May be
 * repeated, by a request and by a look at silent attempts at once: the gateway knows the attempt by its id.
 *
 * @throws payments.blik-code-refused, payments.charge-refused: the attempt is closed; payments.gateway-failed: it goes on
 */
export async function startAttempt(
  db: Database,
  gateway: PaymentGateway,
  attempt: PaymentAttempt,
  blikCode?: string,
): Promise<PaymentAttempt> {
  const started = await tellGateway(db, gateway, attempt, blikCode)
  // Nobody knows where to send the buyer any more.
  if (started.isRecovered && !started.redirectUri && !attempt.byBlikCode) {
    return startAnother(db, gateway, attempt, started)
  }
  return writeDown(db, attempt, started)
}

/**
 * Learns what the gateway calls an attempt that was closed before its answer came: what may have begun there has to be
 * ended there. Telling it once more is the only way to ask; what that begins is ended all the same.
 *
 * @throws GatewayUnavailable
 */
export async function recoverReference(
  db: Database,
  gateway: PaymentGateway,
  attempt: PaymentAttempt,
): Promise<PaymentAttempt> {
  const charge = { ...(await chargeOf(db, attempt)), payBefore: new Date(Date.now() + RECOVERY_MS) }
  const started = await gateway.start(charge).catch((error) => {
    if (error instanceof ChargeRefused) return undefined
    throw error
  })
  return started ? writeDown(db, attempt, { reference: started.reference }) : attempt
}

/** The order's own deadline may be over. */
const RECOVERY_MS = 60_000

async function tellGateway(
  db: Database,
  gateway: PaymentGateway,
  attempt: PaymentAttempt,
  blikCode: string | undefined,
): Promise<Started> {
  const charge = await chargeOf(db, attempt)
  try {
    return await gateway.start({ ...charge, blikCode })
  } catch (cause) {
    if (!(cause instanceof ChargeRefused)) {
      throw new Refused<PaymentRefusal>({ code: 'payments.gateway-failed', gateway: gateway.name }, { cause })
    }
    await holdingOrder(db, attempt.orderId, (tx) => sql.setClosed(tx, attempt.id, 'declined'))
    if (cause.reason === 'blik-code')
      throw new Refused<PaymentRefusal>({ code: 'payments.blik-code-refused' }, { cause })
    throw new Refused<PaymentRefusal>({ code: 'payments.charge-refused', gateway: gateway.name }, { cause })
  }
}

async function chargeOf(db: Database, attempt: PaymentAttempt): Promise<Charge> {
  const { id: attemptId, orderId, method, amountMinor, currency } = attempt
  const facts = await sql.findChargeFacts(db, attemptId)
  if (!facts) throw new Error(`attempt ${attemptId} has no order`)
  const { lines, buyer, payBefore } = facts
  return { attemptId, orderId, method, amountMinor, currency, lines, buyer, payBefore: new Date(payBefore) }
}

async function writeDown(
  db: Database,
  attempt: PaymentAttempt,
  { redirectUri, transferTitle, reference }: Started,
): Promise<PaymentAttempt> {
  const facts = [redirectUri ?? null, transferTitle ?? null, reference ?? null] as const
  return (await holdingOrder(db, attempt.orderId, (tx) => sql.setStarted(tx, attempt.id, ...facts))) ?? attempt
}

/** In the place of one whose page was lost with the gateway's answer; that one is canceled at the next look. */
async function startAnother(
  db: Database,
  gateway: PaymentGateway,
  lost: PaymentAttempt,
  started: Started,
): Promise<PaymentAttempt> {
  const another = await holdingOrder(db, lost.orderId, async (tx, order) => {
    await sql.setStarted(tx, lost.id, null, null, started.reference ?? null)
    const closed = await sql.closeAttempt(tx, lost.id, 'canceled')
    // Another request was quicker, or the order wants no money any more.
    if (!closed || !isUnpaid(order.status) || order.lapsed) return sql.findAttemptOf(tx, lost.orderId)
    const { orderId, method, amountMinor, currency } = lost
    return sql.insertAttempt(tx, {
      ...{ id: newId<PaymentAttemptId>(), orderId, method, gateway: gateway.name, amountMinor, currency },
      byBlikCode: false,
      buyerAddress: (await sql.findChargeFacts(tx, lost.id))?.buyer.address ?? '127.0.0.1',
    })
  })
  if (another?.status !== 'starting' || another.id === lost.id) return another ?? lost
  return writeDown(db, another, await tellGateway(db, gateway, another, undefined))
}
