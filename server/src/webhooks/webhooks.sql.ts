import type { EndpointId, OrderId } from '../kernel/ids.ts'
import { statement, statementOne } from '../store/statement.ts'
import type { Endpoint, OffReason } from './endpoint.ts'
import type { ListedDelivery } from './message.ts'

type NoRow = Record<string, never>

// --- Endpoints

const ENDPOINT = `e.id, e.url, e.kinds, e.off, e.failing_since as "failingSince", e.created_at as "createdAt"`

/** No row: there is one with this address already. */
export const insertEndpoint = statementOne<[EndpointId, url: string, kinds: readonly string[]], { id: EndpointId }>(
  'webhooks.insert-endpoint',
  `insert into webhook_endpoints (id, url, kinds) values ($1, $2, $3) on conflict (url) do nothing returning id`,
)

export interface EndpointCounts {
  readonly waiting: number
  readonly failed: number
}

export const listEndpoints = statement<[], Endpoint & EndpointCounts>(
  'webhooks.list-endpoints',
  `select ${ENDPOINT},
          (select count(*) from webhook_deliveries d where d.endpoint_id = e.id and d.state = 'waiting') as waiting,
          (select count(*) from webhook_deliveries d where d.endpoint_id = e.id and d.state = 'failed') as failed
     from webhook_endpoints e order by e.id`,
)

/** By its id or its address. */
export const findEndpoint = statementOne<[string], Endpoint>(
  'webhooks.find-endpoint',
  `select ${ENDPOINT} from webhook_endpoints e where e.id::text = $1 or e.url = $1`,
)

export const deleteEndpoint = statement<[EndpointId], NoRow>(
  'webhooks.delete-endpoint',
  `delete from webhook_endpoints where id = $1`,
)

/** Switched on again, it is not blamed for what was before. */
export const setOff = statement<[EndpointId, OffReason | null], NoRow>(
  'webhooks.set-off',
  `update webhook_endpoints set off = $2::text, failing_since = case when $2::text is null then null else failing_since end where id = $1`,
)

/** It took something. */
export const setWell = statement<[EndpointId], NoRow>(
  'webhooks.set-well',
  `update webhook_endpoints set failing_since = null where id = $1 and failing_since is not null`,
)

/** It took nothing, and is switched off when that is so for too long. A row: it was switched off now. */
export const setFailing = statementOne<[EndpointId, days: number], { off: OffReason }>(
  'webhooks.set-failing',
  `with e as (
     update webhook_endpoints
        set failing_since = coalesce(failing_since, now()),
            off = case when failing_since < now() - make_interval(days => $2) then 'failing' end
      where id = $1 and off is null and (failing_since is null or failing_since < now() - make_interval(days => $2))
     returning off
   ) select off from e where off is not null`,
)

// --- Secrets

export const insertSecret = statement<[EndpointId, Buffer], NoRow>(
  'webhooks.insert-secret',
  `insert into webhook_secrets (endpoint_id, secret) values ($1, $2)`,
)

/** The newest secret is good for so much longer; older ones keep their end. */
export const expireNewestSecret = statement<[EndpointId, hours: number], NoRow>(
  'webhooks.expire-newest-secret',
  `update webhook_secrets set expires_at = now() + make_interval(hours => $2)
    where endpoint_id = $1 and expires_at is null`,
)

export const deleteExpiredSecrets = statement<[], NoRow>(
  'webhooks.delete-expired-secrets',
  `delete from webhook_secrets where expires_at <= now()`,
)

const GOOD_SECRETS = `(select array_agg(s.secret order by s.created_at desc) from webhook_secrets s
  where s.endpoint_id = e.id and (s.expires_at is null or s.expires_at > now()))`

export const findGoodSecrets = statementOne<[EndpointId], { secrets: Buffer[] }>(
  'webhooks.find-good-secrets',
  `select ${GOOD_SECRETS} as secrets from webhook_endpoints e where e.id = $1`,
)

// --- Deliveries

