-- safe

-- Rules that hold whoever writes: our programs, a person with psql, a mistake of either. docs/invariants.md lists all
-- there are, with what keeps each.

-- Says no: what a trigger's `when` finds wrong is told in its argument.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%: %', tg_table_name, tg_argv[0] using errcode = 'check_violation', constraint = tg_name, table = tg_table_name;
end $$;

-- Sums that a trigger keeps: it writes them one trigger deeper than whoever else may. A `when` on each row would cost an
-- order twice as much.
create function refuse_unless_by_trigger() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() = 1 then
    raise exception '%: %', tg_table_name, tg_argv[0] using errcode = 'check_violation', constraint = tg_name, table = tg_table_name;
  end if;
  return null;
end $$;

create trigger stock_reserved_begins_at_nothing after insert on stock for each row when (new.reserved <> 0)
  execute function refuse_change('reserved is the sum of the reservations');
create trigger stock_reserved_is_counted after update of reserved on stock
  for each statement execute function refuse_unless_by_trigger('reserved is the sum of the reservations');
create trigger payment_attempts_refunded_begins_at_nothing after insert on payment_attempts for each row
  when (new.refunded_minor <> 0) execute function refuse_change('refunded_minor is the sum of the refunds');
create trigger payment_attempts_refunded_is_counted after update of refunded_minor on payment_attempts
  for each statement execute function refuse_unless_by_trigger('refunded_minor is the sum of the refunds');

-- What was agreed, asked for, heard and booked stays as it was written down.

create trigger orders_stay_as_agreed before update on orders for each row
  when ((old.id, old.customer_id, old.sum_minor, old.currency) is distinct from (new.id, new.customer_id, new.sum_minor, new.currency))
  execute function refuse_change('whose an order is, its sum and its currency stay');
create trigger order_lines_stay_as_agreed before update on order_lines for each row
  when ((old.id, old.order_id, old.product_id, old.name, old.unit_price_minor, old.quantity)
        is distinct from (new.id, new.order_id, new.product_id, new.name, new.unit_price_minor, new.quantity)
        or new.returned_quantity < old.returned_quantity)
  execute function refuse_change('what was bought stays, and what came back has come back');
-- A person may take another sum for the one that was asked for: then, and only then, it becomes that.
create trigger payment_attempts_stay_as_asked before update on payment_attempts for each row
  when ((old.id, old.order_id, old.method, old.gateway, old.currency)
        is distinct from (new.id, new.order_id, new.method, new.gateway, new.currency)
        or (old.amount_minor <> new.amount_minor and not (old.status = 'held' and new.status = 'paid')))
  execute function refuse_change('what was asked for stays');
create trigger payment_attempts_money_stays before update on payment_attempts for each row
  when (old.captured_minor > 0 and (new.captured_minor <> old.captured_minor
                                    or (new.status <> old.status and old.status <> 'held')))
  execute function refuse_change('money that has come has come: it goes back by a refund');
create trigger refunds_stay_as_made before update on refunds for each row
  when ((old.id, old.attempt_id, old.amount_minor, old.reason) is distinct from (new.id, new.attempt_id, new.amount_minor, new.reason)
        or (old.status = 'done' and new.status <> 'done'))
  execute function refuse_change('a refund stays what it is, and one that was sent stays sent');
create trigger payment_events_stay_as_told before update on payment_events for each row
  when ((old.gateway, old.attempt_id, old.event) is distinct from (new.gateway, new.attempt_id, new.event)
        or old.outcome <> 'needs-a-person')
  execute function refuse_change('what was heard stays');
create trigger bank_lines_stay_as_booked before update on bank_lines for each row
  when ((old.fingerprint, old.account, old.booked_on, old.kind, old.amount_minor, old.currency)
        is distinct from (new.fingerprint, new.account, new.booked_on, new.kind, new.amount_minor, new.currency)
        or (old.outcome = 'booked' and (new.outcome <> 'booked' or old.attempt_id <> new.attempt_id)))
  execute function refuse_change('what the bank has booked stays');

-- The books are not torn up: not by the page, not by the book.

create trigger orders_are_kept before delete or truncate on orders
  for each statement execute function refuse_change('orders are kept');
create trigger order_lines_are_kept before delete or truncate on order_lines
  for each statement execute function refuse_change('what was bought is kept');
create trigger payment_attempts_are_kept before delete or truncate on payment_attempts
  for each statement execute function refuse_change('attempts are kept');
