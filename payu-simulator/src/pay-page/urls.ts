import type { Order } from '../orders/order.ts'
import type { Simulation } from '../simulation.ts'

/** A page that is not the usual one: the bank's question, or the card's CVV. */
export type Step = 'redirect-3ds' | 'redirect-cvv'

/** Where the buyer's browser is sent to pay. */
export function payPageUrl({ publicUrl }: Simulation, { orderId, payToken }: Order, step?: Step): string {
  const query = new URLSearchParams({ orderId, token: payToken, ...(step && { step }) })
  return `${publicUrl()}/pay/?${query}`
}
