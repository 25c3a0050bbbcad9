-- safe

-- As before (whose a refund is never changes), but an attempt is only written when the sum of its refunds changes, and then once. A refund that is taken
-- to be sent changes nothing of it; and a row written twice in one transaction looks its order up again, which waits for
-- whoever holds that: twenty refunds waited for one order, and in a ring where that order's refund was being told of.
create or replace function keep_refunded() returns trigger language plpgsql as $$
declare
  before bigint := 0;
  after bigint := 0;
begin
  if tg_op <> 'INSERT' and old.status <> 'failed' then before := old.amount_minor; end if;
  if tg_op <> 'DELETE' and new.status <> 'failed' then after := new.amount_minor; end if;
  if after <> before then
    update payment_attempts set refunded_minor = refunded_minor + after - before
     where id = case when tg_op = 'DELETE' then old.attempt_id else new.attempt_id end;
  end if;
  return null;
end $$;
