import { ORDER_MOVES, type OrderStatus } from '../server/src/orders/index.ts'
import { getEndpoint, switchOn } from '../server/src/webhooks/index.ts'
import { moneyDisagreementsOf } from '../test/money/agreement.ts'
import { findBreaches, rowsOf } from '../test/support/books.ts'
import { clearTheDesk } from './staff.ts'
import { doAllJobs, timeGoesBy } from './surroundings.ts'
import { ordersIn, type Standing, type World } from './world.ts'

/**
 * What the shop's books, those of PayU and the bank, and the memory of everybody in it do not agree on, in words; empty when
 * all is well. True after every step.
 */
export async function findViolations(world: World): Promise<string[]> {
  const found = [
    ...world.violations,
    ...(await findBreaches(world.db)),
    ...(await forgottenOrders(world)),
    ...(await wrongBuckets(world)),
    ...(await wrongGoods(world)),
    ...(await moneyFromNowhere(world)),
    ...(await wronglyTold(world)),
  ]
  world.staff.refunding.clear()
  return found
}

/** What was acknowledged is there, nothing else is, and each order has moved as it may. */
async function forgottenOrders(world: World): Promise<string[]> {
  const { db, before, clock, staff } = world
  const found: string[] = []
  const rows = await rowsOf<{ id: string; status: OrderStatus; sum: number; until: Date | null }>(
    db,
    `select id, status, sum_minor as sum, (select min(expires_at) from reservations r where r.order_id = o.id) as until
       from orders o`,
  )
  const inBooks = new Map(rows.map((row) => [row.id, row]))
  const known = new Map(ordersIn(world).map((it) => [it.id, it]))
  for (const [id, order] of known) {
    const row = inBooks.get(id)
    if (!row) found.push(`order ${id} was acknowledged and is not there`)
    else if (row.sum !== order.sumMinor)
      found.push(`order ${id} was acknowledged with ${order.sumMinor} and is ${row.sum}`)
    else if (order.isCanceled && row.status !== 'canceled')
      found.push(`order ${id} was acknowledged as canceled and is ${row.status}`)
    else if (order.isPaid && !['paid', 'canceled'].includes(row.status))
      found.push(`order ${id} was acknowledged as paid and is ${row.status}`)
  }
  for (const { id, status } of rows) {
    const order = known.get(id)
    if (!order) found.push(`order ${id} is nobody's: no shopper was told of it`)
    const was = before.get(id)
    if (!was || was.status === status) continue
    if (!canReach(was.status as OrderStatus, status)) found.push(`order ${id} went from ${was.status} to ${status}`)
    const isOver = was.heldUntil !== null && was.heldUntil <= clock.now
    if (status === 'canceled' && !order?.isCancelAsked && !isOver && !staff.refunding.has(id))
      found.push(`order ${id} was canceled by nobody, before its time was over`)
  }
  world.before = new Map(rows.map(({ id, status, until }): [string, Standing] => [id, { status, heldUntil: until }]))
  return found
}

/** In one move, or in several that a step has room for. */
function canReach(from: OrderStatus, to: OrderStatus): boolean {
  return ORDER_MOVES[from].some((next) => next === to || canReachUnpaid(next, to))
}
const canReachUnpaid = (from: OrderStatus, to: OrderStatus) => from === 'to_pay' && ORDER_MOVES[from].includes(to)

async function wrongBuckets({ db, shoppers }: World): Promise<string[]> {
  const rows = await rowsOf<{ customer_id: string; product_id: string; quantity: number }>(
    db,
    'select customer_id, product_id, quantity from bucket_lines',
  )
  return shoppers.flatMap(({ name, customerId, bucket }) => {
    const lines = rows.filter((row) => row.customer_id === customerId)
    const isSame = lines.length === bucket.size && lines.every((row) => bucket.get(row.product_id) === row.quantity)
    return isSame
      ? []
      : [`the bucket of ${name} holds ${lines.length} lines, which are not the ${bucket.size} that were put in`]
  })
}

