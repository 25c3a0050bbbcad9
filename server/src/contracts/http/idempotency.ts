import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { CustomerId } from '../../kernel/ids.ts'
import { Refused } from '../../kernel/refused.ts'
import type { Db } from '../../store/database.ts'
import { statement, statementOne } from '../../store/statement.ts'
import type { FieldProblems, HttpRefusal } from './refusals.ts'

/** An answer as it goes over the wire, to be given again. */
export interface KeptAnswer {
  readonly status: number
  readonly body: unknown
}

/** A request that may be sent again: its key is good for one customer and one request. */
export interface KeyedRequest {
  readonly key: string
  readonly requestHash: Buffer
}

/** Printable ASCII without spaces, at most 255: what a header can carry and a log can show. */
const KEY = /^[\x21-\x7e]{1,255}$/

/**
 * The request's Idempotency-Key with a hash of method, path and body; undefined when it has none.
 *
 * @throws http.invalid when the key is no key
 */
export function keyedRequest(request: FastifyRequest): KeyedRequest | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !KEY.test(key)) {
    const problems: FieldProblems = { 'Idempotency-Key': ['Use 1 to 255 printable characters without spaces.'] }
    throw new Refused<HttpRefusal>({ code: 'http.invalid', problems })
  }
  const path = request.url.split('?', 1)[0]?.replace(/\/$/, '')
  const start = Buffer.from(`${request.method} ${path} `)
  return { key, requestHash: hash('sha256', Buffer.concat([start, request.rawBody ?? Buffer.alloc(0)]), 'buffer') }
}

/**
 * The first answer to this key, or undefined for whoever comes first and now has to answer and {@link keepAnswer}.
 * Inside a transaction, whoever comes second waits for the first one's commit. Outside, two at once both answer:
 * only for work that is idempotent by itself.
 *
 * @throws http.key-reused when the key came with another request
 */
export async function findAnswer(db: Db, customerId: CustomerId, keyed: KeyedRequest): Promise<KeptAnswer | undefined> {
  await claimKey(db, customerId, keyed.key, keyed.requestHash)
  const kept = await findKey(db, customerId, keyed.key)
  // Claimed, but never answered: the first try failed, and this one takes its place.
  if (!kept || kept.status === null || kept.body === null) return undefined
  if (!kept.requestHash.equals(keyed.requestHash)) throw new Refused<HttpRefusal>({ code: 'http.key-reused' })
  return { status: kept.status, body: JSON.parse(kept.body) }
}

export async function keepAnswer(
  db: Db,
  customerId: CustomerId,
  keyed: KeyedRequest,
  answer: KeptAnswer,
): Promise<void> {
  await saveAnswer(db, customerId, keyed.key, keyed.requestHash, answer.status, JSON.stringify(answer.body))
}

type NoRow = Record<string, never>

const claimKey = statement<[CustomerId, string, Buffer], NoRow>(
  'idempotency.claim-key',
  `insert into idempotency_keys (customer_id, key, request_hash) values ($1, $2, $3) on conflict do nothing`,
)

const findKey = statementOne<[CustomerId, string], { requestHash: Buffer; status: number | null; body: string | null }>(
  'idempotency.find-key',
  `select request_hash as "requestHash", status, body from idempotency_keys where customer_id = $1 and key = $2`,
)

const saveAnswer = statement<[CustomerId, string, Buffer, number, string], NoRow>(
  'idempotency.save-answer',
  `update idempotency_keys set request_hash = $3, status = $4, body = $5 where customer_id = $1 and key = $2 and status is null`,
)

/** Keys are good for a day at least. */
export const deleteOldKeys = statement<[], NoRow>(
  'idempotency.delete-old-keys',
  `delete from idempotency_keys where created_at < now() - interval '2 days'`,
)