create trigger payment_events_are_kept before delete or truncate on payment_events
  for each statement execute function refuse_change('what was heard is kept');
create trigger refunds_are_kept before delete or truncate on refunds
  for each statement execute function refuse_change('refunds are kept');
create trigger bank_lines_are_kept before delete or truncate on bank_lines
  for each statement execute function refuse_change('what the bank has booked is kept');
-- A row may go, and its triggers see it; emptied at once, nobody would.
create trigger reservations_are_not_emptied before truncate on reservations
  for each statement execute function refuse_change('reservations go one by one, with what they reserve');
create trigger stock_is_not_emptied before truncate on stock
  for each statement execute function refuse_change('stock goes one by one');

-- An order costs what its lines cost and holds their pieces: all of them until they are sent, by a deadline until they are
-- paid for; canceled, none. Each step of it, and each change of its pieces, is looked at when the transaction ends. Its
-- making is not, but for pieces held for ever: that is place_order's, which this would cost a third of its time; an order
-- that somebody else has made otherwise goes no step further.

create function breach_of_order(wanted uuid) returns text language plpgsql stable as $$
declare
  ordered orders;
  cost numeric;
  due bigint;
  held bigint;
  is_other_held boolean;
  is_other_due boolean;
  is_any_back boolean;
  reservations bigint;
  deadlines bigint;
begin
  select * into ordered from orders o where o.id = wanted;
  select sum(l.unit_price_minor * l.quantity), sum(l.quantity - l.returned_quantity), sum(h.pieces), sum(h.times), sum(h.deadlines),
         bool_or(h.pieces <> l.quantity - l.returned_quantity), bool_or(h.pieces > l.quantity - l.returned_quantity),
         bool_or(l.returned_quantity > 0)
    into cost, due, held, reservations, deadlines, is_other_held, is_other_due, is_any_back
    from order_lines l
    cross join lateral (
      select coalesce(sum(r.quantity), 0) as pieces, count(*) as times, count(r.expires_at) as deadlines
        from reservations r where r.order_id = l.order_id and r.product_id = l.product_id
    ) h
   where l.order_id = wanted;

  if ordered.status = 'canceled' then
    return case when held > 0 then format('is canceled and holds %s pieces', held) end;
  end if;
  return case
    when cost is distinct from ordered.sum_minor then format('costs %s, and its lines %s', ordered.sum_minor, cost)
    when is_other_due or (is_other_held and ordered.status in ('new', 'to_pay', 'paid'))
      then format('is %s and holds %s pieces of %s', ordered.status, held, due)
    when deadlines <> case when ordered.status in ('new', 'to_pay') then reservations else 0 end
      then format('is %s, with a deadline for %s of %s reservations', ordered.status, deadlines, reservations)
    when is_any_back and ordered.status in ('new', 'to_pay') then format('is %s, and pieces of it came back', ordered.status)
  end;
end $$;

create function order_is_whole() returns trigger language plpgsql as $$
declare
  wanted uuid;
  breach text;
begin
  if tg_table_name = 'orders' then
    wanted := new.id;
  else
    if tg_op = 'DELETE' then wanted := old.order_id; else wanted := new.order_id; end if;
    -- Two that change one order's pieces at once: the second waits, and then sees what the first has done.
    perform from orders o where o.id = wanted for no key update;
  end if;
  breach := breach_of_order(wanted);
  if breach is not null then
    raise exception 'order % %', wanted, breach using errcode = 'check_violation', constraint = tg_name, table = tg_table_name;
  end if;
  return null;
end $$;

-- As before, and a reservation begins with a deadline: one without was paid for, or its pieces would never come back.
create or replace function keep_reserved() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    update stock set reserved = reserved - old.quantity
     where product_id = old.product_id and warehouse_id = old.warehouse_id;
  elsif new.expires_at is null then
    raise exception 'a reservation of order % without a deadline', new.order_id
      using errcode = 'check_violation', constraint = tg_name, table = tg_table_name;
  end if;
  if tg_op <> 'DELETE' then
    update stock set reserved = reserved + new.quantity
     where product_id = new.product_id and warehouse_id = new.warehouse_id;
  end if;
  return null;
end $$;

create constraint trigger orders_are_whole after update of status on orders
  deferrable initially deferred for each row execute function order_is_whole();
