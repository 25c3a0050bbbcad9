import type { ProductId } from '../kernel/ids.ts'
import type { Minor } from '../kernel/money.ts'
import type { PageWish } from '../kernel/page.ts'

/** `draft` and `withdrawn` products are not published: nobody sees or buys them. */
export const PRODUCT_STATUSES = ['draft', 'new', 'regular', 'sale', 'withdrawn'] as const
export type ProductStatus = (typeof PRODUCT_STATUSES)[number]

/** A published product with what can be bought of it now, over all warehouses. */
export interface Product {
  readonly id: ProductId
  readonly name: string
  readonly description: string
  readonly priceMinor: Minor
  readonly currency: string
  readonly productType: string
  readonly status: ProductStatus
  readonly available: number
}

/** Which products: by part of the name without regard to case, by type; and which page of them. */
export interface ProductWish extends PageWish {
  readonly name?: string | undefined
  readonly productType?: string | undefined
  readonly after?: ProductId | undefined
}
