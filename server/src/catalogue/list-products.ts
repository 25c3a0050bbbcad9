import { FIRST_ID } from '../kernel/ids.ts'
import { type LinkedPage, pageOf, rowsOf } from '../kernel/page.ts'
import type { Db } from '../store/database.ts'
import * as sql from './catalogue.sql.ts'
import type { Product, ProductWish } from './product.ts'

/**
 * A page of the published products, in the order they were added, in one round trip. A page behind the last one is empty.
 * All products and those of a type are counted as they are written; what a search finds is counted up to 10,000.
 */
export async function listProducts(db: Db, wish: ProductWish): Promise<LinkedPage<Product>> {
  const rows = await findRows(db, wish)
  return pageOf(rows, rows[0]?.count ?? 0, wish)
}

async function findRows(db: Db, wish: ProductWish) {
  const { name, productType } = wish
  const { limit, offset } = rowsOf(wish)
  const rows = [limit, offset, wish.after ?? FIRST_ID] as const
  if (name && INDEXED.test(name)) return sql.searchPublished(db, ...rows, likePart(name), productType ?? null)
  if (name) return sql.scanPublished(db, ...rows, name, productType ?? null)
  if (productType !== undefined) return sql.listPublishedOfType(db, ...rows, productType)
  return offset === 0 ? sql.listNextPublished(db, limit, wish.after ?? FIRST_ID) : sql.listPublished(db, ...rows)
}

/** The index of parts of names holds three letters or digits each. */
const INDEXED = /[\p{L}\p{N}]{3}/u

function likePart(name: string): string {
  return `%${name.replace(/[\\%_]/g, '\\$&')}%`
}
