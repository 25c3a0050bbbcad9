-- safe

create table orders (
  id uuid primary key,
  customer_id uuid not null references customers,
  status text not null default 'new'
    check (status in ('new', 'to_pay', 'paid', 'sent', 'delivered', 'canceled', 'returned', 'error')),
  payment_method text check (payment_method in ('card', 'transfer', 'payu')),
  delivery jsonb,
  sum_minor bigint not null check (sum_minor between 1 and 9007199254740991),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  created_at timestamptz not null default now(),
  paid_at timestamptz,
  canceled_at timestamptz,
  check (status not in ('paid', 'sent', 'delivered', 'returned') or paid_at is not null),
  check ((status = 'canceled') = (canceled_at is not null))
);
create index orders_of_customer on orders (customer_id, id desc);

-- What was bought, at the name and price of that moment. Never changed.
create table order_lines (
  id uuid primary key,
  order_id uuid not null references orders,
  product_id uuid not null references products,
  name text not null,
  unit_price_minor bigint not null check (unit_price_minor >= 0),
  quantity integer not null check (quantity > 0),
  unique (order_id, product_id)
);

alter table reservations add foreign key (order_id, product_id) references order_lines (order_id, product_id);

create index reservations_lapsing on reservations (expires_at) where expires_at is not null;

-- Everybody who changes orders and stock takes locks in this order: bucket lines by product, orders by id, stock rows by
-- product and warehouse.

-- Cancels the unpaid orders whose deadline has passed and gives their stock back. `wanted` are products whose stock
-- rows the caller is about to lock itself: they are locked here with the rest, so that all locks are taken by id.
create function cancel_lapsed_orders(lapsed uuid[], wanted uuid[]) returns uuid[] language plpgsql as $$
declare
  locked uuid[];
begin
  select array_agg(o.id) into locked
    from (select id from orders where id = any (lapsed) and status in ('new', 'to_pay') order by id for update) o;

  perform from stock s
    where s.product_id = any (wanted || array(select r.product_id from reservations r where r.order_id = any (locked)))
    order by s.product_id, s.warehouse_id
    for no key update;

  -- While we waited for the locks somebody may have paid, or moved the deadline.
  with freed as (
    delete from reservations r where r.order_id = any (locked) and r.expires_at <= now() returning r.order_id
  ), canceled as (
    update orders o set status = 'canceled', canceled_at = now()
     where o.id in (select f.order_id from freed f) returning o.id
  )
  select array_agg(c.id) into locked from canceled c;
  return coalesce(locked, '{}');
end $$;

-- Turns the caller's bucket into an order with its stock reserved, all or nothing, and tells what it found.
--   outcome: placed | not-signed-in | empty | short | mixed-currencies | sum-differs
--   short: [{"product_id", "asked", "available"}] of the lines that cannot be filled
-- Every statement here has a snapshot of its own, so the bucket and the products are read once, after the locks, and
-- from then on only what was read counts: a line that another tab adds meanwhile stays in the bucket, a price that
-- changes meanwhile is the next order's.
create function place_order(
  presented bytea, new_order uuid, method text, deliver_to jsonb, expected_sum_minor bigint, hold interval,
  out outcome text, out customer uuid, out total_minor bigint, out total_currency text, out placed_at timestamptz, out short jsonb
) language plpgsql as $$
declare
  locked uuid[];
  wanted uuid[];
  lapsed uuid[];
  currencies bigint;
  names text[];
  prices bigint[];
  quantities integer[];
begin
  select s.customer_id into customer from live_session(presented) s;
  if customer is null then outcome := 'not-signed-in'; return; end if;

  -- A second tab of the same customer waits here, and then finds the bucket empty.
  select array_agg(b.id), array_agg(b.product_id) into locked, wanted
    from (select id, product_id from bucket_lines where customer_id = customer order by product_id for update) b;
  if locked is null then outcome := 'empty'; return; end if;

  select array_agg(distinct r.order_id) into lapsed
    from reservations r where r.product_id = any (wanted) and r.expires_at <= now();
  if lapsed is null then
    perform from stock s where s.product_id = any (wanted) order by s.product_id, s.warehouse_id for no key update;
  else
    perform cancel_lapsed_orders(lapsed, wanted);
  end if;

  select array_agg(b.id), array_agg(p.id), array_agg(p.name), array_agg(p.price_minor), array_agg(b.quantity),
         sum(p.price_minor * b.quantity), count(distinct p.currency), min(p.currency),
         jsonb_agg(jsonb_build_object('product_id', p.id, 'asked', b.quantity, 'available', f.pieces))
           filter (where f.pieces < b.quantity)
    into locked, wanted, names, prices, quantities, total_minor, currencies, total_currency, short
    from bucket_lines b
    join products p on p.id = b.product_id
    cross join lateral (
      select case when p.is_published then coalesce(sum(s.on_hand - s.reserved), 0) else 0 end as pieces
        from stock s where s.product_id = p.id
    ) f
   where b.id = any (locked);
  if short is not null then outcome := 'short'; return; end if;
  if currencies > 1 then outcome := 'mixed-currencies'; return; end if;
  if total_minor <> expected_sum_minor then outcome := 'sum-differs'; return; end if;

  insert into orders (id, customer_id, payment_method, delivery, sum_minor, currency)
    values (new_order, customer, method, deliver_to, total_minor, total_currency)
    returning created_at into placed_at;

  insert into order_lines (id, order_id, product_id, name, unit_price_minor, quantity)
    select l.id, new_order, l.product_id, l.name, l.price_minor, l.quantity
      from unnest(locked, wanted, names, prices, quantities) as l (id, product_id, name, price_minor, quantity);
  delete from bucket_lines b where b.id = any (locked);

  -- From one warehouse where one can fill the line, else from the fullest first.
  insert into reservations (order_id, product_id, warehouse_id, quantity, expires_at)
    select new_order, product_id, warehouse_id, least(free, wants - filled_before), now() + hold
      from (
        select l.product_id, s.warehouse_id, l.quantity as wants, s.on_hand - s.reserved as free,
               coalesce(sum(s.on_hand - s.reserved) over (
                 partition by l.product_id order by s.on_hand - s.reserved desc, s.warehouse_id
                 rows between unbounded preceding and 1 preceding), 0) as filled_before
          from unnest(wanted, quantities) as l (product_id, quantity) join stock s on s.product_id = l.product_id
         where s.on_hand > s.reserved
      ) w
     where filled_before < wants
     order by product_id, warehouse_id;
  outcome := 'placed';
end $$;
