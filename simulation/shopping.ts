import { fromDecimal, toDecimal } from '../server/src/kernel/money.ts'
import { rowsOf } from '../test/support/books.ts'
import type { Random } from './chance.ts'
import { piecesToBuy } from './shelf.ts'
import type { Heard, KnownOrder, Shopper } from './shopper.ts'
import { UNPAID_ORDERS_MAX, type World } from './world.ts'

/** What a shopper does, and what becomes of it in a few words. */
export type Shopping = (world: World, shopper: Shopper, random: Random) => Promise<string>

export const SHOPPING: Readonly<Record<string, { weight: number; does: Shopping }>> = {
  'adds to the bucket': { weight: 14, does: addToBucket },
  'changes a quantity': { weight: 4, does: changeQuantity },
  'removes a line': { weight: 1, does: removeLine },
  'empties the bucket': { weight: 1, does: emptyBucket },
  'looks into the bucket': { weight: 3, does: lookIntoBucket },
  orders: { weight: 18, does: order },
  'chooses how to pay': { weight: 22, does: choosePayment },
  'says it is paid': { weight: 8, does: confirmPayment },
  'sends a transfer': { weight: 8, does: sendTransfer },
  cancels: { weight: 4, does: cancel },
  'looks at orders': { weight: 4, does: lookAtOrders },
}

async function addToBucket(world: World, shopper: Shopper, random: Random): Promise<string> {
  const product = random.oneOf(world.shelf.products)
  const quantity = random.next() < 0.9 ? random.between(1, 3) : random.between(4, 30)
  const wasIn = shopper.bucket.has(product.id)
  const pieces = await piecesToBuy(world.db, product)
  const foretold = wasIn ? '409/1041' : pieces <= 0 ? '409/1042' : pieces < quantity ? '409/1043' : 'ok'
  const json = { product: product.id, quantity }
  const heard = await shopper.ask(world, random, { method: 'POST', path: '/api/bucket', json })
  // The first try may have been heard, and this is the second.
  judge(world, shopper, 'add', heard, foretold, ['409/1041', '409/1042', '409/1043'])
  const isIn = heard.outcome === 'ok' || (heard.outcome === '409/1041' && !wasIn && !heard.isSure)
  if (isIn) shopper.bucket.set(product.id, quantity)
  if (heard.outcome === 'ok') expectPrice(world, 'price in bucket', heard.body.value, product.priceMinor / 100)
  return `${quantity} × ${product.sku}: ${heard.outcome}`
}

/** The lines as the shop tells them, which have to be those that are remembered. */
async function linesOf(world: World, shopper: Shopper, random: Random) {
  const { body } = await shopper.ask(world, random, { method: 'GET', path: '/api/bucket' })
  const lines: { bucket_uuid: string; product: string; quantity: number; value: string }[] = body.results
  const isSame =
    lines.length === shopper.bucket.size &&
    lines.every(({ product, quantity }) => shopper.bucket.get(product) === quantity)
  if (!isSame)
    world.violations.push(
      `${shopper.name} has ${print(world, shopper.bucket)} in the bucket, and is told ${JSON.stringify(lines)}`,
    )
  for (const { product, value } of lines) {
    expectPrice(world, 'price in bucket', value, toDecimal(world.shelf.get(product).priceMinor))
  }
  return lines
}

async function lookIntoBucket(world: World, shopper: Shopper, random: Random): Promise<string> {
  return `${(await linesOf(world, shopper, random)).length} lines`
}

async function aLine(world: World, shopper: Shopper, random: Random) {
  const lines = await linesOf(world, shopper, random)
  // Ids are other ones in every run, products are on the shelf in an order.
  const ids = world.shelf.products.map(({ id }) => id)
  lines.sort((one, other) => ids.indexOf(one.product) - ids.indexOf(other.product))
  return lines.length === 0 ? undefined : random.oneOf(lines)
}

async function changeQuantity(world: World, shopper: Shopper, random: Random): Promise<string> {
  const line = await aLine(world, shopper, random)
  if (!line) return 'nothing in it'
  const quantity = random.between(0, 5)
  const product = world.shelf.get(line.product)
  const pieces = await piecesToBuy(world.db, product)
  const foretold = quantity > 0 && pieces < quantity ? '409/1043' : 'ok'
  const path = `/api/bucket/${line.bucket_uuid}`
  const heard = await shopper.ask(world, random, { method: 'PUT', path, json: { quantity } })
  judge(world, shopper, 'change', heard, foretold, quantity === 0 ? ['404/undefined'] : ['409/1043'])
  if (quantity === 0) shopper.bucket.delete(line.product)
  else if (heard.outcome === 'ok') shopper.bucket.set(line.product, quantity)
  return `${quantity} × ${product.sku}: ${heard.outcome}`
}

