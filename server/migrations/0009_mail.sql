-- safe

-- The outbox: a mail is written in the transaction that causes it, and leaves after the commit.
create table mails (
  id uuid primary key,
  -- What it is about, such as 'reset-password'.
  kind text not null,
  recipient text not null,
  subject text not null,
  -- Both may hold secrets: they stay no longer than they have to.
  body_text text,
  body_html text,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
  -- Tries that were begun; the next one is due at next_try_at.
  attempts integer not null default 0,
  next_try_at timestamptz not null default now(),
  last_error text,
  queued_at timestamptz not null default now(),
  ended_at timestamptz,
  constraint mails_body_is_wiped_at_the_end check ((state = 'waiting') = (body_text is not null)
    and (state = 'waiting' or body_html is null) and (state = 'waiting') = (ended_at is null))
);
create index mails_due on mails (next_try_at) where state = 'waiting';
create index mails_ended on mails (ended_at) where state <> 'waiting';

-- What a customer is mailed to prove that the address is read. Of each kind only the newest is good.
create table account_tokens (
  customer_id uuid not null references customers on delete cascade,
  kind text not null check (kind in ('verify-email', 'reset-password')),
  -- SHA-256; the token itself is in the mail only.
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  -- The address it was sent to: worth nothing once the customer has another.
  email_key text not null,
  expires_at timestamptz not null,
  primary key (customer_id, kind)
);
create index account_tokens_expires_at on account_tokens (expires_at);

-- When the customer last proved to read mail at their address.
alter table customers add column email_verified_at timestamptz;

create function forget_email_verification() returns trigger language plpgsql as $$
begin
  new.email_verified_at := null;
  -- What was mailed to the old address is worth nothing from now on, even if that should come back.
  delete from account_tokens t where t.customer_id = new.id;
  return new;
end
$$;
create trigger customers_email_is_verified_anew before update of email on customers
  for each row when (lower(old.email) is distinct from lower(new.email)) execute function forget_email_verification();
