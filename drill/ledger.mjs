// What the shop has promised its customers, as they remember it, and whether it is kept.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from '../scripts/setup/root.mjs'

const BREACHES = readFileSync(path.join(ROOT, 'test/support/breaches.sql'), 'utf8')
const PAID = ['paid', 'sent', 'delivered', 'returned']

export class Ledger {
  /** @type {Map<string, { sum: string, shopper: string, isPaid: boolean, isCanceled: boolean, isPaidAtPayu: boolean, title?: string, amount?: string }>} */
  orders = new Map()
  /** @type {string[]} what no shop may do */
  violations = []
  counts = { requests: 0, broken: 0, refused: 0, failed: 0, replays: 0 }
  slowestMs = 0

  violation(/** @type {string} */ text) {
    if (this.violations.includes(text)) return // every audit finds it again
    this.violations.push(text)
    console.error(`VIOLATION: ${text}`)
  }

  count(/** @type {(order: any) => boolean} */ of) {
    return [...this.orders.values()].filter(of).length
  }
}

/**
 * Holds the database to what was promised. True at every moment, whatever is under way.
 *
 * @param {Ledger} ledger
 * @param {(text: string, values?: unknown[]) => Promise<any[]>} ask
 */
export async function audit(ledger, ask) {
  // Before the database is asked: what is promised from here on, the next audit looks for.
  const promised = [...ledger.orders].map(([id, order]) => [id, { ...order }])
  const rows = await ask('select id, status, sum_minor::text as sum from orders')
  const found = new Map(rows.map((row) => [row.id, row]))
  for (const [id, order] of promised) {
    const row = found.get(id)
    if (!row) ledger.violation(`order ${id} was acknowledged and is not there`)
    else if (Number(row.sum) !== Math.round(Number(order.sum) * 100))
      ledger.violation(`order ${id} was acknowledged with ${order.sum} and is ${row.sum}`)
    else if (order.isCanceled && row.status !== 'canceled')
      ledger.violation(`order ${id} was acknowledged as canceled and is ${row.status}`)
    else if (order.isPaid && !PAID.includes(row.status) && row.status !== 'canceled')
      ledger.violation(`order ${id} was acknowledged as paid and is ${row.status}`)
  }
  for (const { breach } of await ask(BREACHES)) ledger.violation(breach)
  const oversold = await ask(
    `select p.sku, s.on_hand, sum(l.quantity) as sold
       from products p join stock s on s.product_id = p.id
       join order_lines l on l.product_id = p.id join orders o on o.id = l.order_id and o.status <> 'canceled'
      group by p.sku, s.on_hand having sum(l.quantity) > s.on_hand`,
  )
  for (const { sku, on_hand, sold } of oversold) ledger.violation(`${sku}: ${sold} sold, ${on_hand} on hand`)
}

/**
 * When everybody has gone home: no order that nobody knows of, and PayU's books and the shop's agree.
 *
 * @param {Ledger} ledger
 * @param {(text: string, values?: unknown[]) => Promise<any[]>} ask
 * @param {any[]} payuOrders
 */
export async function auditAtTheEnd(ledger, ask, payuOrders) {
  await audit(ledger, ask)
  for (const { id } of await ask('select id from orders')) {
    if (!ledger.orders.has(id)) ledger.violation(`order ${id} is nobody's: no client was told of it`)
  }
  for (const { id, status } of await ask('select id, status from orders')) {
    const order = ledger.orders.get(id)
    if (order && status === 'canceled' && !order.isCanceled) ledger.violation(`order ${id} was canceled by nobody`)
  }
  const attempts = new Map(
    (
      await ask(
        `select a.id, a.captured_minor::int as captured, a.status, o.status as order_status, o.id as order_id,
                (select coalesce(sum(r.amount_minor), 0)::int from refunds r where r.attempt_id = a.id and r.status = 'done') as refunded
           from payment_attempts a join orders o on o.id = a.order_id`,
      )
    ).map((row) => [row.id, row]),
  )
  for (const theirs of payuOrders) {
    const { orderId, status, capturedMinor, request, refunds } = theirs
    const ours = attempts.get(request.extOrderId)
    if (!ours) {
      ledger.violation(`PayU has ${orderId} of an attempt ${request.extOrderId} that is not there`)
      continue
    }
    const took = status === 'COMPLETED' ? capturedMinor : 0
    if (ours.captured !== took)
      ledger.violation(`PayU took ${took} for order ${ours.order_id}, the shop knows of ${ours.captured}`)
    const back = refunds
      .filter((/** @type {any} */ it) => it.status === 'FINALIZED')
      .reduce((/** @type {number} */ sum, /** @type {any} */ it) => sum + it.amountMinor, 0)
    if (back !== ours.refunded)
      ledger.violation(`PayU sent ${back} of order ${ours.order_id} back, the shop says ${ours.refunded}`)
    const isKept = took - back > 0
    if (isKept && !PAID.includes(ours.order_status))
      ledger.violation(`money of order ${ours.order_id} is kept though it is ${ours.order_status}`)
  }
  const twice = await ask(
    `select order_id, count(*) as times from payment_attempts
      where captured_minor > refunded_minor group by order_id having count(*) > 1`,
  )
  for (const { order_id, times } of twice) ledger.violation(`order ${order_id} was paid ${times} times`)
}
