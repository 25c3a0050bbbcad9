import type { BadRow } from '../../kernel/import-file/index.ts'
import type { Db } from '../../store/database.ts'
import type { ImportRow } from './row.ts'

/** A row on its way into the staging table. A bad one is there only so that the rows of its sku are not blamed for it. */
export interface StagedRow extends ImportRow {
  readonly line: number
  readonly isBad: boolean
  /** The product's id, should it be new. */
  readonly newId: string
}

/** The staging table lives as long as the connection: drop it. No transaction is open while the file is read. */
export async function createStaging(client: Db): Promise<void> {
  await dropStaging(client)
  await client.query({
    text: `create temporary table import_rows (
      line integer not null, is_bad boolean not null, new_id uuid not null, sku text not null,
      name text, description text, price_minor bigint, product_type text, status text, picture text,
      warehouse text, quantity integer)`,
  })
}

export async function dropStaging(client: Db): Promise<void> {
  await client.query({ text: 'drop table if exists import_rows' })
}

export async function stageRows(client: Db, rows: readonly StagedRow[]): Promise<void> {
  await client.query({
    text: `insert into import_rows
      select * from unnest($1::integer[], $2::boolean[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                           $8::text[], $9::text[], $10::text[], $11::text[], $12::integer[])`,
    values: [
      rows.map((row) => row.line),
      rows.map((row) => row.isBad),
      rows.map((row) => row.newId),
      rows.map((row) => row.sku),
      rows.map((row) => row.name),
      rows.map((row) => row.description),
      rows.map((row) => row.priceMinor),
      rows.map((row) => row.productType),
      rows.map((row) => row.status),
      rows.map((row) => row.picture),
      rows.map((row) => row.warehouse),
      rows.map((row) => row.quantity),
    ],
  })
}

/** "TRAD" in ASCII, as all our two-part advisory locks; see store/embedded/presence.ts. */
const IMPORTING = '1414676804, 3'

/**
 * To be called first in the transaction that merges: one import after the other, and time enough for a big one.
 *
 * @returns how many products the file speaks of
 */
export async function beginMerge(client: Db): Promise<number> {
  await client.query({ text: `set local statement_timeout = '15min'` })
  await client.query({ text: `set local lock_timeout = '15min'` })
  await client.query({ text: `select pg_advisory_xact_lock(${IMPORTING})` })
  await client.query({ text: 'analyze import_rows' })
  // The first row of each sku describes the product.
  const { rowCount } = await client.query({
    text: `create temporary table import_products on commit drop as
      select distinct on (sku) * from import_rows order by sku, line`,
  })
  await client.query({ text: 'analyze import_products' })
  return rowCount ?? 0
}

/** Runs one of the {@link CHECKS}. At most `limit` of its findings are handed over; `total` counts them all. */
export async function findBadRows(client: Db, check: string, limit: number): Promise<(BadRow & { total: number })[]> {
  const text = `select line, "column", problem, (count(*) over ())::integer as total from (${check}) f order by line limit $1`
  return (await client.query<BadRow & { total: number }>({ text, values: [limit] })).rows
}

const LACKING_ON_FIRST_ROW = `
  select f.line, c."column", 'is missing: the first row of a sku describes the product' as problem
    from import_products f
    cross join lateral (values
        ('name', f.name is null), ('price', f.price_minor is null), ('product_type', f.product_type is null)
      ) as c ("column", is_lacking)
   where not f.is_bad and c.is_lacking`

const DIFFERING_FROM_FIRST_ROW = `
  select r.line, c."column",
         format('differs from line %s, the first of this sku: leave it empty or write the same', f.line) as problem
    from import_rows r
    join import_products f on f.sku = r.sku and f.line <> r.line
    cross join lateral (values
        ('name', r.name, f.name), ('description', r.description, f.description),
        ('price', r.price_minor::text, f.price_minor::text), ('product_type', r.product_type, f.product_type),
        ('status', r.status, f.status), ('picture', r.picture, f.picture)
      ) as c ("column", here, there)
   where not r.is_bad and not f.is_bad and c.here is distinct from c.there and c.here is not null`

const SAME_SKU_AND_WAREHOUSE = `
  select line, 'sku' as "column",
         format(case when warehouse is null then 'line %s has this sku already: write another warehouse and its quantity'
                     else 'line %s has this sku in this warehouse already' end, first_line) as problem
    from (select line, warehouse, first_value(line) over (partition by sku, warehouse order by line) as first_line
            from import_rows where not is_bad) r
   where line <> first_line`

/** In {@link CHECKS} as far as anybody can see without a lock; to be asked again once the rows are locked. */
export const FEWER_THAN_RESERVED = `
  select r.line, 'quantity' as "column",
         format(case when s.reserved = 1 then '%s piece is reserved for orders, %s is too few'
                     else '%s pieces are reserved for orders, %s are too few' end, s.reserved, r.quantity) as problem
    from import_rows r
    join products p on p.sku = r.sku
    join warehouses w on w.name = r.warehouse
    join stock s on s.product_id = p.id and s.warehouse_id = w.id
   where r.quantity < s.reserved`

