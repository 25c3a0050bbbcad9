/** A shop as PayU knows it: one currency, one pair of keys. */
export interface PointOfSale {
  readonly posId: string
  readonly clientId: string
  readonly clientSecret: string
  /** Signs notifications. PayU calls it the second key, or MD5. */
  readonly secondKey: string
  readonly currency: string
  /** Captures at once what the buyer has authorised; off: WAITING_FOR_CONFIRMATION until the shop captures. */
  readonly autoReceive: boolean
  /** A real POS offers BLIK by redirect or by a code typed in the shop, never both; `both` spares you a second POS. */
  readonly blik: 'redirect' | 'code' | 'both'
  /** Codes of pay methods that are switched off. */
  readonly disabledMethods: readonly string[]
  readonly refundsEnabled: boolean
  /** Partial captures are an option that PayU has to switch on. */
  readonly partialCapture: boolean
  /** What the shop holds at PayU before its first order, in minor units; undefined: refunds never lack money. */
  readonly openingBalanceMinor: number | undefined
  /** Sources disagree: `recorded` is `{"refunds":[…]}` or `{"refunds":false}`, `documented` a bare array. */
  readonly refundList: 'recorded' | 'documented'
}

/** What has to be said of a point of sale; the rest has a default. */
export type PointOfSaleOptions = Pick<PointOfSale, 'posId' | 'clientSecret' | 'secondKey'> & Partial<PointOfSale>

/** PayU's public sandbox shop for złoty; its keys are printed in PayU's documentation. */
export const SANDBOX_POS: PointOfSale = completePos({
  posId: '300746',
  clientSecret: '2ee86a66e5d97e3fadc400c9f19b065d',
  secondKey: 'b6ca15b0d1020e8094d9b5f8d163db54',
})

/** @throws RangeError for a POS id, key or currency that cannot be */
export function completePos(options: PointOfSaleOptions): PointOfSale {
  const pos: PointOfSale = {
    clientId: options.posId,
    currency: 'PLN',
    autoReceive: true,
    blik: 'both',
    disabledMethods: [],
    refundsEnabled: true,
    partialCapture: true,
    openingBalanceMinor: undefined,
    refundList: 'recorded',
    ...options,
  }
  if (!/^\d+$/.test(pos.posId)) throw new RangeError(`a POS id is a number, not "${pos.posId}"`)
  if (!pos.clientSecret || !pos.secondKey) throw new RangeError(`POS ${pos.posId} needs clientSecret and secondKey`)
  if (!/^[A-Z]{3}$/.test(pos.currency)) throw new RangeError(`POS ${pos.posId}: "${pos.currency}" is no currency`)
  return pos
}
