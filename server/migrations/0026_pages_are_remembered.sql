-- safe

-- Moves with every statement that writes products, in the row of all products: who remembers what a page showed asks
-- whether it is still so (docs/adr/0022).
alter table product_counts add column version bigint not null default 0;
alter table product_counts disable trigger user;
insert into product_counts (product_type, published) values ('', 0) on conflict do nothing;
alter table product_counts enable trigger user;

create function move_catalogue_version() returns trigger language plpgsql as $$
begin
  update product_counts set version = version + 1 where product_type = '';
  return null;
end $$;
-- Before they are counted, by name: rows of product_counts are locked by type, and this one comes first.
create trigger products_are_another_version after insert or update or delete on products
  for each statement execute function move_catalogue_version();
