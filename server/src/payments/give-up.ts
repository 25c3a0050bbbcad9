import { type Gateways, gatewayNamed } from './gateway.ts'
import type { PaymentAttempt } from './payment.ts'

/**
 * Tells the gateway at once that nobody wants this attempt any more, so that the buyer cannot pay twice by mistake. It
 * may fail: the attempt is looked at again until the gateway has said its last word, and money that comes all the same
 * goes back.
 */
export async function giveUp(gateways: Gateways, attempt: PaymentAttempt): Promise<void> {
  await gatewayNamed(gateways, attempt.gateway)
    ?.cancel(attempt)
    .catch(() => {})
}
