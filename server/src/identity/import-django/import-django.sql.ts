import type { CustomerId } from '../../kernel/ids.ts'
import type { Db } from '../../store/database.ts'
import type { Field } from './columns.ts'
import type { User } from './user.ts'

/** A user on the way into the staging table. A bad one is there only so that others are not taken for the first of a name. */
export interface StagedUser extends User {
  readonly line: number
  readonly item: number | null
  readonly isBad: boolean
  /** The customer's id, should there be none yet. */
  readonly newId: CustomerId
}

/** The staging table lives as long as the connection: drop it. No transaction is open while the file is read. */
export async function createStaging(client: Db): Promise<void> {
  await dropStaging(client)
  await client.query({
    text: `create temporary table import_users (
      n integer not null generated always as identity, line integer not null, item integer, is_bad boolean not null,
      new_id uuid not null, username text, username_key text, email text, email_key text, password_hash text,
      first_name text, last_name text, patronymic text, phone text, city text, address text, joined_at timestamptz,
      is_inactive boolean not null, has_password boolean not null, is_staff boolean not null)`,
  })
}

export async function dropStaging(client: Db): Promise<void> {
  await client.query({ text: 'drop table if exists import_users' })
}

export async function stageUsers(client: Db, users: readonly StagedUser[]): Promise<void> {
  await client.query({
    text: `insert into import_users (line, item, is_bad, new_id, username, username_key, email, email_key, password_hash,
        first_name, last_name, patronymic, phone, city, address, joined_at, is_inactive, has_password, is_staff)
      select * from unnest($1::integer[], $2::integer[], $3::boolean[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                           $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
                           $15::text[], $16::timestamptz[], $17::boolean[], $18::boolean[], $19::boolean[])`,
    values: [
      users.map((user) => user.line),
      users.map((user) => user.item),
      users.map((user) => user.isBad),
      users.map((user) => user.newId),
      users.map((user) => user.username),
      users.map((user) => user.usernameKey),
      users.map((user) => user.email),
      users.map((user) => user.emailKey),
      users.map((user) => user.passwordHash),
      users.map((user) => user.firstName),
      users.map((user) => user.lastName),
      users.map((user) => user.patronymic),
      users.map((user) => user.phone),
      users.map((user) => user.city),
      users.map((user) => user.address),
      users.map((user) => user.joinedAt),
      users.map((user) => user.isInactive),
      users.map((user) => user.hasPassword),
      users.map((user) => user.isStaff),
    ],
  })
}

/** "TRAD" in ASCII, as all our two-part advisory locks; see store/embedded/presence.ts. */
const IMPORTING = '1414676804, 4'

/** To be called first in the transaction that merges: one import after the other, and time enough for a big one. */
export async function beginMerge(client: Db): Promise<void> {
  await client.query({ text: `set local statement_timeout = '15min'` })
  await client.query({ text: `set local lock_timeout = '15min'` })
  await client.query({ text: `select pg_advisory_xact_lock(${IMPORTING})` })
  await client.query({ text: 'analyze import_users' })
}

export interface FoundProblem {
  readonly line: number
  readonly item?: number
  readonly field: Field
  readonly problem: string
  /** How many the check has found in all. */
  readonly total: number
}

/** Runs a check over all users, and marks those it finds as bad. At most `limit` of the findings are handed over. */
export async function markBad(client: Db, check: string, limit: number): Promise<FoundProblem[]> {
  const { rows } = await client.query<Omit<FoundProblem, 'item'> & { item: number | null }>({
    text: `with found as materialized (${check}),
        marked as (update import_users u set is_bad = true from found f where u.n = f.n)
      select line, item, field, problem, (count(*) over ())::integer as total from found order by n limit $1`,
    values: [limit],
  })
  return rows.map(({ item, ...row }) => (item === null ? row : { ...row, item }))
}

// Bad users count too: mended, they would be in the way.
const repeated = (field: 'username' | 'email') => `
  select n, line, item, '${field}' as field,
         case when first_item is null then 'line ' || first_line else 'object ' || first_item end ||
         ' has this ${field === 'email' ? 'e-mail' : field} already' ||
         case when ${field} = first_name then ''
              else format(', as "%s": case and look-alike letters do not count', left(first_name, 64)) end as problem
    from (select n, line, item, ${field}, first_value(n) over same as first_n, first_value(line) over same as first_line,
                 first_value(item) over same as first_item, first_value(${field}) over same as first_name
            from import_users where ${field}_key is not null
          window same as (partition by ${field}_key order by n)) u
   where n <> first_n`

export const REPEATED_IN_FILE = `${repeated('username')} union all ${repeated('email')}`

/** To be asked again once all is written: somebody may have registered meanwhile. */
export const IN_THE_WAY = `
  select u.n, u.line, u.item, 'username' as field,
         'a customer with this username is here already, with another e-mail' as problem
    from import_users u join customers c on c.username_key = u.username_key and c.email_key <> u.email_key
   where not u.is_bad
   union all
  select u.n, u.line, u.item, 'email',
         format('a customer with this e-mail is here already, under the username "%s"', left(c.username, 64))
    from import_users u join customers c on c.email_key = u.email_key and c.username_key <> u.username_key
   where not u.is_bad
   union all
  select u.n, u.line, u.item, 'email',
         format('a customer had this e-mail and may come back to it, under the username "%s"', left(c.username, 64))
    from import_users u join customers c on c.recovery_email_key = u.email_key and c.username_key <> u.username_key
   where not u.is_bad`

