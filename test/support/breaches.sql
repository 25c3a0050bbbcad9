-- What the books say about goods, money and what has happened: each breach of a rule that must never break, in words.
-- Read by books.ts and by the drills.
select format('stock of %s: %s reserved, reservations say %s', s.product_id, s.reserved, coalesce(sum(r.quantity), 0)) as breach
  from stock s left join reservations r using (product_id, warehouse_id)
 group by s.product_id, s.warehouse_id, s.reserved, s.on_hand
having s.reserved <> coalesce(sum(r.quantity), 0) or s.reserved > s.on_hand
union all
select format('order %s: sum %s, lines say %s', o.id, o.sum_minor, coalesce(sum(l.unit_price_minor * l.quantity), 0))
  from orders o left join order_lines l on l.order_id = o.id
 group by o.id having o.sum_minor <> coalesce(sum(l.unit_price_minor * l.quantity), 0)
union all
select format('line %s of order %s (%s): %s pieces, %s reserved', l.id, o.id, o.status, l.quantity, coalesce(sum(r.quantity), 0))
  from orders o join order_lines l on l.order_id = o.id
  left join reservations r on r.order_id = o.id and r.product_id = l.product_id
 group by l.id, o.id
having coalesce(sum(r.quantity), 0) <> case when o.status = 'canceled' then 0 else l.quantity - l.returned_quantity end
union all
select format('order %s is %s, to be paid by %s, with a live attempt by %s', o.id, o.status, o.payment_method, a.method)
  from orders o join payment_attempts a on a.order_id = o.id and a.status in ('starting', 'pending', 'authorized')
 where o.status not in ('to_pay', 'canceled') or a.method <> o.payment_method
union all
select format('order %s is %s, and %s attempts pay it', o.id, o.status, count(a.id))
  from orders o left join payment_attempts a on a.order_id = o.id and a.status = 'paid'
 where o.status <> 'canceled'
 group by o.id having count(a.id) <> case when o.status in ('paid', 'sent', 'delivered', 'returned') then 1 else 0 end
union all
-- Held money of an order that was canceled in passing goes back when the next server looks: not a matter of every moment.
select format('attempt %s of order %s (%s) is %s with %s captured, %s refunded', a.id, o.id, o.status, a.status, a.captured_minor, a.refunded_minor)
  from payment_attempts a join orders o on o.id = a.order_id
 where (a.status = 'surplus' or (o.status = 'canceled' and a.status = 'paid'))
   and a.refunded_minor < a.captured_minor
   and not exists (select from refunds r where r.attempt_id = a.id and r.status = 'failed')
union all
select format('attempt %s: %s refunded, its refunds say %s', a.id, a.refunded_minor, coalesce(sum(r.amount_minor), 0))
  from payment_attempts a left join refunds r on r.attempt_id = a.id and r.status <> 'failed'
 group by a.id having a.refunded_minor <> coalesce(sum(r.amount_minor), 0)
union all
select format('attempt %s: %s captured, its bank lines say %s', a.id, a.captured_minor, sum(b.amount_minor))
  from payment_attempts a join bank_lines b on b.attempt_id = a.id and b.outcome = 'booked'
 group by a.id having a.captured_minor <> sum(b.amount_minor)
union all
select format('order %s: events from %s to %s, but %s of them', e.order_id, min(e.position), max(e.position), count(*))
  from order_events e group by e.order_id having min(e.position) <> 1 or max(e.position) <> count(*)
union all
select format('order %s is %s, its events say %s', o.id, o.status, coalesce(e.kind, 'nothing'))
  from orders o left join lateral (
    select kind from order_events where order_id = o.id and kind like 'order.%' order by position desc limit 1
  ) e on true
 where e.kind is distinct from 'order.' || case o.status when 'new' then 'placed' else o.status end
union all
select format('%s %s is %s, its events say %s', m.what, m.id, m.status, coalesce(e.kind, 'nothing'))
  from (select 'payment' as what, id, order_id, status from payment_attempts where status <> 'starting'
        union all
        select 'refund', r.id, a.order_id, r.status from refunds r join payment_attempts a on a.id = r.attempt_id) m
  left join lateral (
    select kind from order_events
     where order_id = m.order_id and kind like m.what || '.%' and about ->> (m.what || '_id') = m.id::text
     order by position desc limit 1
  ) e on true
 where e.kind is distinct from m.what || '.' || m.status
union all
select format('products of type "%s": %s counted, there are %s', coalesce(c.product_type, p.product_type), coalesce(c.published, 0), coalesce(p.pieces, 0))
  from product_counts c full join (
    select coalesce(product_type, '') as product_type, count(*) as pieces
      from products where is_published group by grouping sets ((product_type), ())
  ) p using (product_type)
 where coalesce(c.published, 0) <> coalesce(p.pieces, 0)