/** What no row shows by itself. */
export const CHECKS = [LACKING_ON_FIRST_ROW, DIFFERING_FROM_FIRST_ROW, SAME_SKU_AND_WAREHOUSE, FEWER_THAN_RESERVED]

export async function listWarehouseNames(client: Db): Promise<string[]> {
  return (await client.query<{ name: string }>({ text: 'select name from warehouses' })).rows.map((row) => row.name)
}

/** The warehouses of the file, each with the line where it is met first. */
export async function listWantedWarehouses(client: Db): Promise<{ name: string; line: number }[]> {
  const text = `select warehouse as name, min(line) as line from import_rows
    where warehouse is not null group by warehouse order by line`
  return (await client.query<{ name: string; line: number }>({ text })).rows
}

/** How many were added. */
export async function insertProducts(client: Db, currency: string): Promise<number> {
  const { rowCount } = await client.query({
    text: `insert into products (id, sku, name, description, price_minor, currency, product_type, status, picture)
      select f.new_id, f.sku, f.name, coalesce(f.description, ''), f.price_minor, $1, f.product_type,
             coalesce(f.status, 'regular'), coalesce(f.picture, '')
        from import_products f
       where not exists (select from products p where p.sku = f.sku)
       order by f.new_id
      on conflict (sku) do nothing`,
    values: [currency],
  })
  return rowCount ?? 0
}

/** How many differed from the file. */
export async function updateProducts(client: Db, currency: string): Promise<number> {
  const { rowCount } = await client.query({
    text: `update products p
         set name = f.name, description = coalesce(f.description, ''), price_minor = f.price_minor, currency = $1,
             product_type = f.product_type, status = coalesce(f.status, p.status), picture = coalesce(f.picture, p.picture),
             updated_at = now()
        from import_products f
       where f.sku = p.sku
         and (p.name, p.description, p.price_minor, p.currency, p.product_type, p.status, p.picture)
             is distinct from
             (f.name, coalesce(f.description, ''), f.price_minor, $1, f.product_type,
              coalesce(f.status, p.status), coalesce(f.picture, p.picture))`,
    values: [currency],
  })
  return rowCount ?? 0
}

export async function insertWarehouses(client: Db, ids: readonly string[], names: readonly string[]): Promise<void> {
  await client.query({
    text: 'insert into warehouses (id, name) select * from unnest($1::uuid[], $2::text[]) on conflict (name) do nothing',
    values: [ids, names],
  })
}

/** Finds the ids, once products and warehouses are there; tells how many rows of stock the file speaks of. */
export async function resolveStock(client: Db): Promise<number> {
  const { rowCount } = await client.query({
    text: `create temporary table import_stock on commit drop as
      select p.id as product_id, w.id as warehouse_id, r.quantity, r.line
        from import_rows r
        join products p on p.sku = r.sku
        join warehouses w on w.name = r.warehouse`,
  })
  await client.query({ text: 'analyze import_stock' })
  return rowCount ?? 0
}

/** Adds the rows that the stock lacks. */
export async function insertStock(client: Db): Promise<void> {
  await client.query({
    text: `insert into stock (product_id, warehouse_id, on_hand)
      select i.product_id, i.warehouse_id, i.quantity from import_stock i
       where not exists (select from stock s where s.product_id = i.product_id and s.warehouse_id = i.warehouse_id)
       order by i.product_id, i.warehouse_id
      on conflict (product_id, warehouse_id) do update set on_hand = excluded.on_hand`,
  })
}

/**
 * Sets the rows that differ, locked in everybody's order (migrations/0005_orders.sql). Leaves out those with more
 * reserved than there would be. Rows that do not differ are not locked: whoever changes them now comes after the import.
 */
export async function updateStock(client: Db): Promise<{ differing: number; changed: number }> {
  // By a statement of its own: one that sets them, too, holds the new quantity against what was reserved when it began,
  // before it looks what is now, and the table's check ends it.
  const locked = await client.query({
    text: `create temporary table import_differing on commit drop as
      select s.product_id, s.warehouse_id, i.quantity
        from stock s join import_stock i on i.product_id = s.product_id and i.warehouse_id = s.warehouse_id
       where s.on_hand <> i.quantity
       order by s.product_id, s.warehouse_id
         for no key update of s`,
  })
  await client.query({ text: 'analyze import_differing' })
  const set = await client.query({
    text: `update stock s set on_hand = d.quantity from import_differing d
            where s.product_id = d.product_id and s.warehouse_id = d.warehouse_id and d.quantity >= s.reserved`,
  })
  return { differing: locked.rowCount ?? 0, changed: set.rowCount ?? 0 }
}

/** Fresh statistics: plans made for a small shop are wrong for a big one. */
export async function analyzeStock(client: Db): Promise<void> {
  await client.query({ text: 'analyze products, warehouses, stock' })
}
