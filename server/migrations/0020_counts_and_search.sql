-- safe

-- How many products are published, of each type and in all, so that a page of the catalogue need not count (docs/adr/0020).
create table product_counts (
  -- No type is empty: that row counts all products.
  product_type text primary key,
  published bigint not null constraint product_counts_are_never_negative check (published >= 0)
);

-- Once for each statement, however many products it writes. Products are not emptied at once: their stock says no.
create function count_products() returns trigger language plpgsql as $$
declare
  types text[];
  changes bigint[];
begin
  if tg_op = 'INSERT' then
    select array_agg(d.product_type), array_agg(d.change) into types, changes
      from (select coalesce(a.product_type, '') as product_type, count(*) as change
              from added a where a.is_published group by grouping sets ((a.product_type), ())) d;
  elsif tg_op = 'DELETE' then
    select array_agg(d.product_type), array_agg(d.change) into types, changes
      from (select coalesce(r.product_type, '') as product_type, -count(*) as change
              from removed r where r.is_published group by grouping sets ((r.product_type), ())) d;
  else
    select array_agg(d.product_type), array_agg(d.change) into types, changes
      from (select coalesce(w.product_type, '') as product_type, sum(w.by) as change
              from (select a.product_type, 1 as by from added a where a.is_published
                    union all
                    select r.product_type, -1 from removed r where r.is_published) w
             group by grouping sets ((w.product_type), ()) having sum(w.by) <> 0) d;
  end if;
  insert into product_counts select t, 0 from unnest(types) t order by t on conflict do nothing;
  -- In one order, so that two who write products at once wait for each other and no more.
  perform from product_counts c where c.product_type = any (types) order by c.product_type for no key update;
  update product_counts c set published = c.published + d.change
    from unnest(types, changes) as d (product_type, change) where c.product_type = d.product_type;
  return null;
end $$;

insert into product_counts
  select coalesce(product_type, ''), count(*) from products where is_published group by grouping sets ((product_type), ());

-- A counter that somebody else writes counts nothing.
create trigger product_counts_are_counted after insert or update or delete on product_counts
  for each statement execute function refuse_unless_by_trigger('published is counted by the triggers of products');
create trigger product_counts_are_not_emptied before truncate on product_counts
  for each statement execute function refuse_unless_by_trigger('published is counted by the triggers of products');

create trigger products_are_counted_when_added
  after insert on products referencing new table as added for each statement execute function count_products();
create trigger products_are_counted_when_changed
  after update on products referencing old table as removed new table as added for each statement execute function count_products();
create trigger products_are_counted_when_removed
  after delete on products referencing old table as removed for each statement execute function count_products();

-- Finds parts of names. Where the extension cannot be had, the search looks at every name, and all else is the same.
do $$
declare
  home name;
begin
  create extension if not exists pg_trgm;
  -- It may have been there before, in a schema that is not looked into by itself.
  select n.nspname into home from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm';
  execute format('create index products_name on products using gin (lower(name) %I.gin_trgm_ops) where is_published', home);
exception when others then
  raise notice 'products are searched by name without an index, since pg_trgm cannot be had: %', sqlerrm;
end $$;
