import type { ProductId } from '../kernel/ids.ts'
import { statement, statementOne } from '../store/statement.ts'
import type { Product } from './product.ts'

const COLUMNS = `p.id, p.name, p.description, p.price_minor as "priceMinor", p.currency, p.product_type as "productType",
  p.status, a.pieces as available`

type Counted = Product & { count: number }
type Rows = [limit: number, offset: number, after: ProductId]

/** The rows of a page, found by the index alone, and then the products behind them. */
const pageOf = (ids: string, count: string) =>
  `select ${COLUMNS}, (${count}) as count
     from (${ids}) page join products p using (id) cross join lateral available_stock(p.id) a order by p.id`

export const listPublished = statement<Rows, Counted>(
  'catalogue.list-published',
  pageOf(
    `select id from products where is_published and id > $3 order by id limit $1 offset $2`,
    `select published from product_counts where product_type = ''`,
  ),
)

/** Where nothing has to be counted off, as on the page that most look at. */
export const listNextPublished = statement<[limit: number, after: ProductId], Counted & { version: string }>(
  'catalogue.list-next-published',
  `select ${COLUMNS}, counts.published as count, counts.version
     from (select * from products where is_published and id > $2 order by id limit $1) p
    cross join lateral available_stock(p.id) a
     join product_counts counts on counts.product_type = ''
    order by p.id`,
)

/** What may change of the same page, while the version stays, from one moment to the next. */
export const findStockOfNext = statementOne<
  [limit: number, after: ProductId],
  { version: string; count: number; available: number[] }
>(
  'catalogue.find-stock-of-next',
  `select version, published as count,
          array(select a.pieces
                  from (select id from products where is_published and id > $2 order by id limit $1) p
                 cross join lateral available_stock(p.id) a order by p.id) as available
     from product_counts where product_type = ''`,
)

export const listPublishedOfType = statement<[...Rows, type: string], Counted>(
  'catalogue.list-published-of-type',
  pageOf(
    `select id from products where is_published and product_type = $4 and id > $3 order by id limit $1 offset $2`,
    `select published from product_counts where product_type = $4`,
  ),
)

/** Products that a search finds are counted this far, and sorted; more are met soon enough in the catalogue's own order. */
const COUNTED_MAX = 10_000

const search = (name: string, isFound: string) => {
  const matches = `is_published and ${isFound} and ($5::text is null or product_type = $5)`
  const isTooMuch = `(select count(*) from found) > ${COUNTED_MAX}`
  return statement<[...Rows, name: string, type: string | null], Counted>(
    name,
    `with found as materialized (select id from products where ${matches} limit ${COUNTED_MAX + 1})
     ${pageOf(
       `(select id from found where not ${isTooMuch} and id > $3 order by id limit $1 offset $2)
        union all
        (select id from products where ${isTooMuch} and ${matches} and id > $3 order by id limit $1 offset $2)`,
       `select least(count(*), ${COUNTED_MAX}) from found`,
     )}`,
  )
}

/** By the index of parts of names (migrations/0020). `name` is a pattern for `like`. */
export const searchPublished = search('catalogue.search-published', 'lower(name) like lower($4)')

/** For what is too short to be found in that index: looks at the names one by one. */
export const scanPublished = search('catalogue.scan-published', 'position(lower($4) in lower(name)) > 0')

export const findPublished = statementOne<[ProductId], Product>(
  'catalogue.find-published',
  `select ${COLUMNS} from products p cross join lateral available_stock(p.id) a where p.id = $1 and p.is_published`,
)

export const findPicture = statementOne<[ProductId], { picture: string }>(
  'catalogue.find-picture',
  `select picture from products where id = $1 and is_published and picture <> ''`,
)

export const countProducts = statementOne<[], { count: number }>(
  'catalogue.count-products',
  `select count(*) from products`,
)
