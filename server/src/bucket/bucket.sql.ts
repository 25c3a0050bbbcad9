import type { Presented } from '../identity/index.ts'
import type { BucketLineId, CustomerId, ProductId } from '../kernel/ids.ts'
import { statementOne, statementTogether } from '../store/statement.ts'
import { writeTogether } from '../store/together.ts'
import { type AddLineFacts, type BucketLine, type ChangeLineFacts, LINES_MAX, QUANTITY_MAX } from './bucket.ts'

/**
 * Adds the line if it may stand, and tells what it found. No row: no live session. Of two who want the same line
 * at once, one adds it.
 *
 * The bounds of `decideLine` are repeated here because the line must not be there when the rule refuses it. Lines that are added
 * together do not see each other: those before a line are counted with those that were there. The caller's lines are looked at by
 * an aggregate, which is asked for each wish: an `exists` may be planned to read everybody's.
 */
export const tryAddLine = statementTogether<[Presented, ProductId, number, BucketLineId], AddLineFacts>(
  'bucket.try-add-line',
  `with found as (
     select asked.place, asked.id, asked.quantity, s.customer_id, p.id as product_id, p.price_minor, a.pieces,
            mine.already_in, mine.lines as lines_before,
            not mine.already_in and a.pieces >= asked.quantity and asked.quantity <= ${QUANTITY_MAX} as fits
       from wait_briefly(cardinality($1::bytea[])),
            unnest($1::bytea[], $2::uuid[], $3::integer[], $4::uuid[]) with ordinality
              asked (token_hash, product_id, quantity, id, place)
      cross join lateral live_session(asked.token_hash) s
      cross join lateral (
        select count(*) as lines, coalesce(bool_or(b.product_id = asked.product_id), false) as already_in
          from bucket_lines b where b.customer_id = s.customer_id
      ) mine
       left join lateral (select * from products where id = asked.product_id and is_published limit 1) p on true
       left join lateral available_stock(p.id) a on p.id is not null
   ), facts as (
     select *, lines_before + count(*) filter (where fits)
                 over (partition by customer_id order by place rows between unbounded preceding and 1 preceding) as lines
       from found
   ), added as (
     insert into bucket_lines (id, customer_id, product_id, quantity)
     select id, customer_id, product_id, quantity from facts
      where fits and lines < ${LINES_MAX}
      order by customer_id, product_id
     on conflict do nothing returning id
   )
   select place, customer_id as "customerId", already_in as "alreadyIn", lines, pieces as available,
          price_minor as "unitPriceMinor", exists (select from added where added.id = facts.id) as added
     from facts`,
  writeTogether,
)

/** No row: no live session. A row without an id: an empty bucket. */
export const listLines = statementTogether<[Presented], BucketLine | { id: null }>(
  'bucket.list-lines',
  `select asked.place, b.id, b.product_id as "productId", b.quantity, p.price_minor as "unitPriceMinor"
     from unnest($1::bytea[]) with ordinality asked (token_hash, place)
    cross join lateral live_session(asked.token_hash) s
     left join lateral (select * from bucket_lines where customer_id = s.customer_id offset 0) b on true
     left join lateral (select * from products where id = b.product_id limit 1) p on true
    order by asked.place, b.id`,
)

/** Changes the line if there is enough, and tells what it found. No row: no live session. */
export const tryChangeLine = statementOne<[Presented, BucketLineId, number, number], ChangeLineFacts>(
  'bucket.try-change-line',
  `with facts as (
     select b.id, b.product_id, case when p.is_published then a.pieces else 0 end as pieces
       from live_session($1) s
       left join bucket_lines b on b.id = $2 and b.customer_id = s.customer_id
       left join products p on p.id = b.product_id
       left join lateral available_stock(p.id) a on p.id is not null
   ), changed as (
     update bucket_lines b set quantity = $3 from facts
      where b.id = facts.id and facts.pieces >= $3::integer and $3 <= $4::integer returning 1
   )
   select product_id as "productId", pieces as available, exists (select from changed) as changed from facts`,
)

/** No row: no live session. */
export const deleteLine = statementOne<[Presented, BucketLineId], { deleted: boolean }>(
  'bucket.delete-line',
  `with caller as (select customer_id from live_session($1)), gone as (
     delete from bucket_lines b using caller c where b.id = $2 and b.customer_id = c.customer_id returning 1
   )
   select exists (select from gone) as deleted from caller`,
)

/** No row: no live session. */
export const deleteLines = statementOne<[Presented], { customerId: CustomerId }>(
  'bucket.delete-lines',
  `with caller as (select customer_id from live_session($1)), gone as (
     delete from bucket_lines b using caller c where b.customer_id = c.customer_id
   )
   select customer_id as "customerId" from caller`,
)
