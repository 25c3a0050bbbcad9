import { makeCsrfTokens } from '../../server/src/contracts/http/session-csrf.ts'
import { openSession } from '../../server/src/identity/sign-in.ts'
import type { CustomerId, OrderId } from '../../server/src/kernel/ids.ts'
import { getPaymentStory, type NewsOutcome, recordNews } from '../../server/src/payments/index.ts'
import { type Answer, ShopClient } from './shop-client.ts'
import type { ShopServer } from './shop-server.ts'

/** What the races repeat, as often as they say: `RACE_ROUNDS=20 npm test -- test/races` repeats it twenty times as often. */
export function rounds(count: number): number[] {
  return Array.from({ length: count * Number(process.env.RACE_ROUNDS ?? 1) }, (_, round) => round)
}

/** Customers who are signed in, without the seconds that hashing so many passwords takes: nobody knows theirs. */
export async function admitRacers(server: ShopServer, count: number, name: string): Promise<ShopClient[]> {
  const { rows } = await server.db.query<{ id: CustomerId }>({
    text: `insert into customers (id, username, email, username_key, email_key, password_hash)
           select gen_random_uuid(), n, n || '@example.com', n, n || '@example.com', '!'
             from (select $1 || i as n from generate_series(1, $2::integer) i) names returning id`,
    values: [name, count],
  })
  const csrf = makeCsrfTokens(server.config.secretKeys)
  const week = { idleDays: 7, maxDays: 7 }
  const origin = { kind: 'cookie', address: '127.0.0.1', agent: 'a racer' } as const
  return Promise.all(
    rows.map(async ({ id }) => {
      const token = (await openSession(server.db, { cookie: week, access: week, jwt: week }, id, '!', origin)) as string
      const racer = new ShopClient(server.baseUrl)
      racer.cookies.set('sessionid', token)
      racer.cookies.set('csrftoken', csrf.of(token))
      return racer
    }),
  )
}

/** A piece in the bucket, and the order of it. */
export async function placed(racer: ShopClient, product: string, quantity = 1): Promise<OrderId> {
  await racer.post('/api/bucket', { product, quantity })
  const { status, text, body } = await racer.post('/api/orders', {})
  if (status !== 200) throw new Error(`no order: ${text}`)
  return body.order_uuid
}

/** An order that waits for a transfer. */
export async function awaited(racer: ShopClient, product: string, quantity = 1): Promise<OrderId> {
  const id = await placed(racer, product, quantity)
  const { status, text } = await racer.put(`/api/orders/${id}/payment`, { method: 'transfer' })
  if (status !== 200) throw new Error(`no transfer: ${text}`)
  return id
}

/** All of the money of the order's newest attempt comes. */
export async function pay({ db }: ShopServer, order: OrderId, event = 'line 1'): Promise<NewsOutcome | undefined> {
  const attempt = (await getPaymentStory(db, order)).attempts.at(-1)
  if (!attempt) throw new Error(`nobody chose how to pay for ${order}`)
  const { id: attemptId, gateway, amountMinor, currency } = attempt
  return recordNews(db, { gateway, attemptId, event, told: 'paid', amountMinor, currency })
}

/** `ok`, or status and code of the refusal. */
export const outcomeOf = ({ status, body }: Answer) => (status === 200 ? 'ok' : `${status}/${body?.code}`)

export function countOutcomes(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[outcomeOf(answer)] = (counts[outcomeOf(answer)] ?? 0) + 1
  return counts
}