async function removeLine(world: World, shopper: Shopper, random: Random): Promise<string> {
  const line = await aLine(world, shopper, random)
  if (!line) return 'nothing in it'
  const heard = await shopper.ask(world, random, { method: 'DELETE', path: `/api/bucket/${line.bucket_uuid}` })
  judge(world, shopper, 'remove', heard, 'ok', ['404/undefined'])
  shopper.bucket.delete(line.product)
  return heard.outcome
}

async function emptyBucket(world: World, shopper: Shopper, random: Random): Promise<string> {
  const heard = await shopper.ask(world, random, { method: 'DELETE', path: '/api/bucket' })
  judge(world, shopper, 'empty', heard, 'ok', [])
  shopper.bucket.clear()
  return heard.outcome
}

async function order(world: World, shopper: Shopper, random: Random): Promise<string> {
  if (shopper.bucket.size === 0 && random.next() < 0.8) await addToBucket(world, shopper, random)
  const sumMinor = [...shopper.bucket].reduce((sum, [id, pieces]) => sum + world.shelf.get(id).priceMinor * pieces, 0)
  const expectedMinor = sumMinor + (random.next() < 0.1 ? 1 : 0)
  const json = {
    ...(random.next() < 0.3 && { payment: random.oneOf(['card', 'payu', 'transfer']) }),
    ...(random.next() < 0.4 && { expected_sum: toDecimal(expectedMinor) }),
  }
  const key = random.next() < 0.6 ? `wish-${random.between(1, 2 ** 31)}` : undefined
  const foretold = await foretellOrder(world, shopper, 'expected_sum' in json && expectedMinor !== sumMinor)
  const isTwice = key !== undefined && random.next() < 0.3
  const request = { method: 'POST', path: '/api/orders', json, key, isCalm: isTwice } as const
  const twin = isTwice ? shopper.ask(world, random.fork(), request) : undefined
  const heard = await shopper.ask(world, random, request)
  if (twin && (await twin).body.order_uuid !== heard.body.order_uuid)
    world.violations.push(`${shopper.name}: one key has two answers: ${heard.outcome}, ${(await twin).outcome}`)
  // With a key it is the first answer, however often it was asked for.
  const refusals = ['409/1083', '409/1043', '409/1009']
  judge(world, shopper, 'order', key ? { ...heard, isSure: true } : heard, foretold, refusals)

  const found =
    heard.outcome === 'ok'
      ? heard.body.order_uuid
      : heard.isSure || key
        ? undefined
        : await unknownOrderOf(world, shopper)
  if (!found) return heard.outcome
  if (heard.outcome === 'ok') expectPrice(world, 'sum of the order', heard.body.sum, toDecimal(sumMinor))
  // What the lines say later has to add up to what was told.
  const isTold = world.terms.atOnce > 1 && heard.outcome === 'ok'
  const agreedMinor = isTold ? (fromDecimal(heard.body.sum) ?? Number.NaN) : sumMinor
  const lines = new Map(shopper.bucket)
  shopper.orders.push({
    id: found,
    sumMinor: agreedMinor,
    lines,
    isCancelAsked: false,
    isCanceled: false,
    isPaid: false,
  })
  shopper.bucket.clear()
  return `${print(world, lines)}: ${heard.outcome}${heard.isSure ? '' : ', at last'}`
}

async function foretellOrder(world: World, shopper: Shopper, isOtherSum: boolean): Promise<string> {
  if (shopper.bucket.size === 0) return '409/1083'
  const [row] = await rowsOf<{ unpaid: number }>(
    world.db,
    `select count(*) as unpaid from orders o where customer_id = $1 and status in ('new', 'to_pay')
        and exists (select from reservations r where r.order_id = o.id and r.expires_at > now())`,
    [shopper.customerId],
  )
  if ((row?.unpaid ?? 0) >= UNPAID_ORDERS_MAX) return '409/1009'
  for (const [id, wanted] of shopper.bucket) {
    if ((await piecesToBuy(world.db, world.shelf.get(id))) < wanted) return '409/1043'
  }
  return isOtherSum ? '409/1004' : 'ok'
}

