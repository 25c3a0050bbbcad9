import type { BucketLineId, CustomerId, ProductId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import { Refused } from '../kernel/refused.ts'
import type { BucketRefusal } from './refusals.ts'

/** A product in a customer's bucket, at its price of now: the bucket promises neither the price nor the stock. */
export interface BucketLine {
  readonly id: BucketLineId
  readonly productId: ProductId
  /** Pieces, from 1. */
  readonly quantity: number
  readonly unitPriceMinor: Minor
}

/** What a customer wants to put in: pieces, from 1, of a product. */
export interface Wish {
  readonly productId: ProductId
  readonly quantity: number
}

/**
 * The most pieces of one product in a bucket, and the most lines: what one order's locks and sums are made for. Lines
 * that are added at once may pass it by a few.
 */
export const QUANTITY_MAX = 10_000
export const LINES_MAX = 100

/** What `tryAddLine` found. */
export interface AddLineFacts {
  readonly customerId: CustomerId
  readonly alreadyIn: boolean
  readonly lines: number
  /** Pieces that can be bought now; null when the product is unknown or unpublished. */
  readonly available: number | null
  readonly unitPriceMinor: Minor | null
  readonly added: boolean
}

/** The line's price now that it was added, or why it could not be. The order of the questions is the contract's. */
export function decideLine({ productId, quantity }: Wish, facts: AddLineFacts): Minor {
  const { alreadyIn, available, lines, unitPriceMinor, added } = facts
  if (alreadyIn) throw refused({ code: 'bucket.already-in', productId })
  if (!available || unitPriceMinor === null) throw refused({ code: 'bucket.not-available', productId })
  if (available < quantity || quantity > QUANTITY_MAX) {
    throw refused({ code: 'bucket.not-enough', lines: [{ productId, asked: quantity, available }] })
  }
  if (lines >= LINES_MAX) throw refused({ code: 'bucket.full', linesMax: LINES_MAX })
  // Nothing stood against it and yet it was not added: the same wish, sent twice at once, was quicker.
  if (!added) throw refused({ code: 'bucket.already-in', productId })
  return unitPriceMinor
}

/** What `tryChangeLine` found; a line that is not the caller's is none. */
export interface ChangeLineFacts {
  readonly productId: ProductId | null
  readonly available: number
  readonly changed: boolean
}

/** Nothing, or why the line stays as it was. */
export function decideChange(quantity: number, { productId, available, changed }: ChangeLineFacts): void {
  if (productId === null) throw refused({ code: 'bucket.line-not-found' })
  if (available < quantity || quantity > QUANTITY_MAX) {
    throw refused({ code: 'bucket.not-enough', lines: [{ productId, asked: quantity, available }] })
  }
  // There was enough and yet it was not changed: an order took the line meanwhile.
  if (!changed) throw refused({ code: 'bucket.line-not-found' })
}

export function refused(refusal: BucketRefusal): Refused<BucketRefusal> {
  return new Refused<BucketRefusal>(refusal)
}
