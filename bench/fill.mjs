// A shop that has been open for years: customers with a session each, products in stock, orders paid, canceled and open.
// The database writes it by itself, a batch a statement. What the triggers of goods, money and events would do row by row
// for each order is written by the batch instead; then all the books are read, which find what is wrong with it.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { ROOT } from '../scripts/setup/root.mjs'

const BATCH = 250_000
const BREACHES = readFileSync(path.join(ROOT, 'test/support/breaches.sql'), 'utf8')
/** Their triggers rest meanwhile; foreign keys, checks and unique indexes do not. */
const BOOKS = ['orders', 'order_lines', 'payment_attempts', 'payment_events', 'reservations', 'stock']

/**
 * @param {string} url of a migrated database, of its owner
 * @param {{ customers: number, products: number, orders: number }} size
 * @param {(line: string) => void} say
 */
export async function fill(url, size, say) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const begun = performance.now()
  const tell = (line) => say(`${String(Math.round((performance.now() - begun) / 1_000)).padStart(5)} s  ${line}`)
  try {
    await client.query(HELPERS)
    await inBatches('products', size.products, PRODUCTS)
    await inBatches('customers', size.customers, CUSTOMERS)
    for (const table of BOOKS) await client.query(`alter table ${table} disable trigger user`)
    await inBatches('orders', size.orders, ORDERS, [size.customers, size.products])
    await client.query(RESERVED)
    for (const table of BOOKS) await client.query(`alter table ${table} enable trigger user`)
    tell('vacuum')
    await client.query('vacuum analyze')
    tell('reading the books')
    const { rows } = await client.query(`select * from (${BREACHES}) b limit 10`)
    if (rows.length > 0) throw new Error(`the books do not agree:\n${rows.map(({ breach }) => breach).join('\n')}`)
    tell('the books agree')
  } finally {
    await client.end()
  }

  async function inBatches(what, count, text, values = []) {
    for (let from = 1; from <= count; from += BATCH) {
      const to = Math.min(from + BATCH - 1, count)
      await client.query(text, [from, to, ...values])
      tell(`${to.toLocaleString('en')} of ${count.toLocaleString('en')} ${what}`)
    }
  }
}

/** Ids as the program makes them, UUID v7: in the order of their making. */
const HELPERS = `
  create function pg_temp.id(n bigint, made timestamptz) returns uuid language sql immutable as $$
    select (lpad(to_hex((extract(epoch from made) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(n & 4095), 3, '0')
            || '8' || lpad(to_hex(n), 15, '0'))::uuid
  $$;
  create function pg_temp.opened() returns timestamptz language sql immutable as $$ select timestamptz '2023-01-01 00:00Z' $$;
  create function pg_temp.product(n bigint) returns uuid language sql immutable as $$
    select pg_temp.id(n, pg_temp.opened() + n * interval '1 second')
  $$;
  create function pg_temp.customer(n bigint) returns uuid language sql immutable as $$
    select pg_temp.id(n, pg_temp.opened() + n * interval '10 seconds')
  $$;
  insert into warehouses (id, name) values ('01855f5b-9000-7000-8000-000000000001', 'main') on conflict do nothing`

const PRODUCTS = `
  with added as (
    insert into products (id, sku, name, description, price_minor, currency, product_type, status)
    select pg_temp.product(n), 'G' || n,
           (array['Tent', 'Stove', 'Lamp', 'Backpack', 'Rope', 'Kettle', 'Chair', 'Bottle'])[1 + n % 8] || ' '
             || (array['light', 'green', 'double', 'alpine', 'folding', 'small', 'steel'])[1 + n % 7] || ' ' || md5(n::text),
           'Described in a line as ordinary as itself, number ' || n, 1000 + n % 9000, 'PLN', 'type ' || n % 50,
           case when n % 20 = 0 then 'draft' else 'regular' end
      from generate_series($1::bigint, $2::bigint) n returning id)
  insert into stock (product_id, warehouse_id, on_hand)
    select id, (select id from warehouses where name = 'main'), 10000000 from added`

