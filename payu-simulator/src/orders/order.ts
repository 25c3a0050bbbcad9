import type { Notification } from '../notifications/notification.ts'
import type { Refund } from './refund.ts'

export type OrderStatus = 'NEW' | 'PENDING' | 'WAITING_FOR_CONFIRMATION' | 'COMPLETED' | 'CANCELED'

/** Where an order may go from where it is. COMPLETED and CANCELED are final. */
export const MOVES: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  NEW: ['PENDING', 'CANCELED'],
  PENDING: ['WAITING_FOR_CONFIRMATION', 'COMPLETED', 'CANCELED'],
  WAITING_FOR_CONFIRMATION: ['COMPLETED', 'CANCELED'],
  COMPLETED: [],
  CANCELED: [],
}

export const mayMove = (from: OrderStatus, to: OrderStatus): boolean => MOVES[from].includes(to)

export interface Product {
  readonly name: string
  readonly unitPrice: string
  readonly quantity: string
}

/** What the shop asked for, checked; numbers are strings, as PayU echoes them. */
export interface OrderRequest {
  readonly merchantPosId: string
  readonly customerIp: string
  readonly extOrderId?: string
  readonly description: string
  readonly additionalDescription?: string
  readonly visibleDescription?: string
  readonly currencyCode: string
  readonly totalAmount: string
  readonly notifyUrl?: string
  readonly continueUrl?: string
  readonly validityTime: string
  readonly preAuthorization: boolean
  readonly buyer?: Readonly<Record<string, unknown>>
  readonly products: readonly Product[]
  readonly means?: RequestedMeans
}

/** How the shop wants it paid; absent: the buyer chooses on the pay page. */
export type RequestedMeans =
  | { readonly kind: 'page'; readonly method: string }
  | { readonly kind: 'blik-code'; readonly code: string }
  | { readonly kind: 'wallet'; readonly method: string }
  | { readonly kind: 'card-token'; readonly token: string }

/** One try to pay. Why an order was canceled can be read here only. */
export interface Transaction {
  readonly paymentId: string
  readonly method: string
  readonly at: number
  readonly cardNumber?: string
  /** `000` approved; undefined: not decided yet. */
  resultCode?: string
}

/** An order with all that belongs to it: written to the journal whole, so what happens at once is kept at once. */
export interface Order {
  readonly orderId: string
  readonly posId: string
  /** Opens the pay page. */
  readonly payToken: string
  readonly createdAt: number
  readonly request: OrderRequest
  status: OrderStatus
  /** `PBL`, `CARD_TOKEN`: known once the buyer or the shop has chosen. */
  methodType?: string
  capturedMinor: number
  /** When it is canceled by itself; undefined: never. */
  deadline?: number
  /** How the bank will answer, and when. */
  decision?: { readonly at: number; readonly resultCode: string }
  readonly transactions: Transaction[]
  readonly refunds: Refund[]
  readonly notifications: Notification[]
}

export const totalMinor = (order: Order): number => Number(order.request.totalAmount)
