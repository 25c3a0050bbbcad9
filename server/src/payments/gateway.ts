import type { OrderId, PaymentAttemptId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import { Refused } from '../kernel/refused.ts'
import type { PaymentMethod } from '../orders/index.ts'
import type { PaymentAttempt, PaymentNews } from './payment.ts'
import type { PaymentRefusal } from './refusals.ts'

/** What a gateway is asked to collect. */
export interface Charge {
  readonly attemptId: PaymentAttemptId
  readonly orderId: OrderId
  readonly method: PaymentMethod
  readonly amountMinor: Minor
  readonly currency: string
}

/** What a gateway answers to a charge: where to send the buyer, or what the buyer writes on a transfer. */
export interface Started {
  readonly redirectUri?: string
  readonly transferTitle?: string
  /** The gateway's own name for it. */
  readonly reference?: string
}

/**
 * Whoever moves the money. Every call may be repeated with the same ids and then changes nothing: an answer can be lost.
 * A gateway that cannot be reached throws; only the attempt's state in our own database says what is so.
 */
export interface PaymentGateway {
  /** Stored with every attempt: never changed once used. */
  readonly name: string
  start(charge: Charge): Promise<Started>
  /** What is known of the money now; undefined: nothing yet, or this gateway cannot be asked. */
  retrieve(attempt: PaymentAttempt): Promise<PaymentNews | undefined>
  /** The attempt is not wanted any more. Money may come all the same. */
  cancel(attempt: PaymentAttempt): Promise<void>
  /** `by-hand`: a person has to send it back, and say so. */
  refund(refund: { refundId: string; attemptId: PaymentAttemptId; amountMinor: Minor }): Promise<'done' | 'by-hand'>
}

/** Which gateway serves which method; a method that is not configured is not there. */
export type Gateways = ReadonlyMap<PaymentMethod, PaymentGateway>

/** @throws payments.method-not-offered */
export function gatewayFor(gateways: Gateways, method: string): PaymentGateway {
  const gateway = gateways.get(method as PaymentMethod)
  if (!gateway) {
    const offered = [...gateways.keys()]
    throw new Refused<PaymentRefusal>({ code: 'payments.method-not-offered', method, offered })
  }
  return gateway
}

/** Tells the attempt's gateway that nobody wants it any more. That may fail: money that comes all the same is sent back. */
export async function giveUp(gateways: Gateways, attempt: PaymentAttempt): Promise<void> {
  await gatewayNamed(gateways, attempt.gateway)
    ?.cancel(attempt)
    .catch(() => {})
}

/** The gateway an attempt was begun with; undefined when the shop no longer has it. */
export function gatewayNamed(gateways: Gateways, name: string): PaymentGateway | undefined {
  return [...gateways.values()].find((gateway) => gateway.name === name)
}