const CUSTOMERS = `
  with added as (
    insert into customers (id, username, username_key, email, email_key, password_hash, first_name)
    select pg_temp.customer(n), 'grown' || n, 'grown' || n, 'grown' || n || '@example.com', 'grown' || n || '@example.com',
           'argon2$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'Grown'
      from generate_series($1::bigint, $2::bigint) n returning id)
  insert into sessions (id, token_hash, kind, customer_id, live_until, expires_at)
    select id, sha256(id::text::bytea), 'cookie', id, now() + interval '14 days', now() + interval '90 days' from added`

/** Of twenty orders one is canceled and one is open; for the others the money has come. All of it was told long ago. */
const ORDERS = `
  with new as materialized (
    select n, pg_temp.id(n, made) as id, made, pg_temp.customer(1 + n * 7919 % $3::bigint) as customer,
           pg_temp.product(1 + n * 104729 % $4::bigint) as product, 'TP' || n as title,
           case n % 20 when 0 then 'canceled' when 1 then 'new' else 'paid' end as status
      from generate_series($1::bigint, $2::bigint) n
      cross join lateral (select pg_temp.opened() + n * interval '15 seconds' as made) m
  ), ordered as (
    insert into orders (id, customer_id, status, payment_method, sum_minor, currency, created_at, paid_at, canceled_at)
    select id, customer, status, 'transfer', 5000, 'PLN', made,
           case when status = 'paid' then made end, case when status = 'canceled' then made end from new
  ), line as (
    insert into order_lines (id, order_id, product_id, name, unit_price_minor, quantity)
    select id, id, product, 'as it was called then', 5000, 1 from new
  ), paid as (
    insert into payment_attempts (id, order_id, method, gateway, status, amount_minor, captured_minor, currency,
                                  transfer_title, created_at, updated_at)
    select id, id, 'transfer', 'transfer', 'paid', 5000, 5000, 'PLN', title, made, made from new where status = 'paid'
  ), heard as (
    insert into payment_events (gateway, attempt_id, event, told, outcome, received_at)
    select 'transfer', id, 'received', '{"told": "paid", "amountMinor": 5000, "currency": "PLN"}', 'order-paid', made
      from new where status = 'paid'
  ), happened as (
    insert into order_events (order_id, position, kind, order_status, payment_method, paid_at, about, created_at)
    select id, e.position, e.kind, e.status, 'transfer', case when e.status = 'paid' then made end,
           case when e.kind like 'payment.%' then jsonb_build_object(
             'payment_id', id, 'method', 'transfer', 'status', substr(e.kind, 9), 'amount_minor', 5000,
             'captured_minor', case e.kind when 'payment.paid' then 5000 else 0 end, 'currency', 'PLN', 'transfer_title', title)
           end, made
      from new join (values
        ('new', 1, 'order.placed', 'new'), ('canceled', 1, 'order.placed', 'new'), ('canceled', 2, 'order.canceled', 'canceled'),
        ('paid', 1, 'order.placed', 'new'), ('paid', 2, 'order.to_pay', 'to_pay'), ('paid', 3, 'payment.pending', 'to_pay'),
        ('paid', 4, 'payment.paid', 'to_pay'), ('paid', 5, 'order.paid', 'paid')
      ) as e (of_order, position, kind, status) on e.of_order = new.status
  )
  insert into reservations (order_id, product_id, warehouse_id, quantity, expires_at)
    select id, product, (select id from warehouses where name = 'main'), 1,
           case when status = 'new' then now() + interval '7 days' end
      from new where status <> 'canceled'`

const RESERVED = `
  update stock s set reserved = r.pieces
    from (select product_id, warehouse_id, sum(quantity) as pieces from reservations group by 1, 2) r
   where s.product_id = r.product_id and s.warehouse_id = r.warehouse_id`