/** Nobody but staff changes how many pieces there are and what they cost. */
async function wrongGoods({ db, shelf }: World): Promise<string[]> {
  const rows = await rowsOf<{ product_id: string; name: string; on_hand: number; price: number }>(
    db,
    `select s.product_id, w.name, s.on_hand, p.price_minor as price from stock s
       join warehouses w on w.id = s.warehouse_id join products p on p.id = s.product_id`,
  )
  return rows.flatMap(({ product_id, name, on_hand, price }) => {
    const { sku, onHand, priceMinor } = shelf.get(product_id)
    const isSame = onHand.get(name) === on_hand && priceMinor === price
    return isSame
      ? []
      : [`${on_hand} of ${sku} in ${name} at ${price}, staff brought ${onHand.get(name)} at ${priceMinor}`]
  })
}

interface Captured extends Record<string, unknown> {
  readonly id: string
  readonly order_id: string
  readonly method: string
  readonly status: string
  readonly asked: number
  readonly captured: number
  readonly booked: number
}

/** Money is believed in only if PayU has it, the bank's statement has it, or staff have said so. */
async function moneyFromNowhere({ db, payu, staff }: World): Promise<string[]> {
  const rows = await rowsOf<Captured>(
    db,
    `select a.id, a.order_id, a.method, a.status, a.amount_minor as asked, a.captured_minor as captured,
            (select coalesce(sum(b.amount_minor), 0) from bank_lines b where b.attempt_id = a.id and b.outcome = 'booked') as booked
       from payment_attempts a where a.captured_minor > 0`,
  )
  const atPayu = new Map(payu.orders().map((it) => [it.request.extOrderId, it]))
  return rows.flatMap(({ id, order_id: orderId, method, status, asked, captured, booked }) => {
    const found: string[] = []
    const theirs = atPayu.get(id)
    // PayU may have said one grosz too much, rightly signed.
    const isTheirs = theirs?.status === 'COMPLETED' && captured - theirs.capturedMinor <= 1
    const isTheBanks = booked === captured || (staff.confirmed.has(orderId) && captured === asked)
    if (method === 'transfer' ? !isTheBanks : !isTheirs)
      found.push(
        `order ${orderId}: ${captured} by ${method} from nowhere, PayU says ${theirs?.status}, the bank ${booked}`,
      )
    if (status === 'paid' && captured !== asked && !staff.accepted.has(id))
      found.push(`order ${orderId}: ${captured} were taken for ${asked}, and nobody has accepted that`)
    return found
  })
}

/** Mails and webhooks tell of what has happened, and of nothing twice. */
async function wronglyTold({ db, hooks }: World): Promise<string[]> {
  const found: string[] = []
  const twice = await rowsOf<{ kind: string; order_id: string; position: number }>(
    db,
    'select kind, order_id, position from remembered.mails group by kind, order_id, position having count(*) > 1',
  )
  for (const it of twice)
    found.push(`mail ${it.kind} about event ${it.position} of order ${it.order_id} was written twice`)
  const events = await rowsOf<{ order_id: string; position: number; kind: string }>(
    db,
    'select order_id, position, kind from order_events',
  )
  const happened = new Map(events.map((it) => [`msg_${it.order_id}_${it.position}`, it.kind]))
  const last = new Map<string, number>()
  for (const { headers, body } of hooks.received) {
    const id = String(headers['webhook-id'])
    const [, order = '', at] = id.split('_')
    const position = Number(at)
    if (happened.get(id) !== body.type)
      found.push(`webhook ${id} tells of ${body.type}, what happened is ${happened.get(id)}`)
    if (position < (last.get(order) ?? 0)) found.push(`webhook ${id} came after the one of position ${last.get(order)}`)
    last.set(order, position)
  }
  return found
}

const QUIET_ROUNDS = 6
const ROUND_SECONDS = 7_200

/**
 * Nobody does anything any more, nothing goes wrong, and all that is under way comes to its end.
 *
 * @returns what then is not right, in words
 */