const WANTS = (kind: string) => `e.kinds = '{}' or e.kinds && array[${kind}, split_part(${kind}, '.', 1) || '.*']`

/** For each of the events and each endpoint that is on and wants it. */
export const insertDeliveries = statement<[orders: OrderId[], positions: number[], kinds: string[]], NoRow>(
  'webhooks.insert-deliveries',
  `insert into webhook_deliveries (endpoint_id, order_id, position, kind)
   select e.id, v.order_id, v.position, v.kind
     from unnest($1::uuid[], $2::integer[], $3::text[]) as v (order_id, position, kind)
     join webhook_endpoints e on e.off is null and (${WANTS('v.kind')})
   on conflict do nothing`,
)

/** Endpoints that something is due for. */
export const listDueEndpoints = statement<[], { id: EndpointId }>(
  'webhooks.list-due-endpoints',
  `select e.id from webhook_endpoints e
    where e.off is null and (
      select min(d.next_try_at) from webhook_deliveries d where d.endpoint_id = e.id and d.state = 'waiting') <= now()
    order by e.id`,
)

/** A delivery somebody is about to try. */
export interface ClaimedDelivery {
  readonly orderId: OrderId
  readonly position: number
  readonly kind: string
  readonly attempts: number
  readonly body: string | null
  readonly url: string
  readonly secrets: readonly Buffer[]
}

/**
 * Takes the delivery that has been due for longest, for so many seconds: who dies over it leaves it to be tried again
 * then. Of each order only the first that waits: the later ones are not sent before it was delivered or given up. No lock
 * is held while an endpoint is talked to.
 */
export const claimDelivery = statementOne<[EndpointId, seconds: number], ClaimedDelivery>(
  'webhooks.claim-delivery',
  `with due as (
     select w.endpoint_id, w.order_id, w.position from webhook_deliveries w
      where w.endpoint_id = $1 and w.state = 'waiting' and w.next_try_at <= now()
        and w.position = (select min(b.position) from webhook_deliveries b
                           where b.endpoint_id = w.endpoint_id and b.order_id = w.order_id and b.state = 'waiting')
      order by w.next_try_at limit 1 for update skip locked
   )
   update webhook_deliveries d set attempts = d.attempts + 1, next_try_at = now() + make_interval(secs => $2)
     from due, webhook_endpoints e
    where d.endpoint_id = due.endpoint_id and d.order_id = due.order_id and d.position = due.position
      and e.id = d.endpoint_id and e.off is null
   returning d.order_id as "orderId", d.position, d.kind, d.attempts, d.body, e.url, ${GOOD_SECRETS} as secrets`,
)

/** What was written first stays. */
export const setBody = statementOne<[EndpointId, OrderId, position: number, body: string], { body: string }>(
  'webhooks.set-body',
  `update webhook_deliveries set body = coalesce(body, $4)
    where endpoint_id = $1 and order_id = $2 and position = $3 returning body`,
)

/** As if it had not been tried. */
export const unclaimDelivery = statement<[EndpointId, OrderId, position: number], NoRow>(
  'webhooks.unclaim-delivery',
  `update webhook_deliveries set attempts = attempts - 1, next_try_at = now()
    where endpoint_id = $1 and order_id = $2 and position = $3 and state = 'waiting'`,
)

type Tried = [EndpointId, OrderId, position: number, status: number | null, text: string | null, problem: string | null]

/** Delivered or given up; those behind it that had been put off with it are due. */
export const setEnded = statement<[...Tried, state: 'delivered' | 'failed'], NoRow>(
  'webhooks.set-ended',
  `with ended as (
     update webhook_deliveries
        set state = $7, ended_at = now(), answer_status = $4, answer_text = $5, problem = $6
      where endpoint_id = $1 and order_id = $2 and position = $3 and state = 'waiting'
   )
   update webhook_deliveries set next_try_at = now()
    where endpoint_id = $1 and order_id = $2 and position > $3 and state = 'waiting' and next_try_at > now()`,
)

