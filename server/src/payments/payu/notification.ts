import { isUtf8 } from 'node:buffer'
import { type Id, isUuid, type PaymentAttemptId, type RefundId } from '../../kernel/ids.ts'
import type { GatewayMessage } from '../gateway.ts'
import { refundOf } from './shapes.ts'
import { REFUND_TOLD, TOLD } from './statuses.ts'
import { isWire, minorIn, textIn, type Wire, wireIn } from './wire.ts'

/** The POS a notification came for: its path says which, before a byte of the body is believed. */
export interface NotifiedPos {
  readonly posId: string
  /** The gateway's name. */
  readonly gateway: string
}

/**
 * Reads the body of a notification whose signature is good. Whether it fits what we know of the attempt, and whether it
 * is news at all, is not looked at here.
 *
 * @see https://developers.payu.com/europe/docs/payment-flows/lifecycle/
 */
export function readNotification(pos: NotifiedPos, body: Buffer): GatewayMessage {
  const message = parse(body)
  if (!message) return unknown('it is no JSON object')
  // Refunds have an order's ids at the root, but no order.
  return 'refund' in message ? readRefund(pos, message) : readOrder(pos, message)
}

function readOrder({ posId, gateway }: NotifiedPos, message: Wire): GatewayMessage {
  if (!isWire(message.order)) return unknown('it is about neither an order nor a refund')
  const { order } = message
  const status = textIn(order, 'status') ?? ''
  const told = TOLD.get(status)
  const attemptId = ourId<PaymentAttemptId>(textIn(order, 'extOrderId'))
  const amountMinor = minorIn(order, 'totalAmount')
  const currency = textIn(order, 'currencyCode')
  const ofPos = textIn(order, 'merchantPosId')
  if (ofPos !== undefined && ofPos !== posId) return unknown('it is about an order of another POS')
  if (!attemptId) return unknown('extOrderId is none of ours')
  if (!told) return unknown('the status is not one we know')
  if (amountMinor === undefined || !currency) return unknown('totalAmount or currencyCode is missing or no amount')
  const reference = textIn(order, 'orderId')
  return { kind: 'payment', news: { gateway, attemptId, event: status, told, amountMinor, currency, reference } }
}

function readRefund({ gateway }: NotifiedPos, message: Wire): GatewayMessage {
  try {
    const refund = refundOf(wireIn(message, 'refund'))
    const told = REFUND_TOLD.get(refund.status)
    if (!told) return unknown('the status of the refund is not one we know')
    const { refundId: reference, amountMinor, currency, problem } = refund
    const attemptId = ourId<PaymentAttemptId>(textIn(message, 'extOrderId'))
    const refundId = ourId<RefundId>(refund.extRefundId)
    return { kind: 'refund', news: { gateway, attemptId, refundId, reference, told, amountMinor, currency, problem } }
  } catch (error) {
    return unknown(`the refund cannot be read: ${(error as Error).message}`)
  }
}

/** Our ids are UUIDs; what was made elsewhere has others. */
export function ourId<I extends Id<string>>(text: string | undefined): I | undefined {
  return text !== undefined && isUuid(text) ? (text.toLowerCase() as I) : undefined
}

function parse(body: Buffer): Wire | undefined {
  if (!isUtf8(body)) return undefined
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isWire(value) ? value : undefined
  } catch {
    return undefined
  }
}

function unknown(why: string): GatewayMessage {
  return { kind: 'unknown', why }
}
