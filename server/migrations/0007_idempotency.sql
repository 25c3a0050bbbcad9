-- safe

-- The first answer to a request that carried an Idempotency-Key.
create table idempotency_keys (
  customer_id uuid not null references customers on delete cascade,
  key text not null check (char_length(key) between 1 and 255),
  -- SHA-256 of method, path and body.
  request_hash bytea not null,
  status integer,
  body text,
  created_at timestamptz not null default now(),
  primary key (customer_id, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);