create constraint trigger order_lines_leave_orders_whole after update of returned_quantity on order_lines
  deferrable initially deferred for each row execute function order_is_whole();
create constraint trigger reservations_leave_orders_whole
  after delete or update of order_id, product_id, warehouse_id, quantity on reservations
  deferrable initially deferred for each row execute function order_is_whole();
create constraint trigger reservations_have_a_deadline_or_none after update of expires_at on reservations
  deferrable initially deferred for each row when ((old.expires_at is null) <> (new.expires_at is null))
  execute function order_is_whole();
-- Money. An attempt asks for what its order costs, and captured is what somebody was heard to say of it.

create function attempt_asks_for_its_order() returns trigger language plpgsql as $$
begin
  if exists (select from orders o where o.id = new.order_id and (o.sum_minor, o.currency) is distinct from (new.amount_minor, new.currency)) then
    raise exception 'attempt % does not ask for what its order costs', new.id
      using errcode = 'check_violation', constraint = tg_name, table = tg_table_name;
  end if;
  return null;
end $$;
create trigger payment_attempts_ask_for_their_order after insert on payment_attempts
  for each row execute function attempt_asks_for_its_order();

create function captured_was_heard_of() returns trigger language plpgsql as $$
begin
  if not exists (
    select from payment_events e
     where e.attempt_id = new.id and e.gateway = new.gateway and e.told ->> 'told' = 'paid'
       and (e.told ->> 'amountMinor')::numeric = new.captured_minor and e.told ->> 'currency' = new.currency
       and e.outcome in ('order-paid', 'held', 'refund-late', 'refund-twice')
  ) then
    raise exception 'nobody has said that % has come for attempt %', new.captured_minor, new.id
      using errcode = 'check_violation', constraint = tg_name, table = tg_table_name;
  end if;
  return null;
end $$;
create constraint trigger payment_attempts_captured_was_heard_of after insert or update of captured_minor on payment_attempts
  deferrable initially deferred for each row when (new.captured_minor > 0) execute function captured_was_heard_of();

-- The other side of order_paid_has_its_money: what pays an order has paid it, and goes back when the order is canceled.
-- The sum of the refunds at that moment: one that fails later waits for a person.
create function money_has_its_order() returns trigger language plpgsql as $$
declare
  wanted uuid;
begin
  if tg_table_name = 'orders' then wanted := new.id; else wanted := new.order_id; end if;
  if exists (
    select from payment_attempts a join orders o on o.id = a.order_id
     where a.order_id = wanted and a.status = 'paid'
       and (o.status in ('new', 'to_pay') or (o.status = 'canceled' and a.refunded_minor < a.captured_minor))
  ) then
    raise exception 'order % has money that neither pays it nor goes back', wanted
      using errcode = 'check_violation', constraint = tg_name, table = tg_table_name;
  end if;
  return null;
end $$;
create constraint trigger orders_have_their_money after update of status on orders
  deferrable initially deferred for each row when (new.status in ('new', 'to_pay', 'canceled')) execute function money_has_its_order();
create constraint trigger payment_attempts_pay_their_order after insert or update of status on payment_attempts
  deferrable initially deferred for each row when (new.status = 'paid') execute function money_has_its_order();

-- A bank line is booked to an attempt of its currency.
create function booked_in_its_currency() returns trigger language plpgsql as $$
begin
  if exists (select from payment_attempts a where a.id = new.attempt_id and a.currency <> new.currency) then
    raise exception 'bank line % is of another currency than its attempt', new.id
      using errcode = 'check_violation', constraint = tg_name, table = tg_table_name;
  end if;
  return null;
end $$;
create trigger bank_lines_are_booked_in_their_currency after insert or update on bank_lines
  for each row when (new.outcome = 'booked') execute function booked_in_its_currency();

-- As before, but that an order is never left with a part of its pieces, should their deadlines differ.
create or replace function cancel_lapsed_orders(lapsed uuid[], wanted uuid[]) returns uuid[] language plpgsql as $$
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
  with over as (
    select distinct r.order_id from reservations r where r.order_id = any (locked) and r.expires_at <= now()
  ), freed as (
    delete from reservations r using over where r.order_id = over.order_id returning r.order_id
  ), canceled as (
    update orders o set status = 'canceled', canceled_at = now()
     where o.id in (select f.order_id from freed f) returning o.id
  )
  select array_agg(c.id) into locked from canceled c;
  return coalesce(locked, '{}');
end $$;
