import type { Page } from '../kernel/page.ts'
import type { Db } from '../store/database.ts'
import { listPublished, searchPublished } from './catalogue.sql.ts'
import type { Product, ProductWish } from './product.ts'

/**
 * A page of the published products, in the order they were added, in one round trip. A page behind the last one is empty
 * and counts 0.
 *
 * @param wish.page from 1
 */
export async function listProducts(db: Db, { name, productType, page, pageSize }: ProductWish): Promise<Page<Product>> {
  const offset = (page - 1) * pageSize
  const items =
    name === undefined && productType === undefined
      ? await listPublished(db, pageSize, offset)
      : await searchPublished(db, name ?? '', productType ?? null, pageSize, offset)
  return { count: items[0]?.count ?? 0, items }
}
