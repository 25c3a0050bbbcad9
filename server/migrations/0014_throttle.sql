-- safe

-- How often something was tried: wrong passwords, registrations, mails asked for. In the layout of rate-limiter-flexible,
-- which writes by position. What is counted stands here as a MAC. A crash of the database may forget it all.
create unlogged table throttle_counters (
  key text primary key,
  points integer not null,
  -- Milliseconds since 1970, by the server's clock that began to count.
  expire bigint not null
);
create index throttle_counters_expire on throttle_counters (expire);

-- Where customers have signed in from (docs/adr/0011): strangers' wrong passwords do not lock them out there.
create table known_addresses (
  customer_id uuid not null references customers on delete cascade,
  -- A MAC of the address, which is not to be read from here.
  mark text not null check (char_length(mark) = 43),
  seen_at timestamptz not null default now(),
  primary key (customer_id, mark)
);
create index known_addresses_seen_at on known_addresses (seen_at);

-- All customers in an order that nobody foresees: a name that is nobody's borrows the next one's hash (docs/adr/0013).
create index customers_stand_in on customers (uuid_hash_extended(id, 0));
