-- safe

-- For a transaction that several share: none of them waits long for a lock that only one of them needs. Whoever finds it
-- refused for that (55P03) writes each of them alone, with all the patience there is.
create function wait_briefly(sharing integer) returns text language sql as $$
  select set_config('lock_timeout', '100ms', true) where sharing > 1
$$;

-- place_order() for several callers, one after the other, as if each had come alone. An array for each of its arguments.
-- Two who want the same products come by different orders here and elsewhere, so all that place_order() locks is locked
-- first, and as it would do it: buckets, orders past their deadline, stock.
--   place: in the arrays, from 1
create function place_orders(
  presented bytea[], new_orders uuid[], methods text[], deliveries jsonb[], expected_sums_minor bigint[],
  hold_seconds integer[], unpaid_max integer[]
) returns table (
  place integer, outcome text, customer uuid, total_minor bigint, total_currency text, placed_at timestamptz, short jsonb
) language plpgsql as $$
declare
  wanted uuid[];
  lapsed uuid[];
begin
  if cardinality(presented) > 1 then
    perform wait_briefly(cardinality(presented));
    select array_agg(b.product_id) into wanted
      from (select b.product_id from bucket_lines b
             where b.customer_id in (select s.customer_id from unnest(presented) p (token_hash), live_session(p.token_hash) s)
             order by b.customer_id, b.product_id for update) b;
    if exists (select from reservations where expires_at <= now()) then
      select array_agg(distinct r.order_id) into lapsed
        from reservations r where r.product_id = any (wanted) and r.expires_at <= now();
      if lapsed is not null then perform cancel_lapsed_orders(lapsed, wanted); end if;
    end if;
    perform from stock s where s.product_id = any (wanted) order by s.product_id, s.warehouse_id for no key update;
  end if;

  for i in 1 .. cardinality(presented) loop
    place := i;
    select p.outcome, p.customer, p.total_minor, p.total_currency, p.placed_at, p.short
      into outcome, customer, total_minor, total_currency, placed_at, short
      from place_order(presented[i], new_orders[i], methods[i], deliveries[i], expected_sums_minor[i],
                       make_interval(secs => hold_seconds[i]), unpaid_max[i]) p;
    return next;
  end loop;
end $$;
