import type { EventPlace } from '../events/index.ts'
import type { EndpointId, OrderId } from '../kernel/ids.ts'

/**
 * What a message is known by, the same at every try, at every replay and for every endpoint: the event it tells of.
 * Receivers tell a second copy by it.
 */
export function messageId({ orderId, position }: EventPlace): string {
  return `msg_${orderId}_${position}`
}

/** The event behind a message's id; undefined when it cannot be one of ours. */
export function readMessageId(id: string): EventPlace | undefined {
  const [, orderId, position] = /^msg_([0-9a-f-]{36})_([1-9]\d{0,8})$/.exec(id) ?? []
  return orderId && position ? { orderId: orderId as OrderId, position: Number(position) } : undefined
}

/** `failed`: it was given up. */
export type DeliveryState = 'waiting' | 'delivered' | 'failed'

/** One event on its way to one endpoint, as the log shows it. */
export interface ListedDelivery extends EventPlace {
  readonly endpointId: EndpointId
  readonly url: string
  readonly kind: string
  readonly state: DeliveryState
  readonly attempts: number
  readonly nextTryAt: Date
  /** What the endpoint answered to the last try; null: nothing. */
  readonly answerStatus: number | null
  readonly answerText: string | null
  /** Why there was no answer. */
  readonly problem: string | null
  readonly queuedAt: Date
  readonly endedAt: Date | null
}
