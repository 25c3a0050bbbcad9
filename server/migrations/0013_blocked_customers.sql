-- safe

-- Since when the shop keeps the customer out; null: they may sign in.
alter table customers add column blocked_at timestamptz;

-- Whether an import still brings this customer to what its file says: one who was moved in, and is only known from there.
-- Who signs in, chooses a password here, or is blocked or unblocked by an operator is the shop's own, for good.
alter table customers add column follows_import boolean not null default false;

-- A blocked customer has no session: whoever looks for a live one need not ask. A sign-in that races with the blocking
-- finds it done, once it has the customer's row, or is found by it, below.
create function admit_session() returns trigger language plpgsql as $$
declare
  is_blocked boolean;
  is_awaited boolean;
begin
  select c.blocked_at is not null, c.follows_import into is_blocked, is_awaited
    from customers c where c.id = new.customer_id for share;
  -- No error: like a password that was changed meanwhile, it is one more sign-in that comes to nothing.
  if is_blocked then return null; end if;
  if is_awaited then update customers c set follows_import = false where c.id = new.customer_id; end if;
  return new;
end
$$;
create trigger sessions_are_for_the_admitted before insert on sessions
  for each row execute function admit_session();

create function end_sessions_of_blocked() returns trigger language plpgsql as $$
begin
  delete from sessions s where s.customer_id = new.id;
  return null;
end
$$;
create trigger customers_blocked_have_no_session after update of blocked_at on customers
  for each row when (old.blocked_at is null and new.blocked_at is not null) execute function end_sessions_of_blocked();

-- Until now: who has no hash of ours was moved in, and who was inactive in Django had a prefix before the hash.
update customers c
   set follows_import = not exists (select from sessions s where s.customer_id = c.id),
       blocked_at = case when starts_with(c.password_hash, '!inactive$') then now() end,
       password_hash = regexp_replace(c.password_hash, '^!inactive\$', '')
 where not starts_with(c.password_hash, 'argon2$argon2id$v=19$m=19456,t=2,p=1$');
