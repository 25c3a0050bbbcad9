-- safe

-- As before, and at most one, which is so because of the index: said, so that a statement which looks several up looks them
-- up one by one. Planned while there were few sessions, it would read all of them for ever.
create or replace function live_session(presented bytea) returns table (session_id uuid, customer_id uuid, seen_at timestamptz)
language sql stable as $$
  select s.id, s.customer_id, s.seen_at from sessions s where s.token_hash = presented and s.live_until > now() limit 1
$$;

-- For a transaction that several share, before it takes its first lock: what only one of them waits for does not hold up
-- the others. When it ends for that (55P03), whoever asked writes each of them alone, and waits as long as ever.
--   sharing: how many share the transaction; one alone waits as long as ever
create function wait_briefly(sharing integer) returns text language sql as $$
  select set_config('lock_timeout', '100ms', true) where sharing > 1
$$;

-- place_order() for several callers, one after the other, as if each had come alone, with an array for each of its
-- arguments. Locked one caller after the other, the same rows would be locked in one sequence here and in another one
-- elsewhere, and the two would wait in a ring. So all that place_order() will lock is locked first, for all callers at
-- once, in the order that everybody keeps to: bucket lines, orders past their deadline, stock rows.
--   hold_seconds: until the reservations end, from now
--   place: the caller's in the arrays, from 1
create function place_orders(
  presented bytea[], new_orders uuid[], methods text[], deliveries jsonb[], expected_sums_minor bigint[],
  hold_seconds integer[], unpaid_max integer[]
) returns table (
  place integer, outcome text, customer uuid, total_minor bigint, total_currency text, placed_at timestamptz, short jsonb
) language plpgsql as $$
declare
  customers uuid[];
  wanted uuid[];
  lapsed uuid[];
begin
  if cardinality(presented) > 1 then
    perform wait_briefly(cardinality(presented));
    -- First who they are, and then their lines: joined, and planned while hardly anybody had any, it would read everybody's.
    select array_agg(distinct s.customer_id) into customers
      from unnest(presented) p (token_hash) cross join lateral live_session(p.token_hash) s;
    select array_agg(b.product_id) into wanted
      from (select b.product_id from bucket_lines b
             where b.customer_id = any (customers) order by b.customer_id, b.product_id for update) b;
    if exists (select from reservations where expires_at <= now()) then
      select array_agg(distinct r.order_id) into lapsed
        from reservations r where r.product_id = any (wanted) and r.expires_at <= now();
      -- Thousands of them, after a sale, take seconds: those who want their pieces wait for that, and nobody else.
      if cardinality(lapsed) > 20 then
        raise exception 'too many orders past their deadline for several to wait for' using errcode = 'lock_not_available';
      end if;
      if lapsed is not null then perform cancel_lapsed_orders(lapsed, wanted); end if;
    end if;
    perform from stock s where s.product_id = any (wanted) order by s.product_id, s.warehouse_id for no key update;
  end if;

  for i in 1 .. cardinality(presented) loop
    -- However slow the database is: together they would take longer than a statement may, and all of them fail.
    if i > 1 and clock_timestamp() > statement_timestamp() + interval '1 s' then
      raise exception 'too slow for several to wait for each other' using errcode = 'lock_not_available';
    end if;
    place := i;
    select p.outcome, p.customer, p.total_minor, p.total_currency, p.placed_at, p.short
      into outcome, customer, total_minor, total_currency, placed_at, short
      from place_order(presented[i], new_orders[i], methods[i], deliveries[i], expected_sums_minor[i],
                       make_interval(secs => hold_seconds[i]), unpaid_max[i]) p;
    return next;
  end loop;
end $$;
