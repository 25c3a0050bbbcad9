import { Readable } from 'node:stream'
import { toDecimal } from '../server/src/kernel/money.ts'
import { importProducts } from '../server/src/stock/index.ts'
import type { Database } from '../server/src/store/database.ts'
import { rowsOf } from '../test/support/books.ts'

export interface Product {
  id: string
  readonly sku: string
  priceMinor: number
  isPublished: boolean
  /** Pieces, by warehouse. */
  readonly onHand: Map<string, number>
}

/** What the shop sells, as staff have imported it. */
export class Shelf {
  /** A few pieces of little: everybody wants the same. */
  readonly products: readonly Product[] = [
    { id: '', sku: 'tent', priceMinor: 44_900, isPublished: true, onHand: new Map([['main', 3]]) },
    {
      ...{ id: '', sku: 'lamp', priceMinor: 5_990, isPublished: true },
      onHand: new Map([
        ['main', 4],
        ['north', 3],
      ]),
    },
    { id: '', sku: 'stove', priceMinor: 15_050, isPublished: true, onHand: new Map([['north', 12]]) },
    { id: '', sku: 'peg', priceMinor: 1, isPublished: true, onHand: new Map([['main', 40]]) },
  ]

  async fill(db: Database): Promise<void> {
    for (const product of this.products) await this.bring(db, product)
    const rows = await rowsOf<{ sku: string; id: string }>(db, 'select sku, id from products')
    for (const product of this.products) product.id = rows.find(({ sku }) => sku === product.sku)?.id ?? ''
  }

  /**
   * Imports the product as it is wanted; it stays as it was if that is refused.
   *
   * @throws ImportFailed
   */
  async bring(db: Database, wanted: Product): Promise<void> {
    const { sku, priceMinor, isPublished, onHand } = wanted
    const rows = [...onHand].map(([warehouse, pieces]) =>
      [sku, sku, '', toDecimal(priceMinor), 'things', isPublished ? 'regular' : 'draft', warehouse, pieces].join(','),
    )
    const csv = ['sku,name,description,price,product_type,status,warehouse,quantity', ...rows].join('\n')
    await importProducts(db, Readable.from([Buffer.from(csv)]), { currency: 'PLN' })
    Object.assign(this.get(sku), { ...wanted, id: this.get(sku).id })
  }

  get(skuOrId: string): Product {
    const found = this.products.find(({ sku, id }) => sku === skuOrId || id === skuOrId)
    if (!found) throw new RangeError(`there is no ${skuOrId}`)
    return found
  }
}

/** Pieces that can be bought now, added up from the rows by a way of our own. */
export async function piecesToBuy(db: Database, product: Product): Promise<number> {
  if (!product.isPublished) return 0
  const [row] = await rowsOf<{ pieces: number }>(
    db,
    `select (select coalesce(sum(on_hand), 0) from stock where product_id = $1)
            - (select coalesce(sum(quantity), 0) from reservations
                where product_id = $1 and (expires_at is null or expires_at > now())) as pieces`,
    [product.id],
  )
  return row?.pieces ?? 0
}
