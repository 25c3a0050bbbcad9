import type { ProductId } from '../kernel/ids.ts'
import { statement, statementOne } from '../store/statement.ts'
import type { Product } from './product.ts'

const COLUMNS = `p.id, p.name, p.description, p.price_minor as "priceMinor", p.currency, p.product_type as "productType",
  p.status, a.pieces as available`

type Counted = Product & { count: number }

// The count is asked once, not for every row; it is read from the index alone.
export const listPublished = statement<[limit: number, offset: number], Counted>(
  'catalogue.list-published',
  `select ${COLUMNS}, (select count(*) from products where is_published) as count
     from (select * from products where is_published order by id limit $1 offset $2) p
     cross join lateral available_stock(p.id) a order by p.id`,
)

export const searchPublished = statement<[name: string, type: string | null, limit: number, offset: number], Counted>(
  'catalogue.search-published',
  `with found as (
     select * from products
      where is_published and position(lower($1) in lower(name)) > 0 and ($2::text is null or product_type = $2)
   )
   select ${COLUMNS}, (select count(*) from found) as count
     from (select * from found order by id limit $3 offset $4) p
     cross join lateral available_stock(p.id) a order by p.id`,
)

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
