-- safe

create table customers (
  id uuid primary key,
  username text not null check (char_length(username) between 1 and 150),
  email text not null check (char_length(email) between 3 and 254),
  -- The name and the address as they are compared: NFKC, lower case (identity/names.ts).
  username_key text not null unique,
  email_key text not null unique,
  -- Django's encoding: algorithm$parameters$salt$digest.
  password_hash text not null,
  first_name text not null default '',
  last_name text not null default '',
  patronymic text not null default '',
  phone text not null default '',
  city text not null default '',
  address text not null default '',
  joined_at timestamptz not null default now(),
  -- Both sign in. A name that looks like somebody else's address would sign in as two people.
  constraint customers_username_is_nobody_elses_email check (position('@' in username_key) = 0 or username_key = email_key)
);

create table sessions (
  id uuid primary key,
  -- SHA-256; the token itself is never stored.
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  kind text not null check (kind in ('cookie', 'access', 'jwt')),
  customer_id uuid not null references customers on delete cascade,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  -- Moves ahead while the session is used, never past expires_at.
  live_until timestamptz not null,
  expires_at timestamptz not null,
  address text not null default '',
  agent text not null default '',
  check (live_until <= expires_at)
);
create index sessions_customer on sessions (customer_id);
create index sessions_live_until on sessions (live_until);

-- Who presents this token, if anyone may: the one place that says what a live session is. PostgreSQL inlines it.
create function live_session(presented bytea) returns table (session_id uuid, customer_id uuid, seen_at timestamptz)
language sql stable as $$
  select s.id, s.customer_id, s.seen_at from sessions s where s.token_hash = presented and s.live_until > now()
$$;
