import type { ProductId } from '../kernel/ids.ts'
import { Refused } from '../kernel/refused.ts'
import type { Db } from '../store/database.ts'
import { findPicture, findPublished } from './catalogue.sql.ts'
import type { Product } from './product.ts'
import type { CatalogueRefusal } from './refusals.ts'

/** @throws catalogue.product-not-found when it is unknown or unpublished */
export async function getProduct(db: Db, id: ProductId): Promise<Product> {
  const product = await findPublished(db, id)
  if (!product) throw new Refused<CatalogueRefusal>({ code: 'catalogue.product-not-found' })
  return product
}

/**
 * The file name of the product's picture in the pictures directory.
 *
 * @throws catalogue.picture-not-found when the product is unknown, unpublished or has none
 */
export async function getPicture(db: Db, id: ProductId): Promise<string> {
  const found = await findPicture(db, id)
  if (!found) throw new Refused<CatalogueRefusal>({ code: 'catalogue.picture-not-found' })
  return found.picture
}