export const JOINED_IN_FUTURE = `
  select n, line, item, 'date_joined' as field, 'lies in the future' as problem
    from import_users where joined_at > now() + interval '1 day'`

/**
 * Brings customers who are only known from an import to what the file says, and tells how many differed. Who signs in at
 * this moment is seen, since PostgreSQL asks again once it holds the row; a trigger ends the sessions of the blocked.
 */
export async function updateCustomers(client: Db): Promise<number> {
  const { rowCount } = await client.query({
    text: `update customers c
         set password_hash = u.password_hash, first_name = coalesce(u.first_name, c.first_name),
             last_name = coalesce(u.last_name, c.last_name), patronymic = coalesce(u.patronymic, c.patronymic),
             phone = coalesce(u.phone, c.phone), city = coalesce(u.city, c.city),
             address = coalesce(u.address, c.address), joined_at = coalesce(u.joined_at, c.joined_at),
             blocked_at = case when u.is_inactive then coalesce(c.blocked_at, now()) end
        from import_users u
       where not u.is_bad and c.username_key = u.username_key and c.email_key = u.email_key and c.follows_import
         and (c.password_hash, c.first_name, c.last_name, c.patronymic, c.phone, c.city, c.address, c.joined_at,
              c.blocked_at is not null)
             is distinct from
             (u.password_hash, coalesce(u.first_name, c.first_name), coalesce(u.last_name, c.last_name),
              coalesce(u.patronymic, c.patronymic), coalesce(u.phone, c.phone), coalesce(u.city, c.city),
              coalesce(u.address, c.address), coalesce(u.joined_at, c.joined_at), u.is_inactive)`,
  })
  return rowCount ?? 0
}

/** How many were added. Who registers at this moment is left to {@link IN_THE_WAY}. */
export async function insertCustomers(client: Db): Promise<number> {
  const { rowCount } = await client.query({
    text: `insert into customers (id, username, username_key, email, email_key, password_hash, first_name, last_name,
                             patronymic, phone, city, address, joined_at, blocked_at, follows_import)
      select u.new_id, u.username, u.username_key, u.email, u.email_key, u.password_hash, coalesce(u.first_name, ''),
             coalesce(u.last_name, ''), coalesce(u.patronymic, ''), coalesce(u.phone, ''), coalesce(u.city, ''),
             coalesce(u.address, ''), coalesce(u.joined_at, now()), case when u.is_inactive then now() end, true
        from import_users u
       where not u.is_bad and not exists (select from customers c where c.username_key = u.username_key)
         and not exists (select from customers c where c.recovery_email_key = u.email_key)
       order by u.n
      on conflict do nothing`,
  })
  return rowCount ?? 0
}

/** What became of the users who are not bad; each is a customer now. */
export interface Tally {
  readonly good: number
  /** The shop's own by now: what the file says of them counts no more. The others are what it says. */
  readonly leftAlone: number
  readonly blocked: number
  /** Of those who are not blocked. */
  readonly withoutPassword: number
  readonly staff: number
  /** Inactive in the file, and not blocked here, because they are left alone: as many as asked for, and all counted. */
  readonly notBlocked: { readonly count: number; readonly usernames: readonly string[] }
}

export async function tallyUsers(client: Db, usernamesMax: number): Promise<Tally> {
  const { rows } = await client.query<Omit<Tally, 'notBlocked'> & { notBlocked: number; usernames: string[] | null }>({
    text: `select count(*) as good,
                  count(*) filter (where not c.follows_import) as "leftAlone",
                  count(*) filter (where c.follows_import and u.is_inactive) as blocked,
                  count(*) filter (where c.follows_import and not u.is_inactive and not u.has_password) as "withoutPassword",
                  count(*) filter (where u.is_staff) as staff,
                  count(*) filter (where u.is_inactive and c.blocked_at is null) as "notBlocked",
                  (array_agg(c.username order by u.n) filter (where u.is_inactive and c.blocked_at is null))[:$1] as usernames
             from import_users u
             join customers c on c.username_key = u.username_key and c.email_key = u.email_key
            where not u.is_bad`,
    values: [usernamesMax],
  })
  const [row] = rows
  if (!row) throw new Error('a count without a row')
  const { notBlocked, usernames, ...tally } = row
  return { ...tally, notBlocked: { count: notBlocked, usernames: usernames ?? [] } }
}

/** From here on nothing that is written stays, should {@link undoWriting} be called. */
export async function beginWriting(client: Db): Promise<void> {
  await client.query({ text: 'savepoint writing' })
}

export async function undoWriting(client: Db): Promise<void> {
  await client.query({ text: 'rollback to savepoint writing' })
}

/** Fresh statistics: plans made for a small shop are wrong for a big one. */
export async function analyzeCustomers(client: Db): Promise<void> {
  await client.query({ text: 'analyze customers' })
}
