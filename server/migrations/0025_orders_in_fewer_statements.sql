-- safe

-- As before, and reservations past their deadline are looked for among a product's only while there are any at all, which
-- is asked once for a whole page of products: mostly a job has tidied them up.
create or replace function available_stock(product uuid) returns table (pieces integer)
language sql stable as $$
  select least(2147483647, coalesce((select sum(s.on_hand - s.reserved) from stock s where s.product_id = product), 0)
        + case when exists (select from reservations where expires_at <= now())
            then coalesce((select sum(r.quantity) from reservations r where r.product_id = product and r.expires_at <= now()), 0)
            else 0 end)::integer
$$;

-- As before, in one statement: beginning one costs more than its rows.
create or replace function note_order_placed() returns trigger language plpgsql as $$
begin
  with noted as (
    insert into order_events (order_id, position, kind, order_status, payment_method, paid_at)
      values (new.id, 1, 'order.placed', new.status, new.payment_method, new.paid_at)
  )
  insert into order_events_waiting (order_id, position) values (new.id, 1);
  return null;
end $$;

-- As before, in three statements that read and one that writes, where there were nine.

-- Turns the caller's bucket into an order with its stock reserved, all or nothing, and tells what it found.
--   unpaid_max: so many orders of the caller may wait for money and hold stock, this one included; null: any number
--   outcome: placed | not-signed-in | empty | too-many-unpaid | short | mixed-currencies | sum-differs
--   short: [{"product_id", "asked", "available"}] of the lines that cannot be filled
-- Every statement here has a snapshot of its own, so the bucket with its products is read once, as it is locked, and from
-- then on only what was read counts: a line that another tab adds meanwhile stays in the bucket, a price that changes
-- meanwhile is the next order's. Stock is read as it is locked, too: who waits for a lock reads what is there afterwards.
create or replace function place_order(
  presented bytea, new_order uuid, method text, deliver_to jsonb, expected_sum_minor bigint, hold interval,
  unpaid_max integer default null,
  out outcome text, out customer uuid, out total_minor bigint, out total_currency text, out placed_at timestamptz, out short jsonb
) language plpgsql as $$
declare
  is_any_lapsed boolean;
  lapsed uuid[];
  -- The bucket's lines, by product.
  lines uuid[];
  wanted uuid[];
  quantities integer[];
  names text[];
  prices bigint[];
  are_published boolean[];
  other_currency text;
  -- What the warehouses have of these products, by product, the fullest first.
  stocked uuid[];
  stocked_at uuid[];
  stocked_pieces integer[];
  next_stock integer := 1;
  available bigint;
  wanting integer;
  taken integer;
  -- What the order gets.
  held uuid[];
  held_at uuid[];
  held_pieces integer[];
begin
  select s.customer_id, exists (select from reservations where expires_at <= now()) into customer, is_any_lapsed
    from live_session(presented) s;
  if customer is null then outcome := 'not-signed-in'; return; end if;

  -- A second tab of the same customer waits here, and then finds the bucket empty.
  select array_agg(b.id), array_agg(b.product_id), array_agg(b.quantity), array_agg(b.name), array_agg(b.price_minor),
         array_agg(b.is_published), sum(b.price_minor * b.quantity), min(b.currency), max(b.currency)
    into lines, wanted, quantities, names, prices, are_published, total_minor, total_currency, other_currency
    from (select b.id, b.product_id, b.quantity, p.name, p.price_minor, p.is_published, p.currency
            from bucket_lines b join products p on p.id = b.product_id
           where b.customer_id = customer order by b.product_id for update of b) b;
  if lines is null then outcome := 'empty'; return; end if;

  -- Without a bound nothing is counted. An order past its deadline waits for nothing any more; that is not asked of
  -- everybody, since it takes longer.
  if unpaid_max is not null then
    if (select count(*) from orders o where o.customer_id = customer and o.status in ('new', 'to_pay')) >= unpaid_max
       and (select count(*) from orders o where o.customer_id = customer and o.status in ('new', 'to_pay')
               and (select r.expires_at from reservations r where r.order_id = o.id limit 1) > now()) >= unpaid_max then
      outcome := 'too-many-unpaid';
      return;
    end if;
  end if;

  if is_any_lapsed then
    select array_agg(distinct r.order_id) into lapsed
      from reservations r where r.product_id = any (wanted) and r.expires_at <= now();
    if lapsed is not null then perform cancel_lapsed_orders(lapsed, wanted); end if;
  end if;

  select array_agg(s.product_id), array_agg(s.warehouse_id), array_agg(s.pieces) into stocked, stocked_at, stocked_pieces
    from (select s.product_id, s.warehouse_id, s.pieces
            from (select s.product_id, s.warehouse_id, s.on_hand - s.reserved as pieces from stock s
                   where s.product_id = any (wanted) order by s.product_id, s.warehouse_id for no key update) s
           order by s.product_id, s.pieces desc, s.warehouse_id) s;

  -- From one warehouse where one can fill the line, else from the fullest first.
  for line in 1 .. cardinality(wanted) loop
    available := 0;
    wanting := quantities[line];
    while stocked[next_stock] = wanted[line] loop
      available := available + stocked_pieces[next_stock];
      taken := least(wanting, stocked_pieces[next_stock]);
      if taken > 0 then
        held := held || wanted[line];
        held_at := held_at || stocked_at[next_stock];
        held_pieces := held_pieces || taken;
        wanting := wanting - taken;
      end if;
      next_stock := next_stock + 1;
    end loop;
    if wanting > 0 or not are_published[line] then
      short := coalesce(short, '[]') || jsonb_build_object('product_id', wanted[line], 'asked', quantities[line],
                                                           'available', case when are_published[line] then available else 0 end);
    end if;
  end loop;
  if short is not null then outcome := 'short'; return; end if;
  if total_currency <> other_currency then outcome := 'mixed-currencies'; return; end if;
  if total_minor <> expected_sum_minor then outcome := 'sum-differs'; return; end if;

  with placed as (
    insert into orders (id, customer_id, payment_method, delivery, sum_minor, currency)
      values (new_order, customer, method, deliver_to, total_minor, total_currency)
  ), bought as (
    insert into order_lines (id, order_id, product_id, name, unit_price_minor, quantity)
      select l.id, new_order, l.product_id, l.name, l.price_minor, l.quantity
        from unnest(lines, wanted, names, prices, quantities) as l (id, product_id, name, price_minor, quantity)
  ), taken_out as (
    delete from bucket_lines b where b.id = any (lines)
  )
  insert into reservations (order_id, product_id, warehouse_id, quantity, expires_at)
    select new_order, h.product_id, h.warehouse_id, h.pieces, now() + hold
      from unnest(held, held_at, held_pieces) as h (product_id, warehouse_id, pieces);
  placed_at := now();
  outcome := 'placed';
end $$;
