-- safe

-- What came to the shop's account by its bank's statements, each booking once, and what became of it.
create table bank_lines (
  id bigint generated always as identity primary key,
  -- Of what the bank tells of it: the same booking in another file is the same line. See bank-line.ts.
  fingerprint bytea not null unique check (octet_length(fingerprint) = 32),
  account text not null,
  booked_on date not null,
  -- A reversal is the bank taking a booking back.
  kind text not null check (kind in ('credit', 'credit-reversed', 'debit-reversed')),
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  title text not null,
  payer_name text not null,
  payer_account text not null,
  bank_reference text not null,
  end_to_end_id text not null,
  outcome text not null check (outcome in ('booked', 'needs-a-person', 'settled')),
  -- Why it waits, or waited, for a person.
  reason text,
  -- What the booking did: see bank-line.ts.
  booked_as text,
  -- The attempt it is booked to, or the one it names.
  attempt_id uuid references payment_attempts,
  -- What a person did with it, in their words.
  note text check (char_length(note) between 1 and 500),
  imported_at timestamptz not null default now(),
  -- By a person.
  settled_at timestamptz,
  constraint bank_lines_booked_are_credits_of_an_attempt
    check (outcome <> 'booked' or (kind = 'credit' and attempt_id is not null)),
  constraint bank_lines_booked_as check ((outcome = 'booked') = (booked_as is not null)),
  constraint bank_lines_wait_for_a_reason check (outcome <> 'needs-a-person' or (reason is not null and settled_at is null)),
  constraint bank_lines_settled_with_a_note check ((outcome = 'settled') = (note is not null))
);
create index bank_lines_open on bank_lines (id) where outcome = 'needs-a-person';
create index bank_lines_of_attempt on bank_lines (attempt_id) where attempt_id is not null;

-- Transfers that are awaited, for what comes without a title.
create index transfers_awaited on payment_attempts (amount_minor) where method = 'transfer' and status = 'pending';

-- No transfer is booked twice, and none for more or less than it is: what is booked to an attempt is the money it has.
create function booked_is_captured() returns trigger language plpgsql as $$
begin
  if (select sum(b.amount_minor) from bank_lines b where b.attempt_id = new.attempt_id and b.outcome = 'booked')
     is distinct from (select a.captured_minor from payment_attempts a where a.id = new.attempt_id) then
    raise exception 'what is booked to attempt % is not the money it has', new.attempt_id
      using errcode = 'check_violation', constraint = 'booked_is_captured';
  end if;
  return null;
end $$;
create trigger bank_lines_booked_are_captured
  after insert or update on bank_lines for each row when (new.outcome = 'booked') execute function booked_is_captured();
