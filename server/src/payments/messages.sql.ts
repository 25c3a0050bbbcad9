import type { GatewayMessageId } from '../kernel/ids.ts'
import { statement, statementOne } from '../store/statement.ts'

type NoRow = Record<string, never>

export interface WaitingMessage {
  readonly id: GatewayMessageId
  readonly gateway: string
  readonly body: Buffer
}

/**
 * The same words again are the same message. It waits for half a minute before anybody but its receiver takes it up.
 *
 * isHandled: something was made of it before
 */
export const insertMessage = statementOne<
  [GatewayMessageId, string, Buffer, Buffer],
  { id: GatewayMessageId; isHandled: boolean }
>(
  'payments.insert-message',
  `insert into gateway_messages as m (id, gateway, content_hash, body, next_try_at)
   values ($1, $2, $3, $4, now() + interval '30 seconds')
   on conflict (gateway, content_hash) do update set times = m.times + 1
   returning id, handled_at is not null as "isHandled"`,
)

export const setMessageHandled = statement<[GatewayMessageId, string, string | null], NoRow>(
  'payments.set-message-handled',
  `update gateway_messages set handled_at = now(), outcome = $2, problem = $3, next_try_at = null
    where id = $1 and handled_at is null`,
)

/** $1: after how many seconds again, by the number of tries so far */
export const takeWaitingMessages = statement<[readonly number[], number], WaitingMessage>(
  'payments.take-waiting-messages',
  `update gateway_messages set tries = tries + 1,
          next_try_at = now() + make_interval(secs => ($1::int[])[least(tries + 1, array_length($1::int[], 1))])
    where id in (
      select id from gateway_messages where next_try_at <= now() order by next_try_at limit $2 for update skip locked
    ) returning id, gateway, body`,
)

/** They hold what buyers told the gateway: kept as long as anybody may ask about a payment's messages. */
export const deleteOldMessages = statement<[number], NoRow>(
  'payments.delete-old-messages',
  `delete from gateway_messages where handled_at is not null and received_at < now() - make_interval(days => $1)`,
)
