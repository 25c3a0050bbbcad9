import type { Product } from './product.ts'

/** What a page showed of its products, but for their stock, and at which version of the catalogue. */
export interface RememberedPage {
  readonly version: string
  readonly products: readonly Product[]
}

/**
 * The pages that were looked at last. Nobody has to tell it of changes: who finds a page here asks the database for the
 * version that goes with the stock it shows (docs/adr/0022).
 */
export class RememberedPages {
  /** In the order of their use. */
  readonly #pages = new Map<string, RememberedPage>()
  #products = 0

  find(key: string): RememberedPage | undefined {
    const page = this.#pages.get(key)
    if (page) {
      this.#pages.delete(key)
      this.#pages.set(key, page)
    }
    return page
  }

  keep(key: string, page: RememberedPage): void {
    this.#forget(key)
    this.#pages.set(key, page)
    this.#products += page.products.length
    for (const oldest of this.#pages.keys()) {
      if (this.#products <= PRODUCTS_MAX) break
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#products -= this.#pages.get(key)?.products.length ?? 0
    this.#pages.delete(key)
  }
}

/** Of the longest descriptions there may be this is 10 MB; of usual ones less than one. */
const PRODUCTS_MAX = 1_000
