import { setTimeout as pause } from 'node:timers/promises'
import { newId, type PaymentAttemptId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Database } from '../store/database.ts'
import { type Charge, ChargeRefused, type PaymentGateway, type Started } from './gateway.ts'
import { holdingOrder } from './holding-order.ts'
import { isLive, isUnpaid, type PaymentAttempt } from './payment.ts'
import * as sql from './payments.sql.ts'
import type { PaymentRefusal } from './refusals.ts'

/**
 * Tells the gateway of an attempt that is written down as `starting` and is the caller's to begin, and what it answered to
 * the attempt. May be repeated: the gateway knows the attempt by its id.
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
  // It may have taken so long that somebody else has begun another in its place.
  return standIn(db, gateway, await writeDown(db, attempt, started))
}

/**
 * An attempt that somebody else wrote down, once it has begun: of all who want it at once, on whatever servers, one tells
 * the gateway, and the others wait for that answer. Should it not come because its server died, the next one tells it.
 *
 * @throws what {@link startAttempt} throws
 */
export async function joinStart(
  db: Database,
  gateway: PaymentGateway,
  attempt: PaymentAttempt,
): Promise<PaymentAttempt> {
  if (attempt.status !== 'starting') return attempt
  const claim = () => holdingOrder(db, attempt.orderId, (tx) => sql.claimStart(tx, attempt.id))
  let mine = await claim()
  for (const end = performance.now() + JOIN_WITHIN_MS; !mine; ) {
    const standing = (await sql.findStart(db, attempt.id))?.standing
    if (standing === 'free') mine = await claim()
    else if (standing === 'under-way' && performance.now() < end) await pause(LOOK_AGAIN_MS)
    else return shareAnswer(db, gateway, attempt)
  }
  return startAttempt(db, gateway, mine)
}

/** What whoever told the gateway heard is everybody's, also a no. */
async function shareAnswer(db: Database, gateway: PaymentGateway, attempt: PaymentAttempt): Promise<PaymentAttempt> {
  const now = (await sql.findAttempt(db, attempt.id)) ?? attempt
  if (now.status === 'starting') {
    throw new Refused<PaymentRefusal>({ code: 'payments.gateway-failed', gateway: gateway.name })
  }
  if (now.status === 'declined' && now.reference === null) {
    throw new Refused<PaymentRefusal>({ code: 'payments.charge-refused', gateway: gateway.name })
  }
  return standIn(db, gateway, now)
}

/** Somebody waits, and may ask again. */
const JOIN_WITHIN_MS = 10_000
const LOOK_AGAIN_MS = 100

/** The attempt, or the one that has taken its place, once it has begun. */
async function standIn(db: Database, gateway: PaymentGateway, attempt: PaymentAttempt): Promise<PaymentAttempt> {
  const live = isLive(attempt) ? attempt : await sql.findLiveAttempt(db, attempt.orderId)
  const isAlike = live?.method === attempt.method && live.gateway === gateway.name
  return live && isAlike ? joinStart(db, gateway, live) : attempt
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
      // If not, it is free when its time is over.
      await holdingOrder(db, attempt.orderId, (tx) => sql.releaseStart(tx, attempt.id)).catch(() => {})
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
  const { attempt, isMine } = await holdingOrder(db, lost.orderId, async (tx, order) => {
    const now = await sql.setStarted(tx, lost.id, null, null, started.reference ?? null)
    // Not lost: somebody else was told of it.
    if (now && isLive(now) && now.redirectUri) return { attempt: now, isMine: false }
    const closed = await sql.closeAttempt(tx, lost.id, 'canceled')
    // Another request was quicker, or the order wants no money any more.
    if (!closed || !isUnpaid(order.status) || order.lapsed) {
      return { attempt: await sql.findAttemptOf(tx, lost.orderId), isMine: false }
    }
    const { orderId, method, amountMinor, currency } = lost
    const another = await sql.insertAttempt(tx, {
      ...{ id: newId<PaymentAttemptId>(), orderId, method, gateway: gateway.name, amountMinor, currency },
      byBlikCode: false,
      buyerAddress: (await sql.findChargeFacts(tx, lost.id))?.buyer.address ?? '127.0.0.1',
    })
    return { attempt: another, isMine: true }
  })
  if (!attempt) return lost
  if (isMine) return writeDown(db, attempt, await tellGateway(db, gateway, attempt, undefined))
  return standIn(db, gateway, attempt)
}