/** An order that was made though its answer was lost. */
async function unknownOrderOf({ db }: World, { customerId, orders }: Shopper): Promise<string | undefined> {
  const known = orders.map(({ id }) => id)
  const rows = await rowsOf<{ id: string }>(db, 'select id from orders where customer_id = $1 and id <> all ($2)', [
    customerId,
    known,
  ])
  return rows[0]?.id
}

/** A new one rather than an old one, and one in such a status rather than another, as the orders stood before this step. */
export function anOrder(
  { before }: World,
  orders: readonly KnownOrder[],
  random: Random,
  statuses: readonly string[] = ['new', 'to_pay', 'paid'],
): KnownOrder | undefined {
  const isAny = random.next() < 0.1
  const back = random.next() < 0.6 ? 0 : random.between(0, 4)
  const some = isAny ? orders : orders.filter(({ id }) => statuses.includes(before.get(id)?.status ?? 'new'))
  return some.at(-1 - Math.min(back, some.length - 1))
}

async function standingOf({ db }: World, id: string): Promise<{ status: string; is_lapsed: boolean }> {
  const [row] = await rowsOf<{ status: string; is_lapsed: boolean }>(
    db,
    `select status, exists (select from reservations r where r.order_id = o.id and r.expires_at <= now()) as is_lapsed
       from orders o where id = $1`,
    [id],
  )
  return row ?? { status: 'gone', is_lapsed: false }
}

async function choosePayment(world: World, shopper: Shopper, random: Random): Promise<string> {
  let known = anOrder(world, shopper.orders, random, ['new', 'to_pay'])
  if (!known && random.next() < 0.8) {
    await order(world, shopper, random)
    known = shopper.orders.at(-1)
  }
  const method = random.oneOf(['card', 'card', 'payu', 'payu', 'transfer'])
  const code =
    method === 'payu' && random.next() < 0.3 ? random.oneOf(['777123', '500500', '700701', '123456']) : undefined
  const key = random.next() < 0.2 ? `way-${random.between(1, 2 ** 31)}` : undefined
  if (!known) return 'no order'
  const { status, is_lapsed: isLapsed } = await standingOf(world, known.id)
  const isOpen = (status === 'new' || status === 'to_pay') && !isLapsed
  const json = { method, ...(code && { blik_code: code }) }
  const heard = await shopper.ask(world, random, { method: 'PUT', path: `/api/orders/${known.id}/payment`, json, key })
  // PayU may refuse, or be away, and the money may be faster than a second try.
  const mayBe = ['503/1007', '409/1008', '409/1003']
  if (!isOpen) judge(world, shopper, 'choose', heard, '409/1003', [])
  else if (heard.outcome !== 'ok' && !mayBe.includes(heard.outcome)) judge(world, shopper, 'choose', heard, 'ok', mayBe)
  if (heard.outcome === 'ok' && heard.body.transfer && heard.body.status === 'pending') {
    const { title, amount } = heard.body.transfer
    expectEqual(world, 'sum of the transfer', amount, toDecimal(known.sumMinor))
    known.transfer = { title, amount }
  }
  return `${method}${code ? ' by a code' : ''}: ${heard.outcome}`
}

async function confirmPayment(world: World, shopper: Shopper, random: Random): Promise<string> {
  const known = anOrder(world, shopper.orders, random, ['to_pay', 'paid'])
  if (!known) return 'no order'
  const attempts = await rowsOf(world.db, 'select id from payment_attempts where order_id = $1', [known.id])
  const path = `/api/orders/${known.id}/payment/confirm`
  const heard = await shopper.ask(world, random, { method: 'POST', path })
  if (attempts.length === 0) judge(world, shopper, 'confirm', heard, '409/1006', [])
  else if (heard.outcome !== '503/1007') judge(world, shopper, 'confirm', heard, 'ok', [])
  if (heard.body?.status === 'paid') known.isPaid = true
  return heard.outcome === 'ok' ? heard.body.status : heard.outcome
}

