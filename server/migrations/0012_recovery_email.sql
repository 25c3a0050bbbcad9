-- breaking: servers of the version before write mails that this one does not read, and send its own ones empty

-- What waits now was written unsealed: it is not sent any more, and whoever misses it asks again.
update mails
   set state = 'failed', ended_at = now(), body_text = null, body_html = null,
       last_error = 'written by a version whose mails are no longer read'
 where state = 'waiting';
alter table mails drop constraint mails_body_is_wiped_at_the_end;
alter table mails
  drop column body_text,
  drop column body_html,
  -- The body, encrypted: it may hold a secret that is hashed elsewhere. Stays no longer than it has to.
  add column sealed_body bytea,
  -- From then on it is of no use, and is not sent.
  add column send_before timestamptz,
  -- Where it ends up, however the address is written: mails are counted by it.
  add column mailbox text;
update mails set mailbox = lower(recipient);
alter table mails
  alter column mailbox set not null,
  add constraint mails_body_is_wiped_at_the_end check ((state = 'waiting') = (sealed_body is not null)
    and (state = 'waiting') = (ended_at is null));
create index mails_mailbox on mails (mailbox, kind, queued_at);

-- Where a link to choose a new password goes while the customer's new e-mail is not confirmed with the password: the
-- e-mail before (docs/adr/0012). Null: to the e-mail.
alter table customers
  add column recovery_email text,
  add column recovery_email_key text,
  add constraint customers_recovery_email_key_key unique (recovery_email_key),
  add constraint customers_recovery_email_is_whole check ((recovery_email is null) = (recovery_email_key is null)),
  add constraint customers_recovery_email_is_another check (recovery_email_key <> email_key);

drop trigger customers_email_is_verified_anew on customers;
drop function forget_email_verification();

create function keep_recovery_email() returns trigger language plpgsql as $$
begin
  new.email_verified_at := null;
  delete from account_tokens t where t.customer_id = new.id and t.kind = 'verify-email';
  if new.email_key = old.recovery_email_key then
    new.recovery_email := null;
    new.recovery_email_key := null;
  elsif old.recovery_email_key is null then
    new.recovery_email := old.email;
    new.recovery_email_key := old.email_key;
  end if;
  return new;
end
$$;
create trigger customers_email_is_verified_anew before update of email_key on customers
  for each row when (old.email_key <> new.email_key) execute function keep_recovery_email();

-- An address somebody may come back to is as taken as one in use. After the row: the unique index has made us wait for
-- whoever is giving the address up at this moment, and what they have left behind is seen by now.
create function refuse_recovery_email_of_another() returns trigger language plpgsql as $$
begin
  if exists (select from customers c where c.recovery_email_key = new.email_key and c.id <> new.id) then
    raise unique_violation using message = 'the e-mail is the recovery e-mail of another customer',
      constraint = 'customers_email_key_key', table = 'customers';
  end if;
  return null;
end
$$;
create trigger customers_email_is_nobodys_recovery_email after insert or update of email_key on customers
  for each row execute function refuse_recovery_email_of_another();
