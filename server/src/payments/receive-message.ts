import { hash } from 'node:crypto'
import { type GatewayMessageId, newId } from '../kernel/ids.ts'
import type { Database } from '../store/database.ts'
import { type Gateways, gatewayNamed, type PaymentGateway } from './gateway.ts'
import * as sql from './messages.sql.ts'
import type { NewsOutcome } from './payment.ts'
import { recordNews } from './record-news.ts'
import { recordRefundNews } from './record-refund-news.ts'
import type { RefundOutcome } from './refund.ts'

/** `known-message`: word for word the same was handled before; `unknown`: genuine, and of nothing of ours. */
export type MessageOutcome = NewsOutcome | RefundOutcome | 'known-message' | 'unknown'

/**
 * A gateway's notification, found genuine by whoever took it in: written down word by word first, then acted on. What
 * was written down is not lost, so the gateway may be told that it arrived, even when acting on it throws.
 *
 * @param body as it came, byte by byte
 * @returns what was made of it; undefined when that did not work now and will be tried again
 * @throws when it could not be written down: the gateway has to send it again
 */
export async function receiveMessage(
  db: Database,
  gateway: PaymentGateway,
  body: Buffer,
  onFailure: (error: unknown) => void,
): Promise<MessageOutcome | undefined> {
  const contentHash = hash('sha256', body, 'buffer')
  const stored = await sql.insertMessage(db, newId<GatewayMessageId>(), gateway.name, contentHash, body)
  if (!stored || stored.isHandled) return 'known-message'
  return handle(db, gateway, stored.id, body).catch((error) => {
    onFailure(error)
    return undefined
  })
}

const MINUTE = 60
/** After how many seconds a message nothing could be made of is tried again, try by try; from then on always the last. */
const LADDER = [MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE]
const AT_ONCE = 20

/** Acts on messages whose first handling was cut off or failed. */
export async function handleWaitingMessages(
  db: Database,
  gateways: Gateways,
  onFailure: (messageId: GatewayMessageId, error: unknown) => void,
): Promise<{ messages: number }> {
  const waiting = await sql.takeWaitingMessages(db, LADDER, AT_ONCE)
  for (const { id, gateway: name, body } of waiting) {
    const gateway = gatewayNamed(gateways, name)
    if (gateway) await handle(db, gateway, id, body).catch((error) => onFailure(id, error))
  }
  return { messages: waiting.length }
}

/** Being handled twice at once changes nothing: what is told is recorded once. */
async function handle(
  db: Database,
  gateway: PaymentGateway,
  id: GatewayMessageId,
  body: Buffer,
): Promise<MessageOutcome> {
  const message = gateway.readMessage?.(body) ?? { kind: 'unknown', why: `${gateway.name} sends no messages` }
  if (message.kind === 'unknown') {
    await sql.setMessageHandled(db, id, 'unknown', message.why)
    return 'unknown'
  }
  const outcome =
    message.kind === 'payment' ? await recordNews(db, message.news) : await recordRefundNews(db, message.news)
  await sql.setMessageHandled(db, id, outcome ?? 'unknown', outcome ? null : 'of no payment of ours')
  return outcome ?? 'unknown'
}

const KEPT_DAYS = 90

export async function deleteOldMessages(db: Database): Promise<void> {
  await sql.deleteOldMessages(db, KEPT_DAYS)
}
