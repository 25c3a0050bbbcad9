import { afterAll, beforeAll, expect, test } from 'vitest'
import { findBreaches } from '../support/books.ts'
import { rounds } from '../support/racers.ts'
import { flawInRefusal } from '../support/refusal-shape.ts'
import type { Answer } from '../support/shop-client.ts'
import type { ServedRoute } from '../support/shop-server.ts'
import {
  type Customer,
  contractOf,
  contractRoutesOf,
  credentialFor,
  goodBody,
  pathOf,
  type ShopWorld,
  sendJson,
  startShopWorld,
} from '../support/shop-world.ts'

// The anomalies of "ACIDRain" (Warszawski and Bailis, 2017) need two requests of one customer at once: a look that the
// other one makes stale. So each pair of calls that change something runs at once on one bucket and one order.

let world: ShopWorld

beforeAll(async () => {
  world = await startShopWorld()
})
afterAll(() => world.server.stop())

/** What a customer does with goods and money. */
const OF_GOODS = /^\/api\/(bucket|orders)\b/

function pairsOf(routes: readonly ServedRoute[]): [ServedRoute, ServedRoute][] {
  return routes.flatMap((one, i) => routes.slice(i).map((other): [ServedRoute, ServedRoute] => [one, other]))
}

/** Again two tents ordered and not paid, and another one in the bucket; the money is awaited. */
async function refresh(customer: Customer): Promise<Customer> {
  const { client } = customer
  const { tent } = world.products
  await client.delete('/api/bucket')
  await client.post('/api/bucket', { product: tent, quantity: 2 })
  const { order_uuid } = (await client.post('/api/orders', {})).body
  await client.post(`/api/orders/${order_uuid}/payment`, { method: 'transfer' })
  await client.post('/api/bucket', { product: tent, quantity: 1 })
  const { bucket_uuid } = (await client.get('/api/bucket')).body.results[0]
  return { ...customer, ids: { ...customer.ids, order_uuid, bucket_uuid } }
}

/** Other than {@link goodBody}: whichever comes first, the other one is meant to be accepted, too. */
function bodyOf(route: ServedRoute, customer: Customer): unknown {
  if (route.url === '/api/orders') return {}
  return goodBody(route, customer, world.products)
}

function unsafeRoutes(): ServedRoute[] {
  return contractRoutesOf(world.server).filter(({ method, url }) => method !== 'GET' && contractOf(url) === 'shop')
}

/** Each pair twice over, all four at once; of several customers at a time. */
async function findFlaws(
  pairs: readonly [ServedRoute, ServedRoute][],
  customerFor: (at: number, pair: number) => Promise<Customer>,
): Promise<string[]> {
  const flaws: string[] = []
  const queue = [...pairs]
  async function race(customer: Customer, pair: [ServedRoute, ServedRoute]): Promise<void> {
    const fresh = await refresh(customer)
    const twice = [...pair, ...pair]
    const answers = await Promise.all(
      twice.map((route) =>
        sendJson(world.server, route, pathOf(route, fresh.ids), bodyOf(route, fresh), credentialFor(route, fresh)),
      ),
    )
    flaws.push(...answers.flatMap((answer, i) => flawOf(answer, pair, twice[i] as ServedRoute)))
    const breaches = await findBreaches(world.server.db)
    if (breaches.length > 0) flaws.push(`${nameOf(pair[0])} with ${nameOf(pair[1])}: ${breaches.join('; ')}`)
  }
  async function racing(at: number): Promise<void> {
    for (let pair = queue.pop(); pair && flaws.length < 5; pair = queue.pop()) {
      await race(await customerFor(at, queue.length), pair)
    }
  }
  await Promise.all([0, 1, 2, 3].map(racing))
  return flaws
}

test('every pair of calls about goods and money, at once: the books balance, and each hears its contract', async () => {
  const routes = unsafeRoutes().filter(({ url }) => OF_GOODS.test(url))
  expect(routes.length).toBeGreaterThanOrEqual(12)
  const customers = await Promise.all(['anna', 'jan', 'maria', 'piotr'].map((name) => world.newCustomer(name)))
  const pairs = rounds(1).flatMap(() => pairsOf(routes))
  expect(await findFlaws(pairs, async (at) => customers[at] as Customer)).toEqual([])
}, 300_000)

// It hashes passwords for a minute: part of the long form.
if (process.env.RACE_ROUNDS) {
  test('every other pair of calls, too', async () => {
    const pairs = pairsOf(unsafeRoutes()).filter((pair) => pair.some(({ url }) => !OF_GOODS.test(url)))
    // A customer of its own for each: sessions end and passwords change.
    const flaws = await findFlaws(pairs, (_, pair) => world.newCustomer(`customer${pair}`))
    expect(flaws).toEqual([])
  }, 900_000)
}

function flawOf(answer: Answer, [one, other]: [ServedRoute, ServedRoute], route: ServedRoute): string[] {
  if (answer.status === 200) return []
  const flaw = flawInRefusal(answer, 'shop')
  return flaw ? [`${nameOf(one)} with ${nameOf(other)}: ${nameOf(route)}: ${flaw}: ${answer.text}`] : []
}

const nameOf = ({ method, url }: ServedRoute) => `${method} ${url}`