/** To be tried again; those behind it are put off with it, so that nobody looks at them meanwhile. */
export const setNextTry = statement<[...Tried, seconds: number], NoRow>(
  'webhooks.set-next-try',
  `with tried as (
     update webhook_deliveries
        set next_try_at = now() + make_interval(secs => $7), answer_status = $4, answer_text = $5, problem = $6
      where endpoint_id = $1 and order_id = $2 and position = $3 and state = 'waiting'
   )
   update webhook_deliveries set next_try_at = now() + make_interval(secs => $7)
    where endpoint_id = $1 and order_id = $2 and position > $3 and state = 'waiting'`,
)

// --- Looking at them, and doing it again

const LISTED = `d.endpoint_id as "endpointId", e.url, d.order_id as "orderId", d.position, d.kind, d.state, d.attempts,
  d.next_try_at as "nextTryAt", d.answer_status as "answerStatus", d.answer_text as "answerText", d.problem,
  d.queued_at as "queuedAt", d.ended_at as "endedAt"`

/** Newest first. */
export const listDeliveries = statement<
  [endpoint: EndpointId | null, onlyFailing: boolean, limit: number],
  ListedDelivery
>(
  'webhooks.list-deliveries',
  `select ${LISTED} from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
    where ($1::uuid is null or d.endpoint_id = $1)
      and (not $2 or d.state = 'failed' or (d.state = 'waiting' and (d.answer_status is not null or d.problem is not null)))
    order by d.queued_at desc, d.order_id desc, d.position desc, d.endpoint_id limit $3`,
)

export const listDeliveriesOf = statement<[OrderId, position: number], ListedDelivery & { body: string | null }>(
  'webhooks.list-deliveries-of',
  `select ${LISTED}, d.body from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
    where d.order_id = $1 and d.position = $2 order by d.endpoint_id`,
)

/**
 * Sends events again, whatever became of them, to endpoints that are on and want them; those that still wait to be handed
 * out come by themselves.
 */
export const requeue = statementOne<
  [
    endpoint: EndpointId | null,
    order: OrderId | null,
    position: number | null,
    since: Date | null,
    onlyFailed: boolean,
  ],
  { deliveries: number }
>(
  'webhooks.requeue',
  `with again as (
     insert into webhook_deliveries as d (endpoint_id, order_id, position, kind)
     select e.id, v.order_id, v.position, v.kind
       from order_events v join webhook_endpoints e on e.off is null and (${WANTS('v.kind')})
      where ($1::uuid is null or e.id = $1) and ($2::uuid is null or v.order_id = $2)
        and ($3::integer is null or v.position = $3) and ($4::timestamptz is null or v.created_at >= $4)
        and (not $5 or exists (select from webhook_deliveries f where f.endpoint_id = e.id and f.order_id = v.order_id
                                  and f.position = v.position and f.state = 'failed'))
        and not exists (select from order_events_waiting w where w.order_id = v.order_id and w.position = v.position)
     on conflict (endpoint_id, order_id, position) do update
        set state = 'waiting', ended_at = null, next_try_at = now(), answer_status = null, answer_text = null, problem = null,
            attempts = case when d.state = 'waiting' then d.attempts else 0 end
     returning 1
   ) select count(*) as deliveries from again`,
)

/** Those that ended long ago, and those that wait in vain for an endpoint that is off. */
export const deleteOldDeliveries = statementOne<[days: number, limit: number], { deleted: number }>(
  'webhooks.delete-old-deliveries',
  `with old as (
     select d.endpoint_id, d.order_id, d.position from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
      where d.ended_at < now() - make_interval(days => $1)
         or (e.off is not null and d.state = 'waiting' and d.queued_at < now() - make_interval(days => $1))
      limit $2
   ), deleted as (
     delete from webhook_deliveries d using old
      where d.endpoint_id = old.endpoint_id and d.order_id = old.order_id and d.position = old.position returning 1
   ) select count(*) as deleted from deleted`,
)
