-- safe

-- Somebody is telling the gateway of this attempt, and until then nobody else does: whoever wants the same waits for that
-- answer. Null, or over: nobody is at it, or who was has died.
alter table payment_attempts add column starting_until timestamptz;
