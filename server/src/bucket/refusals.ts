import type { ProductId } from '../kernel/ids.ts'

/** A line that the warehouses cannot fill: pieces asked for, and pieces that can be bought now. */
export interface ShortLine {
  readonly productId: ProductId
  readonly asked: number
  readonly available: number
}

/** Why the bucket may refuse. No status, number or wording: a contract owns those. */
export type BucketRefusal =
  | { code: 'bucket.already-in'; productId: ProductId }
  | { code: 'bucket.not-available'; productId: ProductId } // unknown, unpublished or sold out
  | { code: 'bucket.not-enough'; lines: readonly ShortLine[] }
  | { code: 'bucket.full'; linesMax: number }
  | { code: 'bucket.line-not-found' } // or somebody else's: nobody learns which
