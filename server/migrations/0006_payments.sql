-- safe

-- One try at paying an order. Its id is what the gateway knows it by.
create table payment_attempts (
  id uuid primary key,
  order_id uuid not null references orders,
  method text not null check (method in ('card', 'transfer', 'payu')),
  gateway text not null check (char_length(gateway) between 1 and 32),
  status text not null default 'starting'
    check (status in ('starting', 'pending', 'paid', 'declined', 'canceled', 'expired')),
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  captured_minor bigint not null default 0,
  -- The sum of this attempt's refunds; only their trigger writes it.
  refunded_minor bigint not null default 0,
  gateway_reference text,
  redirect_uri text,
  -- What the payer writes as the title of a bank transfer.
  transfer_title text unique,
  sent_by_customer_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint captured_when_paid check ((status = 'paid') = (captured_minor > 0)),
  constraint refunded_is_never_above_captured check (refunded_minor between 0 and captured_minor)
);
create index payment_attempts_of_order on payment_attempts (order_id, id desc);
create unique index one_live_attempt_an_order on payment_attempts (order_id) where status in ('starting', 'pending');

-- Everything that was heard about money, once: the key makes its telling idempotent.
create table payment_events (
  gateway text not null,
  attempt_id uuid not null references payment_attempts,
  event text not null check (char_length(event) between 1 and 200),
  told jsonb not null,
  -- What was made of it: see payments/payment.ts.
  outcome text not null,
  received_at timestamptz not null default now(),
  primary key (gateway, attempt_id, event)
);

create table refunds (
  id uuid primary key,
  attempt_id uuid not null references payment_attempts,
  amount_minor bigint not null check (amount_minor > 0),
  status text not null default 'requested' check (status in ('requested', 'done', 'failed')),
  reason text not null check (reason in ('order-canceled', 'late-money', 'paid-twice')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index refunds_of_attempt on refunds (attempt_id);
create index refunds_to_send on refunds (created_at) where status = 'requested';

create function keep_refunded() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.status <> 'failed' then
    update payment_attempts set refunded_minor = refunded_minor - old.amount_minor where id = old.attempt_id;
  end if;
  if tg_op <> 'DELETE' and new.status <> 'failed' then
    update payment_attempts set refunded_minor = refunded_minor + new.amount_minor where id = new.attempt_id;
  end if;
  return null;
end $$;

create trigger refunds_keep_refunded
  after insert or delete or update on refunds for each row execute function keep_refunded();

-- What the built-in test gateway remembers; it stands in for a real one outside production.
create table test_gateway_payments (
  attempt_id uuid primary key,
  amount_minor bigint not null,
  currency text not null,
  description text not null,
  status text not null default 'waiting' check (status in ('waiting', 'paid', 'declined', 'canceled')),
  refunded_minor bigint not null default 0,
  created_at timestamptz not null default now()
);
