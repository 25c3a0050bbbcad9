-- safe

-- What has happened to an order, its payments and its refunds, in order: written by the triggers below in the transaction
-- that makes it happen, and never changed. No foreign key: nobody but the triggers of its row writes about an order, and
-- every order would pay for looking itself up.
create table order_events (
  order_id uuid not null,
  -- From 1, without gaps: whoever writes holds the order's row.
  position integer not null check (position >= 1),
  -- Such as order.paid: what it happened to, and the status it has from then on (events/event.ts).
  kind text not null check (kind ~ '^(order|payment|refund)\.[a-z_]+$'),
  -- What of the order changes, as it was then.
  order_status text not null,
  payment_method text,
  paid_at timestamptz,
  -- The payment or the refund as it was then.
  about jsonb,
  created_at timestamptz not null default now(),
  primary key (order_id, position)
);

-- Events that nobody has handed out to mails and webhooks yet.
create table order_events_waiting (
  order_id uuid not null,
  position integer not null,
  -- Handing it out failed; the order's later events wait behind it.
  postponed_until timestamptz,
  problem text,
  primary key (order_id, position)
);

create function refuse_change_of_event() returns trigger language plpgsql as $$
begin
  raise exception 'what has happened is not changed' using errcode = 'check_violation', constraint = tg_name;
end $$;
create trigger order_events_are_never_changed before update or delete on order_events
  for each row execute function refuse_change_of_event();

-- An order that was made has no event yet and is nobody else's: nothing has to be looked up.
create function note_order_placed() returns trigger language plpgsql as $$
begin
  insert into order_events (order_id, position, kind, order_status, payment_method, paid_at)
    values (new.id, 1, 'order.placed', new.status, new.payment_method, new.paid_at);
  insert into order_events_waiting (order_id, position) values (new.id, 1);
  return null;
end $$;
create trigger orders_note_placed after insert on orders for each row execute function note_order_placed();

create function note_order_event(happened_to uuid, what text, details jsonb) returns void language plpgsql as $$
declare
  o orders;
  next_position integer;
begin
  -- Who changes an order, a payment or a refund holds this lock already; who does not waits here, so positions are given
  -- one after the other.
  select * into o from orders where id = happened_to for no key update;
  select coalesce(max(e.position), 0) + 1 into next_position from order_events e where e.order_id = happened_to;
  insert into order_events (order_id, position, kind, order_status, payment_method, paid_at, about)
    values (happened_to, next_position, what, o.status, o.payment_method, o.paid_at, details);
  insert into order_events_waiting (order_id, position) values (happened_to, next_position);
end $$;

create function note_order_moved() returns trigger language plpgsql as $$
begin
  perform note_order_event(new.id, 'order.' || new.status, null);
  return null;
end $$;
create trigger orders_note_moved after update of status on orders
  for each row when (old.status is distinct from new.status) execute function note_order_moved();

create function note_payment_moved() returns trigger language plpgsql as $$
begin
  perform note_order_event(new.order_id, 'payment.' || new.status, jsonb_build_object(
    'payment_id', new.id, 'method', new.method, 'status', new.status, 'amount_minor', new.amount_minor,
    'captured_minor', new.captured_minor, 'currency', new.currency, 'transfer_title', new.transfer_title));
  return null;
end $$;
-- `starting` is ours alone: it tells nobody anything.
create trigger payment_attempts_note_made after insert on payment_attempts
  for each row when (new.status <> 'starting') execute function note_payment_moved();
create trigger payment_attempts_note_moved after update of status on payment_attempts
  for each row when (old.status is distinct from new.status) execute function note_payment_moved();

create function note_refund_moved() returns trigger language plpgsql as $$
declare
  a payment_attempts;
begin
  select * into a from payment_attempts where id = new.attempt_id;
  perform note_order_event(a.order_id, 'refund.' || new.status, jsonb_build_object(
    'refund_id', new.id, 'payment_id', a.id, 'method', a.method, 'status', new.status, 'amount_minor', new.amount_minor,
    'currency', a.currency, 'reason', new.reason));
  return null;
end $$;
create trigger refunds_note_made after insert on refunds for each row execute function note_refund_moved();
create trigger refunds_note_moved after update of status on refunds
  for each row when (old.status is distinct from new.status) execute function note_refund_moved();

-- Where events are sent to by HTTP.
create table webhook_endpoints (
  id uuid primary key,
  url text not null unique check (char_length(url) between 1 and 2000),
  -- Which events: `order.paid`, or `order.*`. None: all.
  kinds text[] not null default '{}',
  -- Why it is switched off; null: it is on. `gone`: it said so; `failing`: it took nothing for days.
  off text check (off in ('by-operator', 'gone', 'failing')),
  -- Since the last delivery it took.
  failing_since timestamptz,
  created_at timestamptz not null default now()
);

-- What its messages are signed with. More than one is good while one is being changed.
create table webhook_secrets (
  endpoint_id uuid not null references webhook_endpoints on delete cascade,
  secret bytea not null check (octet_length(secret) between 24 and 64),
  created_at timestamptz not null default clock_timestamp(),
  -- Null: it is the newest.
  expires_at timestamptz,
  primary key (endpoint_id, secret)
);
create unique index webhook_secrets_one_newest on webhook_secrets (endpoint_id) where expires_at is null;

-- One event on its way to one endpoint.
create table webhook_deliveries (
  endpoint_id uuid not null references webhook_endpoints on delete cascade,
  order_id uuid not null,
  position integer not null,
  kind text not null,
  -- What is sent, the same at every try; written before the first one.
  body text,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
  -- Tries that were begun; the next one is due at next_try_at.
  attempts integer not null default 0,
  next_try_at timestamptz not null default now(),
  -- Of the last try: what the endpoint answered, or why there was no answer.
  answer_status integer,
  answer_text text,
  problem text,
  queued_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (endpoint_id, order_id, position),
  foreign key (order_id, position) references order_events,
  check ((state = 'waiting') = (ended_at is null))
);
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_try_at) where state = 'waiting';
create index webhook_deliveries_waiting on webhook_deliveries (endpoint_id, order_id, position) where state = 'waiting';
create index webhook_deliveries_ended on webhook_deliveries (ended_at) where state <> 'waiting';

-- Mails of one thread, such as an order's, leave one after the other.
alter table mails add column thread uuid;
alter table mails add column thread_position integer;
alter table mails add constraint mails_in_a_thread_have_their_place check ((thread is null) = (thread_position is null));
create index mails_waiting_in_thread on mails (thread, thread_position) where state = 'waiting' and thread is not null;
