-- safe

-- `authorized`: the buyer's bank has blocked the money. `held`: money came, but not the sum asked for; a person decides.
-- `surplus`: money for an order that wants none any more; all of it goes back.
alter table payment_attempts drop constraint payment_attempts_status_check;
alter table payment_attempts add constraint payment_attempts_status_check
  check (status in ('starting', 'pending', 'authorized', 'paid', 'held', 'surplus', 'declined', 'canceled', 'expired'));
alter table payment_attempts drop constraint captured_when_paid;
alter table payment_attempts add constraint captured_when_money_came
  check ((status in ('paid', 'held', 'surplus')) = (captured_minor > 0));
alter table payment_attempts add constraint paid_is_the_sum_asked_for
  check (status <> 'paid' or captured_minor = amount_minor);

alter table payment_attempts rename column gateway_reference to reference;
-- Without a page to send the buyer to: a code from the buyer's bank was typed in the shop.
alter table payment_attempts add column by_blik_code boolean not null default false;
-- Where the buyer came from: gateways ask for it.
alter table payment_attempts add column buyer_address text;
-- When the gateway is asked next; null: it has said its last word, or cannot be asked.
alter table payment_attempts add column next_look_at timestamptz;
alter table payment_attempts add column looks integer not null default 0;
create index payment_attempts_to_look_at on payment_attempts (next_look_at) where next_look_at is not null;

drop index one_live_attempt_an_order;
create unique index one_live_attempt_an_order on payment_attempts (order_id)
  where status in ('starting', 'pending', 'authorized');
-- What was true of money before there was `surplus`: what an order did not need has gone back.
update payment_attempts set status = 'surplus'
 where status = 'paid' and exists (
   select from refunds r where r.attempt_id = payment_attempts.id and r.reason in ('late-money', 'paid-twice')
 );
create unique index one_paid_attempt_an_order on payment_attempts (order_id) where status = 'paid';

-- `sent`: the gateway has taken it, the money is under way. `failed`: counts as not refunded, a person looks at it.
alter table refunds drop constraint refunds_status_check;
alter table refunds add constraint refunds_status_check check (status in ('requested', 'sent', 'done', 'failed'));
alter table refunds drop constraint refunds_reason_check;
alter table refunds add constraint refunds_reason_check
  check (reason in ('order-canceled', 'late-money', 'paid-twice', 'by-staff', 'at-gateway'));
alter table refunds add column reference text;
-- Why it failed, in words for staff.
alter table refunds add column problem text;
alter table refunds add column note text not null default '' check (char_length(note) <= 500);
-- The refund that was made in the place of this one, which had failed.
alter table refunds add column retried_as uuid references refunds deferrable initially deferred;
alter table refunds add constraint only_failed_refunds_are_retried check (retried_as is null or status = 'failed');
-- When the gateway is told or asked next; null: nobody but a person goes on with it.
alter table refunds add column next_try_at timestamptz default now();
alter table refunds add column tries integer not null default 0;
update refunds r set next_try_at = null
  from payment_attempts a where a.id = r.attempt_id and (r.status <> 'requested' or a.method = 'transfer');
alter table refunds add constraint refunds_at_their_end_are_left_alone
  check (status in ('requested', 'sent') or next_try_at is null);
drop index refunds_to_send;
create index refunds_due on refunds (next_try_at) where next_try_at is not null;
create index refunds_open on refunds (created_at) where status <> 'done' and retried_as is null;
create unique index refunds_by_reference on refunds (attempt_id, reference) where reference is not null;

-- Pieces that came back, or never left, because their money was refunded.
alter table order_lines add column returned_quantity integer not null default 0;
alter table order_lines add constraint returned_is_never_above_ordered check (returned_quantity between 0 and quantity);

-- Whatever a gateway told us, word by word, before anything is made of it: unique by content, so that a repetition is one.
create table gateway_messages (
  id uuid primary key,
  gateway text not null,
  content_hash bytea not null check (octet_length(content_hash) = 32),
  body bytea not null check (octet_length(body) <= 262144),
  received_at timestamptz not null default now(),
  times integer not null default 1,
  handled_at timestamptz,
  -- What was made of it: a news outcome, `unknown`, or null while it waits.
  outcome text,
  problem text,
  next_try_at timestamptz,
  tries integer not null default 0,
  unique (gateway, content_hash),
  constraint gateway_messages_wait_or_are_handled check ((handled_at is null) = (outcome is null)
    and (handled_at is null) = (next_try_at is not null))
);
create index gateway_messages_waiting on gateway_messages (next_try_at) where next_try_at is not null;
create index gateway_messages_received_at on gateway_messages (received_at);

-- Two rules no code may break, looked at when the transaction ends.

create function order_paid_has_its_money() returns trigger language plpgsql as $$
begin
  -- The row as it is at the end, not as it was when this was noted down.
  if exists (select from orders o where o.id = new.id and o.status in ('paid', 'sent', 'delivered'))
     and not exists (select from payment_attempts a where a.order_id = new.id and a.status = 'paid') then
    raise exception 'order % is paid without money', new.id
      using errcode = 'check_violation', constraint = 'order_paid_has_its_money';
  end if;
  return null;
end $$;
create constraint trigger order_paid_has_its_money after update of status on orders
  deferrable initially deferred for each row when (new.status in ('paid', 'sent', 'delivered'))
  execute function order_paid_has_its_money();

create function surplus_goes_back() returns trigger language plpgsql as $$
begin
  if exists (
    select from payment_attempts a where a.id = new.id and a.status = 'surplus'
       and a.captured_minor > (select coalesce(sum(r.amount_minor), 0) from refunds r where r.attempt_id = a.id)
  ) then
    raise exception 'attempt % is surplus and does not go back', new.id
      using errcode = 'check_violation', constraint = 'surplus_goes_back';
  end if;
  return null;
end $$;
create constraint trigger surplus_goes_back after insert or update of status on payment_attempts
  deferrable initially deferred for each row when (new.status = 'surplus')
  execute function surplus_goes_back();
