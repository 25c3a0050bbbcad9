import { FIRST_ID, type ProductId } from '../kernel/ids.ts'
import { type LinkedPage, pageOf, rowsOf } from '../kernel/page.ts'
import type { Db } from '../store/database.ts'
import { readTogether } from '../store/together.ts'
import * as sql from './catalogue.sql.ts'
import type { Product, ProductWish } from './product.ts'
import type { RememberedPages } from './remembered-pages.ts'

/**
 * A page of the published products, in the order they were added, mostly in one round trip. A page behind the last one is
 * empty. All products and those of a type are counted as they are written; what a search finds is counted up to 10,000.
 */
export async function listProducts(db: Db, pages: RememberedPages, wish: ProductWish): Promise<LinkedPage<Product>> {
  const rows = await findRows(db, pages, wish)
  return pageOf(rows, rows[0]?.count ?? (await countBefore(db, pages, wish)), wish)
}

/** The count comes with the products: where a page has none, the first page's first one brings it. */
async function countBefore(db: Db, pages: RememberedPages, { page, after, ...wish }: ProductWish): Promise<number> {
  if (page === 1 && after === undefined) return 0
  const [first] = await findRows(db, pages, { ...wish, page: 1, pageSize: 1 })
  return first?.count ?? 0
}

type Counted = Product & { readonly count: number }

async function findRows(db: Db, pages: RememberedPages, wish: ProductWish): Promise<readonly Counted[]> {
  const { name, productType, after = FIRST_ID } = wish
  const { limit, offset } = rowsOf(wish)
  const rows = [limit, offset, after] as const
  if (name && INDEXED.test(name)) return sql.searchPublished(db, ...rows, likePart(name), productType ?? null)
  if (name) return sql.scanPublished(db, ...rows, name, productType ?? null)
  if (productType !== undefined) return sql.listPublishedOfType(db, ...rows, productType)
  return offset > 0 ? sql.listPublished(db, ...rows) : findNext(db, { pages, limit, after })
}

/** A page that goes on from a product, as most do, the first one too. */
interface NextWish {
  /** The same for all who ask one database. */
  readonly pages: RememberedPages
  readonly limit: number
  readonly after: ProductId
}

const keyOf = ({ limit, after }: NextWish) => `${limit} ${after}`

/** Those who want the same page in the same moment share one look at it. */
const findNext = readTogether<NextWish, readonly Counted[]>(async (db, wishes) => {
  const looks = new Map<string, Promise<readonly Counted[]>>()
  return wishes.map((wish) => {
    const look = looks.get(keyOf(wish)) ?? lookAtNext(db, wish)
    looks.set(keyOf(wish), look)
    return look
  })
})

/** Of a page that is remembered, and has not changed meanwhile, only the stock is read. */
async function lookAtNext(db: Db, wish: NextWish): Promise<readonly Counted[]> {
  const { pages, limit, after } = wish
  const remembered = pages.find(keyOf(wish))
  if (remembered) {
    const now = await sql.findStockOfNext(db, limit, after)
    if (now?.version === remembered.version) {
      const { available, count } = now
      return remembered.products.map((product, place) => ({ ...product, available: available[place] ?? 0, count }))
    }
  }
  const read = await sql.listNextPublished(db, limit, after)
  const products = read.map(({ version: _, ...product }) => product)
  if (read[0]) pages.keep(keyOf(wish), { version: read[0].version, products })
  return products
}

/** The index of parts of names holds three letters or digits each. */
const INDEXED = /[\p{L}\p{N}]{3}/u

function likePart(name: string): string {
  return `%${name.replace(/[\\%_]/g, '\\$&')}%`
}
