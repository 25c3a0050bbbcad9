-- safe

-- Orders that wait for money: how many a customer has is looked at when one more is placed.
create index orders_unpaid on orders (customer_id) where status in ('new', 'to_pay');

-- As before, and with a bound on how much one customer may leave unpaid. Servers of the version before know none.
drop function place_order(bytea, uuid, text, jsonb, bigint, interval);

-- Turns the caller's bucket into an order with its stock reserved, all or nothing, and tells what it found.
--   unpaid_max: so many orders of the caller may wait for money and hold stock, this one included; null: any number
--   outcome: placed | not-signed-in | empty | too-many-unpaid | short | mixed-currencies | sum-differs
--   short: [{"product_id", "asked", "available"}] of the lines that cannot be filled
-- Every statement here has a snapshot of its own, so the bucket and the products are read once, after the locks, and
-- from then on only what was read counts: a line that another tab adds meanwhile stays in the bucket, a price that
-- changes meanwhile is the next order's.
create function place_order(
  presented bytea, new_order uuid, method text, deliver_to jsonb, expected_sum_minor bigint, hold interval,
  unpaid_max integer default null,
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

  -- Without a bound nothing is counted.
  if unpaid_max is not null and
     (select count(*) from orders o where o.customer_id = customer and o.status in ('new', 'to_pay')) >= unpaid_max then
    -- An order past its deadline waits for nothing any more. Not asked of everybody: it takes longer.
    if (select count(*) from orders o where o.customer_id = customer and o.status in ('new', 'to_pay')
           and (select r.expires_at from reservations r where r.order_id = o.id limit 1) > now()) >= unpaid_max then
      outcome := 'too-many-unpaid';
      return;
    end if;
  end if;

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