/** At their bank: what comes of it, the statement tells. Now and then with another sum, another title, or twice. */
async function sendTransfer(world: World, shopper: Shopper, random: Random): Promise<string> {
  const titled = shopper.orders.filter((it) => it.transfer)
  const known = anOrder(world, titled, random, ['to_pay'])
  const slip = random.next()
  if (!known?.transfer) return 'none to send'
  const { title, amount } = known.transfer
  const sent =
    slip < 0.75 ? amount : toDecimal(Math.max(1, (fromDecimal(amount) ?? 0) + random.oneOf([-1, 1, 100, -5_000])))
  const written =
    slip < 0.85 ? title : slip < 0.95 ? `order ${title.slice(0, 6)} ${title.slice(6)}, ${shopper.name}` : 'for the tent'
  for (let times = slip < 0.06 ? 2 : 1; times > 0; times--) {
    const reference = `S${world.bank.transfers.length + 1}`
    world.bank.transfers.push({ amount: sent, title: written, reference, from: shopper.name })
  }
  return `${sent} of ${amount}`
}

async function cancel(world: World, shopper: Shopper, random: Random): Promise<string> {
  const known = anOrder(world, shopper.orders, random)
  if (!known) return 'no order'
  const { status } = await standingOf(world, known.id)
  known.isCancelAsked = true
  const foretold = ['new', 'to_pay', 'paid', 'error'].includes(status) ? 'ok' : '409/1003'
  const path = `/api/orders/${known.id}/set_canceled`
  const heard = await shopper.ask(world, random, { method: 'POST', path })
  judge(world, shopper, 'cancel', heard, foretold, ['409/1003'])
  if (heard.outcome === 'ok') known.isCanceled = true
  else known.isCancelAsked = known.isCanceled || !heard.isSure
  return heard.outcome
}

async function lookAtOrders(world: World, shopper: Shopper, random: Random): Promise<string> {
  const { body: page } = await shopper.ask(world, random, { method: 'GET', path: '/api/orders?page_size=100' })
  expectEqual(world, `orders of ${shopper.name}`, page.count, shopper.orders.length)
  const told = new Set(page.results.map((it: { order_uuid: string }) => it.order_uuid))
  const missing = shopper.orders.slice(-100).filter(({ id }) => !told.has(id))
  for (const { id } of missing) world.violations.push(`${shopper.name} is not told of order ${id}`)
  const known = anOrder(world, shopper.orders, random)
  if (!known) return 'none'
  const { body } = await shopper.ask(world, random, { method: 'GET', path: `/api/orders/${known.id}` })
  expectEqual(world, `sum of order ${known.id}`, body.sum, toDecimal(known.sumMinor))
  const lines = new Map<string, number>(
    body.products.map((it: { product: string; quantity: number }) => [it.product, it.quantity]),
  )
  expectEqual(world, `lines of order ${known.id}`, print(world, lines), print(world, known.lines))
  const dearMinor = body.products.reduce(
    (sum: number, it: { value: string; quantity: number }) => sum + (fromDecimal(it.value) ?? Number.NaN) * it.quantity,
    0,
  )
  expectEqual(world, `prices of order ${known.id}`, dearMinor, known.sumMinor)
  if (world.terms.atOnce === 1)
    expectEqual(world, `status of order ${known.id}`, body.status, (await standingOf(world, known.id)).status)
  return body.status
}

/** What was answered has to be what was foretold; of a second try it may be what the first one left. */
function judge(
  { terms, violations }: World,
  { name }: Shopper,
  what: string,
  heard: Heard,
  foretold: string,
  after: readonly string[],
) {
  if (heard.outcome === foretold) return
  const mayDiffer = !heard.isSure || terms.atOnce > 1
  if (mayDiffer && (heard.outcome === 'ok' || after.includes(heard.outcome))) return
  violations.push(`${name}: ${what} was ${heard.outcome}, not ${foretold}${heard.isSure ? '' : ', asked again'}`)
}

/** A price that is changed by a step of the same time may be told as it was or as it is. */
function expectPrice(world: World, what: string, told: unknown, right: unknown): void {
  if (world.terms.atOnce === 1) expectEqual(world, what, told, right)
}

function expectEqual({ violations }: World, what: string, told: unknown, right: unknown): void {
  if (told !== right) violations.push(`${what}: told ${told}, right is ${right}`)
}

/** Such as `1 × lamp, 2 × tent`, with the names that are the same in every run. */
const print = ({ shelf }: World, pieces: ReadonlyMap<string, number>) =>
  [...pieces]
    .map(([id, quantity]) => `${quantity} × ${shelf.get(id).sku}`)
    .sort()
    .join(', ')
