-- safe

-- The few that wait for a person, or for a job, among all there ever were (docs/performance.md). They are written only with
-- rows that are meant, so that nobody's order pays for them.
create index payment_attempts_held on payment_attempts (updated_at) where status = 'held';
create index payment_events_for_a_person on payment_events (received_at) where outcome = 'needs-a-person';
create index gateway_messages_for_a_person on gateway_messages (received_at) where outcome in ('unknown', 'needs-a-person');
create index webhook_deliveries_failed on webhook_deliveries (endpoint_id) where state = 'failed';

-- Events are only ever added, so those of a time lie together: a few bytes for a megabyte of them say which.
create index order_events_created_at on order_events using brin (created_at);
