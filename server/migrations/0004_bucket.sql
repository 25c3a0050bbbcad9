-- safe

create table bucket_lines (
  -- Becomes the order line's id when the bucket becomes an order.
  id uuid primary key,
  customer_id uuid not null references customers on delete cascade,
  product_id uuid not null references products,
  quantity integer not null check (quantity between 1 and 10000),
  added_at timestamptz not null default now(),
  unique (customer_id, product_id)
);
