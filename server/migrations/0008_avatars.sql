-- safe

-- The name under which the media store keeps the customer's avatar; empty without one.
alter table customers add column avatar text not null default ''
  constraint customers_avatar_is_a_media_name check (avatar = '' or avatar ~ '^avatars/[0-9a-f]{32}\.webp$');

-- A file is one customer's, and whoever looks for files that are nobody's asks by name.
create unique index customers_avatar on customers (avatar) where avatar <> '';
