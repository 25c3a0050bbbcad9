import type { Minor } from '../../kernel/money.ts'
import { demand, minorIn, textIn, type Wire, wireIn } from './wire.ts'

/** The body of `POST /orders`; numbers are text, amounts in hundredths for every currency. */
export interface OrderRequest {
  readonly merchantPosId: string
  readonly customerIp: string
  /** Unique for a POS for ever, canceled orders included. */
  readonly extOrderId: string
  readonly description: string
  readonly currencyCode: string
  readonly totalAmount: string
  readonly notifyUrl: string
  readonly continueUrl: string
  /** In seconds. */
  readonly validityTime: string
  readonly buyer: {
    readonly email: string
    readonly language: string
    readonly phone?: string
    readonly firstName?: string
    readonly lastName?: string
  }
  readonly products: readonly { readonly name: string; readonly unitPrice: string; readonly quantity: string }[]
  readonly payMethods?: {
    readonly payMethod: { readonly type: 'PBL'; readonly value: string; readonly authorizationCode?: string }
  }
}

export interface CreatedOrder {
  readonly orderId: string
  readonly redirectUri: string | undefined
  /** It was there already: an earlier answer was lost. */
  readonly isRecovered: boolean
}

export interface PayuOrder {
  readonly orderId: string
  readonly extOrderId: string | undefined
  /** As PayU writes it, such as `COMPLETED`. */
  readonly status: string
  readonly totalMinor: Minor
  readonly currency: string
}

export interface PayuTransaction {
  /** Such as `blik`. */
  readonly method: string | undefined
  /** `000` is fine; what the others mean, PayU's documents tell. */
  readonly resultCode: string | undefined
  /** The card's bank's own word. */
  readonly cardResponseCode: string | undefined
}

export interface PayuRefund {
  readonly refundId: string
  readonly extRefundId: string | undefined
  readonly amountMinor: Minor
  readonly currency: string
  /** `PENDING`, `FINALIZED` or `CANCELED`. */
  readonly status: string
  /** Why it was canceled. */
  readonly problem: string | undefined
}

export interface PayMethod {
  /** Such as `c` or `blik`. */
  readonly value: string
  readonly isEnabled: boolean
}

export function orderOf(wire: Wire): PayuOrder {
  return {
    orderId: demand(textIn(wire, 'orderId'), 'orderId'),
    extOrderId: textIn(wire, 'extOrderId'),
    status: demand(textIn(wire, 'status'), 'status'),
    totalMinor: demand(minorIn(wire, 'totalAmount'), 'totalAmount'),
    currency: demand(textIn(wire, 'currencyCode'), 'currencyCode'),
  }
}

export function transactionOf(wire: Wire): PayuTransaction {
  return {
    method: textIn(wireIn(wire, 'payMethod'), 'value'),
    resultCode: textIn(wire, 'resultCode'),
    cardResponseCode: textIn(wireIn(wireIn(wire, 'card'), 'cardData'), 'cardResponseCode'),
  }
}

export function refundOf(wire: Wire): PayuRefund {
  const error = wireIn(wire, 'statusError')
  const words = [textIn(error, 'code'), textIn(error, 'description')].filter(Boolean)
  return {
    refundId: demand(textIn(wire, 'refundId'), 'refundId'),
    extRefundId: textIn(wire, 'extRefundId'),
    amountMinor: demand(minorIn(wire, 'amount'), 'amount'),
    currency: demand(textIn(wire, 'currencyCode'), 'currencyCode'),
    status: demand(textIn(wire, 'status'), 'status'),
    problem: words.length > 0 ? words.join(': ').slice(0, 200) : undefined,
  }
}

export function payMethodOf(wire: Wire): PayMethod {
  return { value: textIn(wire, 'value') ?? '', isEnabled: wire.status === 'ENABLED' }
}
