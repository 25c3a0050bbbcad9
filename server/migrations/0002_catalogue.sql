-- safe

create table products (
  id uuid primary key,
  sku text not null unique check (char_length(sku) between 1 and 64),
  name text not null check (char_length(name) between 1 and 200),
  description text not null default '' check (char_length(description) <= 5000),
  price_minor bigint not null check (price_minor between 1 and 1000000000),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  product_type text not null check (char_length(product_type) between 1 and 64),
  status text not null check (status in ('draft', 'new', 'regular', 'sale', 'withdrawn')),
  is_published boolean not null generated always as (status not in ('draft', 'withdrawn')) stored,
  -- A file name in the pictures directory, or none.
  picture text not null default '' check (char_length(picture) <= 200),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index products_published on products (id) where is_published;
create index products_published_by_type on products (product_type, id) where is_published;
