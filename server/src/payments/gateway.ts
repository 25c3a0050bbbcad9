import type { OrderId, PaymentAttemptId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import { Refused } from '../kernel/refused.ts'
import type { PaymentMethod } from '../orders/index.ts'
import type { PaymentAttempt, PaymentNews } from './payment.ts'
import type { Refund, RefundNews } from './refund.ts'
import type { PaymentRefusal } from './refusals.ts'

/** What a gateway is asked to collect. */
export interface Charge {
  /** What the gateway is to know it by, for ever. */
  readonly attemptId: PaymentAttemptId
  readonly orderId: OrderId
  readonly method: PaymentMethod
  readonly amountMinor: Minor
  readonly currency: string
  readonly lines: readonly ChargeLine[]
  readonly buyer: Buyer
  /** When the order gives its stock back: nobody should pay after that. */
  readonly payBefore: Date
  /** The six digits from the buyer's bank; undefined: the buyer is sent to the gateway's page. Never stored. */
  readonly blikCode?: string | undefined
}

export interface ChargeLine {
  readonly name: string
  readonly unitPriceMinor: Minor
  readonly quantity: number
}

export interface Buyer {
  readonly email: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly phone: string | null
  /** The IP address the buyer came from, as far as our proxies tell. */
  readonly address: string
}

/** What a gateway answers to a charge: where to send the buyer, or what the buyer writes on a transfer. */
export interface Started {
  readonly redirectUri?: string | undefined
  readonly transferTitle?: string | undefined
  /** The gateway's own name for it. */
  readonly reference?: string | undefined
  /**
   * It knew this attempt before: an earlier answer was lost, and with it where to send the buyer. The caller gives this
   * attempt up and begins another, unless it needs no page.
   */
  readonly isRecovered?: boolean | undefined
}

/** How a gateway takes one method at present. */
export interface Offer {
  readonly method: PaymentMethod
  /** Whether the buyer may type a BLIK code in the shop. */
  readonly takesBlikCode?: boolean | undefined
}

/** What a gateway answers to a refund. `by-hand`: a person has to send it, and say so. */
export type RefundAnswer =
  | { readonly told: 'sent' | 'done'; readonly reference?: string | undefined }
  | { readonly told: 'by-hand' }
  /** Refused for good; `problem` in words for staff. */
  | { readonly told: 'failed'; readonly problem: string }

/** What a notification turned out to be. */
export type GatewayMessage =
  | { readonly kind: 'payment'; readonly news: PaymentNews }
  | { readonly kind: 'refund'; readonly news: RefundNews }
  /** Genuine, and nothing of ours; `why` in words for staff. */
  | { readonly kind: 'unknown'; readonly why: string }

/**
 * Whoever moves the money. Every call may be repeated with the same ids and then changes nothing: an answer can be lost.
 * One that cannot be reached, or does not keep to its protocol, throws {@link GatewayUnavailable}; what it refuses for
 * good is {@link ChargeRefused}. Only the attempt's state in our own database says what is so.
 */
export interface PaymentGateway {
  /** Stored with every attempt: never changed once used. */
  readonly name: string
  /** What it takes at present; remembered for a while, and what was known last when it cannot be asked. */
  offers(): Promise<readonly Offer[]>
  /** @throws ChargeRefused, GatewayUnavailable */
  start(charge: Charge): Promise<Started>
  /** What is known of the money now; undefined: this gateway cannot be asked, or does not know the attempt. */
  retrieve(attempt: PaymentAttempt): Promise<PaymentNews | undefined>
  /** Takes the money that the buyer's bank has blocked: a gateway that told `authorized` waits for this or `cancel`. */
  capture(attempt: PaymentAttempt): Promise<void>
  /** The attempt is not wanted any more. Money may come all the same. */
  cancel(attempt: PaymentAttempt): Promise<void>
  refund(refund: Refund, attempt: PaymentAttempt): Promise<RefundAnswer>
  /** How a refund that was `sent` stands; undefined: nothing is known. */
  retrieveRefund(refund: Refund, attempt: PaymentAttempt): Promise<RefundNews | undefined>
  /** Reads a notification that was found genuine, byte by byte as it came. Absent: this gateway sends none. */
  readMessage?(body: Buffer): GatewayMessage
}

/** The gateway did not answer, or not in its protocol. Nothing is known; trying again is safe. */
export class GatewayUnavailable extends Error {
  override readonly name = 'GatewayUnavailable'
}

/** The gateway will not take this charge, now or later: another attempt is needed. */
export class ChargeRefused extends Error {
  override readonly name = 'ChargeRefused'
  /** `blik-code`: the code was wrong, used or too old. */
  readonly reason: 'blik-code' | 'method' | 'other'

  constructor(reason: ChargeRefused['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** Which gateway serves which method; a method that is not configured is not there. */
export type Gateways = ReadonlyMap<PaymentMethod, PaymentGateway>

/** A method as it is offered now, with the gateway behind it. */
export interface OfferedMethod extends Offer {
  readonly gateway: PaymentGateway
}

/** What the shop takes at present: what is configured and its gateway offers. */
export async function listOffers(gateways: Gateways): Promise<OfferedMethod[]> {
  const offered = await Promise.all(
    [...gateways].map(async ([method, gateway]) => {
      const offer = (await gateway.offers()).find((it) => it.method === method)
      return offer && { ...offer, gateway }
    }),
  )
  return offered.filter((it) => it !== undefined)
}

/** @throws payments.method-not-offered */
export async function getOffer(gateways: Gateways, method: string): Promise<OfferedMethod> {
  const offers = await listOffers(gateways)
  const found = offers.find((offer) => offer.method === method)
  if (found) return found
  const offered = offers.map((offer) => offer.method)
  throw new Refused<PaymentRefusal>({ code: 'payments.method-not-offered', method, offered })
}

/** The gateways the shop has now, each once, whatever methods it serves. */
export function namesOf(gateways: Gateways): string[] {
  return [...new Set([...gateways.values()].map((gateway) => gateway.name))]
}

/** The gateway an attempt was begun with; undefined when the shop no longer has it. */
export function gatewayNamed(gateways: Gateways, name: string): PaymentGateway | undefined {
  return [...gateways.values()].find((gateway) => gateway.name === name)
}
