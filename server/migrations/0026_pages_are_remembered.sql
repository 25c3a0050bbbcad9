-- safe

-- Another one with every statement that writes products, in the row of all products: who remembers what a page showed asks
-- whether it is still so (docs/adr/0022). Drawn by lot and not counted: a database that was set back to a backup, or whose
-- standby has taken over, would count to the same number again, with other products.
--
-- Products are locked first, as whoever writes them does: an import that has begun is waited for, and nobody's page with it.
lock table products in share row exclusive mode;
alter table product_counts add column version uuid not null default gen_random_uuid();
alter table product_counts disable trigger user;
insert into product_counts (product_type, published) values ('', 0) on conflict do nothing;
alter table product_counts enable trigger user;

create function draw_catalogue_version() returns trigger language plpgsql as $$
begin
  update product_counts set version = gen_random_uuid() where product_type = '';
  return null;
end $$;
-- Before the first product is locked: so whoever writes products comes one after the other, and never do two wait for
-- products of each other's. Of the rows of product_counts, locked by type, this is the first, too.
create trigger products_are_another_version before insert or update or delete on products
  for each statement execute function draw_catalogue_version();
