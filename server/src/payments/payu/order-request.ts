import type { OrderId } from '../../kernel/ids.ts'
import { isLoopback } from '../../kernel/ip-address.ts'
import { type Charge, ChargeRefused, GatewayUnavailable } from '../gateway.ts'
import { payuAddress } from './address.ts'
import type { OrderRequest } from './shapes.ts'

/** What goes into every order of a POS. */
export interface OrderTerms {
  readonly posId: string
  readonly shopName: string
  /** Where PayU tells us how it goes; a function where it is known only once the server listens. */
  readonly notifyUrl: string | (() => string)
  /** Where buyers come back to. */
  readonly continueUrl: (orderId: OrderId) => string
  /** Of PayU's page and mails, such as `pl`. */
  readonly language: string
  readonly production: boolean
}

/**
 * What PayU is asked to collect.
 *
 * @throws ChargeRefused when there is no time left to pay, GatewayUnavailable when it is not known where the buyer is
 */
export function orderRequest(charge: Charge, terms: OrderTerms, now: number): OrderRequest {
  const { attemptId, orderId, amountMinor, currency, lines, buyer, payBefore } = charge
  const description = cut(`${terms.shopName}: ${orderId}`, 4_000)
  const products = lines.map(({ name, unitPriceMinor, quantity }) => ({
    name: cut(name, 255),
    unitPrice: String(unitPriceMinor),
    quantity: String(quantity),
  }))
  return {
    merchantPosId: terms.posId,
    customerIp: customerIp(buyer.address, terms.production),
    extOrderId: attemptId,
    description,
    currencyCode: currency,
    totalAmount: String(amountMinor),
    notifyUrl: typeof terms.notifyUrl === 'string' ? terms.notifyUrl : terms.notifyUrl(),
    continueUrl: terms.continueUrl(orderId),
    validityTime: String(secondsLeft(payBefore, now)),
    buyer: {
      email: buyer.email,
      language: terms.language,
      ...(buyer.phone && { phone: buyer.phone }),
      ...(buyer.firstName && { firstName: cut(buyer.firstName, 100) }),
      ...(buyer.lastName && { lastName: cut(buyer.lastName, 100) }),
    },
    products: products.length > 0 ? products : [{ name: description, unitPrice: String(amountMinor), quantity: '1' }],
    ...payMethodsOf(charge),
  }
}

/** `payu`: the buyer chooses on PayU's page, so nothing is said. */
function payMethodsOf({ method, blikCode }: Charge): Pick<OrderRequest, 'payMethods'> {
  if (blikCode !== undefined) {
    return { payMethods: { payMethod: { type: 'PBL', value: 'blik', authorizationCode: blikCode } } }
  }
  return method === 'card' ? { payMethods: { payMethod: { type: 'PBL', value: 'c' } } } : {}
}

/** PayU judges fraud by it: all buyers at one address would be one buyer. */
function customerIp(text: string, production: boolean): string {
  const address = payuAddress(text)
  if (address && !(production && isLoopback(address))) return address
  throw new GatewayUnavailable(
    `The buyer's address is not known: PayU would be told ${address ?? 'none'}. Is TRUST_PROXY set?`,
  )
}

/** Rounded down: PayU must not take money when the order's stock is anybody's again. */
function secondsLeft(payBefore: Date, now: number): number {
  const seconds = Math.floor((payBefore.getTime() - now) / 1_000)
  if (seconds < 1) throw new ChargeRefused('other', 'The time to pay this order is over')
  return seconds
}

/** At most that many characters; none is torn in two. */
function cut(text: string, length: number): string {
  return [...text].slice(0, length).join('')
}
