import {
  type CustomerId,
  newId,
  type OrderId,
  type PaymentAttemptId,
  type ProductId,
  type RefundId,
} from '../../server/src/kernel/ids.ts'
import type { OrderStatus } from '../../server/src/orders/index.ts'
import { newTransferTitle } from '../../server/src/payments/transfer/title.ts'
import type { Db } from '../../server/src/store/database.ts'

// Orders as their tables have them, for tests of what the database makes of them; who tests buying buys.

/** Switches off the rules that an order holds its pieces and was paid by money somebody heard of: those made here do not. */
export async function allowBareOrders(db: Db): Promise<void> {
  for (const [table, rule] of RULES_OF_WHOLE_ORDERS) {
    await db.query({ text: `alter table ${table} disable trigger ${rule}` })
  }
}

const RULES_OF_WHOLE_ORDERS = [
  ['orders', 'orders_are_whole'],
  ['orders', 'orders_have_their_money'],
  ['payment_attempts', 'payment_attempts_captured_was_heard_of'],
  ['payment_attempts', 'payment_attempts_pay_their_order'],
] as const

export interface StoredCustomer {
  readonly id: CustomerId
  readonly email: string
}

export async function storeCustomer(db: Db, name: string, email = `${name}@example.com`): Promise<StoredCustomer> {
  const id = newId<CustomerId>()
  await db.query({
    text: `insert into customers (id, username, email, username_key, email_key, password_hash, first_name)
           values ($1, $2, $3, $2, $3, '!', $4)`,
    values: [id, name, email, 'Anna'],
  })
  return { id, email }
}

/** Of two tents at 449.00 and a lamp at 59.90, in the status `new`. */
export async function storeOrder(db: Db, customerId: CustomerId, lines = LINES): Promise<OrderId> {
  const id = newId<OrderId>()
  const sum = lines.reduce((total, { quantity, priceMinor }) => total + quantity * priceMinor, 0)
  await db.query({
    text: `insert into orders (id, customer_id, sum_minor, currency, delivery) values ($1, $2, $3, 'PLN', '{"city": "Gdańsk"}')`,
    values: [id, customerId, sum],
  })
  for (const { name, quantity, priceMinor } of lines) {
    const product = newId<ProductId>()
    await db.query({
      text: `insert into products (id, sku, name, price_minor, currency, product_type, status)
             values ($1, $4, $2, $3, 'PLN', 'things', 'regular')`,
      values: [product, name, priceMinor, product],
    })
    await db.query({
      text: `insert into order_lines (id, order_id, product_id, name, unit_price_minor, quantity) values ($1, $2, $3, $4, $5, $6)`,
      values: [newId(), id, product, name, priceMinor, quantity],
    })
  }
  return id
}

const LINES = [
  { name: 'Two-Person Dome Tent', quantity: 2, priceMinor: 44_900 },
  { name: 'Lamp', quantity: 1, priceMinor: 5_990 },
]

/** Changes the status and nothing else; what is paid has its money. */
export async function moveOrder(db: Db, id: OrderId, status: OrderStatus): Promise<void> {
  if (status === 'paid') {
    await db.query({
      text: `insert into payment_attempts (id, order_id, method, gateway, status, amount_minor, captured_minor, currency)
             select $1, id, 'card', 'test', 'paid', sum_minor, sum_minor, currency from orders where id = $2
                and not exists (select from payment_attempts where order_id = $2 and status = 'paid')`,
      values: [newId<PaymentAttemptId>(), id],
    })
  }
  await db.query({
    text: `update orders set status = $2, paid_at = coalesce(paid_at, case when $2 = 'paid' then now() end),
                  canceled_at = case when $2 = 'canceled' then now() end where id = $1`,
    values: [id, status],
  })
}

/** Waiting to be paid by a transfer with this title. */
export async function storePayment(db: Db, orderId: OrderId, title = newTransferTitle()): Promise<PaymentAttemptId> {
  const id = newId<PaymentAttemptId>()
  await db.query({
    text: `insert into payment_attempts (id, order_id, method, gateway, amount_minor, currency)
           select $1, id, 'transfer', 'transfer', sum_minor, currency from orders where id = $2`,
    values: [id, orderId],
  })
  await db.query({
    text: `update payment_attempts set status = 'pending', transfer_title = $2 where id = $1`,
    values: [id, title],
  })
  return id
}

/** Of all that was captured for the order. */
export async function storeRefund(db: Db, orderId: OrderId, reason = 'order-canceled'): Promise<RefundId> {
  const id = newId<RefundId>()
  await db.query({
    text: `insert into refunds (id, attempt_id, amount_minor, reason)
           select $1, id, captured_minor, $3 from payment_attempts where order_id = $2 and captured_minor > 0`,
    values: [id, orderId, reason],
  })
  return id
}

export async function moveRefund(db: Db, id: RefundId, status: 'sent' | 'done' | 'failed'): Promise<void> {
  const text = `update refunds set status = $2, next_try_at = case when $2 = 'sent' then next_try_at end where id = $1`
  await db.query({ text, values: [id, status] })
}
