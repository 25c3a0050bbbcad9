import { createHmac, randomBytes } from 'node:crypto'

/** Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32

export function newSecret(): Buffer {
  return randomBytes(SECRET_BYTES)
}

/** As it is given to the receiver: `whsec_` and base64. */
export function showSecret(secret: Buffer): string {
  return `whsec_${secret.toString('base64')}`
}

/**
 * The header `webhook-signature` of the Standard Webhooks scheme: a signature by each secret that is good, so that
 * receivers can change theirs at leisure.
 *
 * @param timestamp in seconds, as in the header `webhook-timestamp`
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function sign(secrets: readonly Buffer[], id: string, timestamp: number, body: string): string {
  const signed = `${id}.${timestamp}.${body}`
  return secrets.map((secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`).join(' ')
}
