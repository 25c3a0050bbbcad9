-- safe

create table warehouses (
  id uuid primary key,
  name text not null unique check (char_length(name) between 1 and 100),
  created_at timestamptz not null default now()
);

-- Updated at every order: room on the page keeps the updates out of the index.
create table stock (
  product_id uuid not null references products,
  warehouse_id uuid not null references warehouses,
  on_hand integer not null check (on_hand between 0 and 10000000),
  -- The sum of this row's reservations; only their trigger writes it.
  reserved integer not null default 0,
  primary key (product_id, warehouse_id),
  constraint stock_is_never_sold_twice check (reserved between 0 and on_hand)
) with (fillfactor = 50);

-- Pieces that an order has been promised, from one warehouse. Without a deadline: paid for.
create table reservations (
  order_id uuid not null,
  product_id uuid not null,
  warehouse_id uuid not null,
  quantity integer not null check (quantity > 0),
  expires_at timestamptz,
  primary key (order_id, product_id, warehouse_id),
  foreign key (product_id, warehouse_id) references stock
);
create index reservations_deadline on reservations (product_id, expires_at) include (quantity, order_id) where expires_at is not null;

create function keep_reserved() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    update stock set reserved = reserved - old.quantity
     where product_id = old.product_id and warehouse_id = old.warehouse_id;
  end if;
  if tg_op <> 'DELETE' then
    update stock set reserved = reserved + new.quantity
     where product_id = new.product_id and warehouse_id = new.warehouse_id;
  end if;
  return null;
end $$;

create trigger reservations_keep_reserved
  after insert or delete or update of product_id, warehouse_id, quantity on reservations
  for each row execute function keep_reserved();

-- What can be bought of a product now, over all warehouses: what no reservation holds, and what a reservation past its
-- deadline holds no longer, whether or not a job has tidied it up. PostgreSQL inlines it.
create function available_stock(product uuid) returns table (pieces integer)
language sql stable as $$
  select least(2147483647, coalesce((select sum(s.on_hand - s.reserved) from stock s where s.product_id = product), 0)
        + coalesce((select sum(r.quantity) from reservations r where r.product_id = product and r.expires_at <= now()), 0))::integer
$$;
