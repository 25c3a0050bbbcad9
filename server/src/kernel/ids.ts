import { v7 } from 'uuid'

declare const brand: unique symbol

/** A UUID that says what it names, so that a product's id cannot be handed over where an order's is asked for. */
export type Id<Of extends string> = string & { readonly [brand]: Of }

export type CustomerId = Id<'customer'>
export type SessionId = Id<'session'>
export type ProductId = Id<'product'>
export type WarehouseId = Id<'warehouse'>
export type BucketLineId = Id<'bucket line'>
export type OrderId = Id<'order'>
/** A line keeps its id on its way from the bucket into the order (ADR 5). */
export type OrderLineId = Id<'order line'>
export type PaymentAttemptId = Id<'payment attempt'>
export type RefundId = Id<'refund'>
/** A notification as it came in. */
export type GatewayMessageId = Id<'gateway message'>
export type MailId = Id<'mail'>
export type EndpointId = Id<'webhook endpoint'>

/** A fresh UUID v7: it sorts by time of making, which keeps index pages warm. */
export function newId<I extends Id<string>>(): I {
  return v7() as I
}

/** Sorts before every id that is made, and names nothing. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000' as Id<never>

/** Sorts behind every id that is made, and names nothing. */
export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff' as Id<never>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Whether the text is a UUID in its 36-character form, of whatever version. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}
