import { expect, test } from 'vitest'
import { freshDatabase } from '../../../test/support/database.ts'
import { storeCustomer, storeOrder } from '../../../test/support/orders.ts'
import type { Presented } from '../identity/index.ts'
import type { Db } from '../store/database.ts'
import { listOrders } from './index.ts'

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Actual Loops': number
  readonly Plans?: readonly PlanNode[]
}
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

test('a page of orders counts them once, however many it shows', async () => {
  const shop = await freshDatabase()
  const anna = await storeCustomer(shop.db, 'anna')
  for (let i = 0; i < 5; i++) await storeOrder(shop.db, anna.id)
  const { rows } = await shop.db.query<{ presented: Presented }>({
    text: `insert into sessions (id, token_hash, kind, customer_id, live_until, expires_at)
           values (gen_random_uuid(), sha256('anna'), 'cookie', $1, now() + interval '1 day', now() + interval '1 day')
           returning token_hash as presented`,
    values: [anna.id],
  })
  const presented = rows[0]?.presented as Presented
  const wish = { page: 1, pageSize: 3 }
  const { count, items, hasNext } = await listOrders(shop.db, presented, wish)
  expect([count, items.length, hasNext]).toEqual([5, 3, true])

  const plans: PlanNode[] = []
  const explaining = {
    async query({ text, values }: { text: string; values?: unknown[] }) {
      const explained = await shop.db.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>({
        text: `explain (analyze, format json) ${text}`,
        values: values ?? [],
      })
      plans.push(...nodesOf(explained.rows[0]?.['QUERY PLAN'][0].Plan as PlanNode))
      return { rows: [] }
    },
  }
  await listOrders(explaining as unknown as Db, presented, wish).catch(() => undefined)
  const counting = plans.filter((node) => node['Node Type'] === 'Aggregate')
  expect(counting.map((node) => node['Actual Loops'])).toEqual([1])
  await shop.drop()
})
