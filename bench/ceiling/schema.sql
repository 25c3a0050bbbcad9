-- The least tables and functions that still do what a shop does: one statement a request, who is asking resolved in it.
-- No rule beyond stock that is never sold twice: whatever Tradepost costs above this is the price of being a shop.

create table customers (
  id uuid primary key default gen_random_uuid(),
  username text not null unique,
  first_name text not null default '',
  last_name text not null default '',
  email text not null unique,
  phone text not null default '',
  city text not null default ''
);
create table sessions (
  id text primary key,
  customer_id uuid not null references customers,
  expires_at timestamptz not null default now() + interval '14 days'
);
create table products (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  description text not null,
  price numeric(10, 2) not null,
  product_type text not null
);
-- Apart from the products, and nothing refers to it: a foreign key to a row this hot would lock it at every line.
create table stock (
  product_id uuid primary key,
  free integer not null check (free >= 0)
) with (fillfactor = 30);
create table bucket_lines (
  id uuid primary key default gen_random_uuid(),
  customer_id uuid not null references customers,
  product_id uuid not null references products,
  quantity integer not null,
  price numeric(10, 2) not null,
  unique (customer_id, product_id)
);
create table orders (
  id uuid primary key default gen_random_uuid(),
  customer_id uuid not null references customers,
  sum numeric(12, 2) not null,
  created_at timestamptz not null default now()
);
create index on orders (customer_id);
create table order_lines (
  id uuid primary key,
  order_id uuid not null references orders,
  product_id uuid not null references products,
  quantity integer not null,
  price numeric(10, 2) not null
);
create index on order_lines (order_id);

-- Null for nobody's session; no row for what is in the bucket already.
create function add_line(session text, product uuid, pieces integer, out customer uuid, out price numeric)
language plpgsql as $$
begin
  select s.customer_id into customer from sessions s where s.id = session and s.expires_at > now();
  if customer is null then return; end if;
  insert into bucket_lines (customer_id, product_id, quantity, price)
    select customer, p.id, pieces, p.price from products p join stock s on s.product_id = p.id
     where p.id = product and s.free >= pieces
    on conflict do nothing
    returning bucket_lines.price into price;
end $$;

create function place_order(session text, out customer uuid, out new_order uuid, out total numeric, out placed_at timestamptz)
language plpgsql as $$
begin
  select s.customer_id into customer from sessions s where s.id = session and s.expires_at > now();
  if customer is null then return; end if;
  with taken as (
    delete from bucket_lines b where b.customer_id = customer returning b.id, b.product_id, b.quantity, b.price
  ), placed as (
    insert into orders (customer_id, sum) select customer, sum(quantity * price) from taken having count(*) > 0
    returning orders.id, orders.sum, orders.created_at
  ), lines as (
    insert into order_lines select taken.id, placed.id, product_id, quantity, price from taken, placed
  ), reserved as (
    update stock s set free = free - taken.quantity from taken where s.product_id = taken.product_id
  )
  select placed.id, placed.sum, placed.created_at into new_order, total, placed_at from placed;
end $$;