export async function closeOfBusiness(world: World): Promise<string[]> {
  const { db, payu, hooks, staff } = world
  payu.faults.clear()
  hooks.manners = () => 204
  const wasOff = await switchEndpointOn(world)
  for (let round = 0; round < QUIET_ROUNDS; round++) {
    await payu.settle()
    await payu.deliverNow()
    await doAllJobs(world)
    await timeGoesBy(world, ROUND_SECONDS)
  }
  await clearTheDesk(world)
  // A day for what was put off for hours, and then all that came of it is told.
  await timeGoesBy(world, 86_400)
  for (let round = 0; round < 3; round++) {
    await doAllJobs(world)
    await payu.settle()
    await timeGoesBy(world, ROUND_SECONDS)
  }
  const found = await findViolations(world)
  for (const { id, sumMinor } of ordersIn(world)) {
    const about = await moneyDisagreementsOf(
      { db, simulator: payu },
      id as never,
      sumMinor,
      undefined,
      staff.sentByHand,
    )
    found.push(...about.map((it) => `order ${id}: ${it}`))
  }
  return [...found, ...(await untold(world, wasOff))]
}

/**
 * One that took nothing for days has been switched off, and a person switches it on.
 *
 * @returns whether it was off
 */
async function switchEndpointOn({ db, hooks }: World): Promise<boolean> {
  const { off } = await getEndpoint(db, hooks.url)
  if (off) await switchOn(db, hooks.url)
  return off !== null
}

/**
 * Each event was handed out, told to the endpoint or given up, and written about where it is worth a letter. What happened
 * while the endpoint was off is not told by itself.
 */
async function untold({ db, hooks }: World, wasOff: boolean): Promise<string[]> {
  const found: string[] = []
  const events = await rowsOf<{
    id: string
    kind: string
    is_waiting: boolean
    is_given_up: boolean
    is_queued: boolean
    mails: number
    method: string | null
  }>(
    db,
    `select format('msg_%s_%s', e.order_id, e.position) as id, e.kind, e.about ->> 'method' as method,
            exists (select from order_events_waiting w where w.order_id = e.order_id and w.position = e.position) as is_waiting,
            exists (select from remembered.deliveries d where d.order_id = e.order_id and d.position = e.position) as is_queued,
            exists (select from remembered.given_up g where g.order_id = e.order_id and g.position = e.position) as is_given_up,
            (select count(*) from remembered.mails m where m.order_id = e.order_id and m.position = e.position) as mails
       from order_events e`,
  )
  const told = new Set(hooks.received.map(({ headers }) => headers['webhook-id']))
  for (const {
    id,
    kind,
    method,
    is_waiting: isWaiting,
    is_given_up: isGivenUp,
    is_queued: isQueued,
    mails,
  } of events) {
    if (isWaiting) found.push(`event ${id} (${kind}) was not handed out`)
    const mayBeUntold = isGivenUp || (wasOff && !isQueued)
    if (!told.has(id) && !mayBeUntold) found.push(`event ${id} (${kind}) was not told to the endpoint`)
    const isWorthALetter = LETTERS.has(kind) || (kind === 'payment.pending' && method === 'transfer')
    // Of a refund that was sent and done at once, one letter tells.
    if (mails !== (isWorthALetter ? 1 : 0) && kind !== 'refund.sent')
      found.push(`event ${id} (${kind}) made ${mails} mails`)
  }
  const waiting = await rowsOf<{ what: string }>(
    db,
    `select 'mail ' || kind as what from mails where state = 'waiting'
      union all select 'webhook ' || kind from webhook_deliveries where state = 'waiting'
      union all select 'message of ' || gateway from gateway_messages where next_try_at is not null`,
  )
  return [...found, ...waiting.map(({ what }) => `${what} still waits`)]
}

const LETTERS = new Set(['order.placed', 'order.paid', 'order.canceled', 'refund.done'])
