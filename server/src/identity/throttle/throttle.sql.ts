import type { CustomerId } from '../../kernel/ids.ts'
import { statement } from '../../store/statement.ts'

type NoRow = Record<string, never>

/** Of each customer's addresses those twenty stay that were used last. */
export const upsertKnownAddress = statement<[CustomerId, mark: string], NoRow>(
  'identity.upsert-known-address',
  `with noted as (
     insert into known_addresses (customer_id, mark) values ($1, $2)
     on conflict (customer_id, mark) do update set seen_at = now()
   )
   delete from known_addresses where customer_id = $1 and mark in (
     select mark from known_addresses where customer_id = $1 and mark <> $2 order by seen_at desc, mark offset 19)`,
)

/** Twice as long as a session may last at most by default: who is always signed in signs in anew before that. */
export const deleteOldAddresses = statement<[], NoRow>(
  'identity.delete-old-addresses',
  `delete from known_addresses where seen_at < now() - interval '180 days'`,
)

export const deleteExpiredCounters = statement<[], NoRow>(
  'identity.delete-expired-counters',
  `delete from throttle_counters where expire < (extract(epoch from now()) * 1000)::bigint`,
)
