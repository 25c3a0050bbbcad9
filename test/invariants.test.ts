import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PaymentAttemptId } from '../server/src/kernel/ids.ts'
import { confirmTransfer, expireUnpaid, recordNews } from '../server/src/payments/index.ts'
import { brokenConstraint } from '../server/src/store/database.ts'
import { findBreaches, rowsOf } from './support/books.ts'
import { ShopClient, signUp } from './support/shop-client.ts'
import { type ShopServer, startShopServer, stockShop } from './support/shop-server.ts'

// Each rule of docs/invariants.md, and a careless person with psql who tries to break it.

const page = readFileSync(new URL('../docs/invariants.md', import.meta.url), 'utf8')
/** Named in the second column of the tables; functions are marked with (). */
const written = new Set(
  [...page.matchAll(/^\|[^|]+\|([^|]+)\|$/gm)].flatMap(([, keepers = '']) =>
    [...keepers.matchAll(/`([a-z0-9_]+)`/g)].map(([, name = '']) => name),
  ),
)

let server: ShopServer
let anna: ShopClient
let customer: string
let tent: string
let orders: Record<'new' | 'waiting' | 'paid' | 'canceled' | 'held', string>

beforeAll(async () => {
  server = await startShopServer()
  anna = new ShopClient(server.baseUrl)
  customer = (await signUp(anna, 'anna')).uuid
  await signUp(new ShopClient(server.baseUrl), 'jan')
  tent = (await stockShop(server.db, [{ sku: 'tent', price: '100.00', quantity: 1000 }])).tent as string
  orders = {
    new: await ordered(),
    waiting: await awaited(),
    paid: await awaited(),
    canceled: await awaited(),
    held: await awaited(),
  }
  for (const id of [orders.paid, orders.canceled]) await confirmTransfer(server.db, { of: id })
  expect((await anna.post(`/api/orders/${orders.canceled}/set_canceled`)).status).toBe(200)
  await hear(orders.held, 5_000)
})
afterAll(() => server.stop())

async function ordered(): Promise<string> {
  await anna.post('/api/bucket', { product: tent, quantity: 2 })
  return (await anna.post('/api/orders', {})).body.order_uuid
}

async function awaited(): Promise<string> {
  const id = await ordered()
  await anna.put(`/api/orders/${id}/payment`, { method: 'transfer' })
  return id
}

async function hear(order: string, amountMinor: number): Promise<void> {
  const [attempt] = await rowsOf<{ id: string }>(server.db, 'select id from payment_attempts where order_id = $1', [
    order,
  ])
  const attemptId = attempt?.id as PaymentAttemptId
  const news = { gateway: 'transfer', attemptId, event: 'line 1', told: 'paid', amountMinor, currency: 'PLN' } as const
  expect(await recordNews(server.db, news)).toBe('held')
}

describe('docs/invariants.md', () => {
  const catalogue = async (text: string) => (await rowsOf<{ name: string }>(server.db, text)).map(({ name }) => name)
  const SHOPS = `relnamespace = 'public'::regnamespace`
  const TRIGGERS = `select tgname as name from pg_trigger join pg_class c on c.oid = tgrelid where not tgisinternal and ${SHOPS}`
  const UNIQUE = `select i.relname as name from pg_index x join pg_class i on i.oid = indexrelid
                   where indisunique and not indisprimary and ${SHOPS}`
  const CONSTRAINTS = `select conname as name from pg_constraint where connamespace = 'public'::regnamespace`

  test('names every trigger, unique index and check over several columns', async () => {
    const wide = `${CONSTRAINTS} and (contype in ('u', 'x') or (contype = 'c' and array_length(conkey, 1) > 1))`
    const there = await catalogue(`${TRIGGERS} union ${UNIQUE} union ${wide}`)
    expect(there.filter((name) => !written.has(name))).toEqual([])
  })

  test('names nothing that is not there', async () => {
    const there = new Set(await catalogue(`${TRIGGERS} union ${UNIQUE} union ${CONSTRAINTS}`))
    expect([...written].filter((name) => !there.has(name))).toEqual([])
  })

  test('has no rule that is not tried here', () => {
    const tried = new Set([...TRIES, ...KEEPERS].map(([rule]) => rule))
    expect([...written].filter((name) => !tried.has(name))).toEqual([])
  })
})

/** Written by whoever keeps a sum or a fact, and refuses nothing: shown by what it keeps. */
const KEEPERS: readonly (readonly [rule: string, shown: string])[] = [
  ['refunds_keep_refunded', 'findBreaches: refunded, and what its refunds say'],
  ['products_are_counted_when_added', 'server/src/catalogue/list-products.test.ts'],
  ['products_are_counted_when_changed', 'server/src/catalogue/list-products.test.ts'],
  ['products_are_counted_when_removed', 'server/src/catalogue/list-products.test.ts'],
  ['products_are_another_version', 'server/src/catalogue/list-products.test.ts'],
  ['customers_email_is_verified_anew', 'test/journeys/account-life.test.ts'],
  ['customers_blocked_have_no_session', 'server/src/identity/blocking/block-customer.test.ts'],
  ['sessions_are_for_the_admitted', 'server/src/identity/blocking/block-customer.test.ts'],
  ['orders_note_placed', 'findBreaches: what has happened, and how things stand'],
  ['orders_note_moved', 'findBreaches: what has happened, and how things stand'],
  ['payment_attempts_note_made', 'server/src/events/order-events.test.ts'],
  ['payment_attempts_note_moved', 'server/src/events/order-events.test.ts'],
  ['refunds_note_made', 'server/src/events/order-events.test.ts'],
  ['refunds_note_moved', 'server/src/events/order-events.test.ts'],
]

const LINES = `order_lines (id, order_id, product_id, name, unit_price_minor, quantity)`
const ATTEMPT = `insert into payment_attempts (id, order_id, method, gateway, amount_minor, currency`
const BANK_LINE = `insert into bank_lines (fingerprint, account, booked_on, kind, amount_minor, currency, title, payer_name,
  payer_account, bank_reference, end_to_end_id, outcome, reason, note, booked_as, attempt_id)
  select sha256(gen_random_uuid()::text::bytea), '', now(), 'credit'`
const ENDPOINT = `insert into webhook_endpoints (id, url) values (:fresh, 'https://a.example')`
const MAIL = `insert into mails (id, kind, recipient, subject, sealed_body, mailbox) values (:fresh, 'test', 'a@example.com', 'Hello', 'x', 'a@example.com')`
const ATTEMPT_OF = 'select id from payment_attempts where order_id = '

/** A rule, and statements, run in one transaction, of which one breaks it. `:paid` is the id of the order that is paid. */
const TRIES: readonly (readonly [rule: string, ...statements: string[]])[] = [
  // messages
  ['order_events_are_never_changed', `update order_events set kind = 'order.other'`],
  ['order_events_are_never_changed', 'delete from order_events'],
  ['mails_in_a_thread_have_their_place', MAIL, 'update mails set thread = :fresh'],
  [
    'webhook_endpoints_url_key',
    `insert into webhook_endpoints (id, url) values (:fresh, 'https://a.example'), (gen_random_uuid(), 'https://a.example')`,
  ],
  [
    'webhook_secrets_one_newest',
    ENDPOINT,
    `insert into webhook_secrets (endpoint_id, secret) values (:fresh, sha256('a')), (:fresh, sha256('b'))`,
  ],
  [
    'webhook_deliveries_check',
    ENDPOINT,
    `insert into webhook_deliveries (endpoint_id, order_id, position, kind, state) values (:fresh, :paid, 1, 'order.placed', 'delivered')`,
  ],

  // identity
  ['customers_texts_are_not_too_long', `update customers set city = repeat('x', 10000)`],
  ['customers_texts_are_one_line', `update customers set city = E'two\\nlines'`],

  // goods
  ['stock_is_never_sold_twice', 'update stock set on_hand = 1'],
  [
    'stock_reserved_begins_at_nothing',
    `insert into warehouses (id, name) values (:fresh, 'north')`,
    `insert into stock (product_id, warehouse_id, on_hand, reserved) select id, :fresh, 9, 1 from products`,
  ],
  ['stock_reserved_is_counted', 'update stock set reserved = 0'],
  ['product_counts_are_counted', 'update product_counts set published = 0'],
  ['product_counts_are_counted', 'delete from product_counts'],
  ['product_counts_are_counted', `insert into product_counts values ('nothing', 1)`],
  ['product_counts_are_not_emptied', 'truncate product_counts'],
  ['stock_is_not_emptied', 'truncate stock cascade'],
  ['reservations_are_not_emptied', 'truncate reservations'],
  [
    'reservations_order_id_product_id_fkey',
    `insert into reservations select :fresh, product_id, warehouse_id, 1, now() from stock`,
  ],
  ['reservations_product_id_warehouse_id_fkey', `update reservations set warehouse_id = :fresh where order_id = :new`],
  [
    'reservations_keep_reserved',
    `delete from reservations where order_id = :new`,
    `insert into reservations (order_id, product_id, warehouse_id, quantity) select :new, product_id, warehouse_id, 2 from stock`,
  ],
  ['reservations_have_a_deadline_or_none', `update reservations set expires_at = now() where order_id = :paid`],
  ['reservations_have_a_deadline_or_none', `update reservations set expires_at = null where order_id = :new`],
  ['reservations_leave_orders_whole', `delete from reservations where order_id = :paid`],
  ['reservations_leave_orders_whole', `update reservations set quantity = 1 where order_id = :waiting`],
  ['returned_is_never_above_ordered', `update order_lines set returned_quantity = 3 where order_id = :paid`],
  [
    'products_sku_key',
    `insert into products (id, sku, name, price_minor, currency, product_type, status)
     select :fresh, sku, name, 1, 'PLN', 'things', 'new' from products`,
  ],
  ['warehouses_name_key', `insert into warehouses (id, name) select :fresh, name from warehouses`],
  [
    'bucket_lines_customer_id_product_id_key',
    `insert into bucket_lines (id, customer_id, product_id, quantity)
     select gen_random_uuid(), :anna, products.id, 1 from products, generate_series(1, 2)`,
  ],
  // orders
  [
    'orders_are_whole',
    `update orders set status = 'error' where id = :paid`,
    `update reservations set expires_at = now() where order_id = :paid`,
  ],
  ['orders_are_whole', `update orders set status = 'canceled', canceled_at = now() where id = :new`],
  [
    'orders_are_whole',
    `insert into orders (id, customer_id, sum_minor, currency) values (:fresh, :anna, 5, 'PLN')`,
    `insert into ${LINES} select :fresh, :fresh, id, '', 4, 1 from products`,
    `insert into reservations select :fresh, product_id, warehouse_id, 1, now() + interval '1 hour' from stock`,
    `update orders set status = 'to_pay' where id = :fresh`,
  ],
  ['order_lines_leave_orders_whole', `update order_lines set returned_quantity = 1 where order_id = :paid`],
  ['order_lines_leave_orders_whole', `update order_lines set returned_quantity = 1 where order_id = :waiting`],
  ['orders_stay_as_agreed', `update orders set sum_minor = 1 where id = :new`],
  ['orders_stay_as_agreed', `update orders set currency = 'EUR' where id = :new`],
  [
    'orders_stay_as_agreed',
    `update orders set customer_id = (select id from customers where username = 'jan') where id = :new`,
  ],
  ['order_lines_stay_as_agreed', `update order_lines set unit_price_minor = 1 where order_id = :new`],
  ['order_lines_stay_as_agreed', `update order_lines set quantity = 1 where order_id = :new`],
  ['order_lines_stay_as_agreed', `update order_lines set name = 'Something else' where order_id = :new`],
  ['order_lines_order_id_product_id_key', `insert into ${LINES} select :fresh, :new, id, name, 1, 1 from products`],
  ['orders_are_kept', `delete from orders where id = :new`],
  ['orders_are_kept', `truncate orders cascade`],
  ['order_lines_are_kept', `delete from order_lines where order_id = :new`],
  ['orders_check', `update orders set paid_at = null where id = :paid`],
  ['orders_check1', `update orders set canceled_at = null where id = :canceled`],
  [
    'order_paid_has_its_money',
    `update orders set status = 'paid', paid_at = now() where id = :waiting`,
    `update reservations set expires_at = null where order_id = :waiting`,
  ],
  // money
  ['payment_attempts_ask_for_their_order', `${ATTEMPT}) values (:fresh, :new, 'card', 'x', 1, 'PLN')`],
  ['payment_attempts_ask_for_their_order', `${ATTEMPT}) values (:fresh, :new, 'card', 'x', 20000, 'EUR')`],
  ['payment_attempts_stay_as_asked', `update payment_attempts set amount_minor = 1 where order_id = :waiting`],
  ['payment_attempts_stay_as_asked', `update payment_attempts set currency = 'EUR' where order_id = :waiting`],
  ['payment_attempts_stay_as_asked', `update payment_attempts set order_id = :new where order_id = :waiting`],
  ['one_live_attempt_an_order', `${ATTEMPT}) values (:fresh, :waiting, 'card', 'x', 20000, 'PLN')`],
  [
    'one_paid_attempt_an_order',
    `${ATTEMPT}, status, captured_minor) values (:fresh, :paid, 'card', 'x', 20000, 'PLN', 'paid', 20000)`,
  ],
  [
    'paid_is_the_sum_asked_for',
    `update payment_attempts set status = 'paid', captured_minor = 1 where order_id = :waiting`,
  ],
  ['captured_when_money_came', `update payment_attempts set captured_minor = 20000 where order_id = :waiting`],
  [
    'payment_attempts_captured_was_heard_of',
    `update payment_attempts set status = 'held', captured_minor = 1 where order_id = :waiting`,
  ],
  [
    'payment_attempts_money_stays',
    `update payment_attempts set captured_minor = 0, status = 'canceled' where order_id = :paid`,
  ],
  ['payment_attempts_money_stays', `update payment_attempts set captured_minor = 4000 where order_id = :held`],
  [
    'payment_attempts_pay_their_order',
    `update payment_attempts set status = 'paid', amount_minor = 5000 where order_id = :held`,
  ],
  [
    'orders_have_their_money',
    `delete from reservations where order_id = :paid`,
    `update orders set status = 'canceled', canceled_at = now() where id = :paid`,
  ],
  [
    'orders_have_their_money',
    `update reservations set expires_at = now() where order_id = :paid`,
    `update orders set status = 'to_pay' where id = :paid`,
  ],
  ['surplus_goes_back', `update payment_attempts set status = 'surplus' where order_id = :held`],
  [
    'refunded_is_never_above_captured',
    `insert into refunds (id, attempt_id, amount_minor, reason) select :fresh, (${ATTEMPT_OF} :paid), 20001, 'by-staff'`,
  ],
  [
    'payment_attempts_refunded_begins_at_nothing',
    `${ATTEMPT}, status, captured_minor, refunded_minor) values (:fresh, :new, 'card', 'x', 20000, 'PLN', 'held', 9, 9)`,
  ],
  ['payment_attempts_refunded_is_counted', `update payment_attempts set refunded_minor = 1 where order_id = :paid`],
  ['refunds_stay_as_made', `update refunds set amount_minor = 1`],
  [
    'refunds_stay_as_made',
    `update refunds set status = 'done', next_try_at = null`,
    `update refunds set status = 'failed'`,
  ],
  ['only_failed_refunds_are_retried', `update refunds set retried_as = id`],
  ['refunds_at_their_end_are_left_alone', `update refunds set status = 'done', next_try_at = now()`],
  [
    'refunds_by_reference',
    `update refunds set reference = 'R1'`,
    `insert into refunds (id, attempt_id, amount_minor, reason, reference, status, next_try_at)
     select :fresh, attempt_id, 1, 'by-staff', 'R1', 'failed', null from refunds`,
  ],
  ['payment_attempts_are_kept', `delete from payment_attempts where order_id = :waiting`],
  ['refunds_are_kept', `delete from refunds`],
  ['payment_attempts_transfer_title_key', `update payment_attempts set transfer_title = 'TP1'`],
  [
    'bank_lines_fingerprint_key',
    `${BANK_LINE}, 1, 'PLN', '', '', '', '', '', 'settled', null, 'x', null, null`,
    `insert into bank_lines (fingerprint, account, booked_on, kind, amount_minor, currency, title, payer_name, payer_account,
       bank_reference, end_to_end_id, outcome, note)
     select fingerprint, account, booked_on, kind, 2, currency, '', '', '', '', '', 'settled', 'y' from bank_lines`,
  ],
  [
    'bank_lines_booked_are_captured',
    `${BANK_LINE}, 1, 'PLN', '', '', '', '', '', 'booked', null, null, 'order-paid', (${ATTEMPT_OF} :paid)`,
  ],
  [
    'bank_lines_are_booked_in_their_currency',
    `${BANK_LINE}, 20000, 'EUR', '', '', '', '', '', 'booked', null, null, 'order-paid', (${ATTEMPT_OF} :paid)`,
  ],
  [
    'bank_lines_stay_as_booked',
    `${BANK_LINE}, 20000, 'PLN', '', '', '', '', '', 'booked', null, null, 'order-paid', (${ATTEMPT_OF} :paid)`,
    `update bank_lines set outcome = 'settled', note = 'x', booked_as = null`,
  ],
  [
    'bank_lines_stay_as_booked',
    `${BANK_LINE}, 1, 'PLN', '', '', '', '', '', 'settled', null, 'x', null, null`,
    `update bank_lines set amount_minor = 2`,
  ],
  ['bank_lines_are_kept', `delete from bank_lines`],
  [
    'bank_lines_booked_are_credits_of_an_attempt',
    `${BANK_LINE}, 1, 'PLN', '', '', '', '', '', 'booked', null, null, 'x', null`,
  ],
  ['bank_lines_booked_as', `${BANK_LINE}, 1, 'PLN', '', '', '', '', '', 'settled', null, 'x', 'x', null`],
  [
    'bank_lines_wait_for_a_reason',
    `${BANK_LINE}, 1, 'PLN', '', '', '', '', '', 'needs-a-person', null, null, null, null`,
  ],
  ['bank_lines_settled_with_a_note', `${BANK_LINE}, 1, 'PLN', '', '', '', '', '', 'settled', null, null, null, null`],
  // identity
  ['customers_username_key_key', `update customers set username_key = 'same'`],
  ['customers_email_key_key', `update customers set email_key = 'same@example.com'`],
  [
    'customers_username_is_nobody_elses_email',
    `update customers set username_key = 'jan@example.com' where username = 'anna'`,
  ],
  ['customers_recovery_email_key_key', `update customers set recovery_email = 'x', recovery_email_key = 'x'`],
  [
    'customers_email_is_nobodys_recovery_email',
    `update customers set recovery_email = 'x', recovery_email_key = 'x' where username = 'anna'`,
    `update customers set email_key = 'x' where username = 'jan'`,
  ],
  ['customers_recovery_email_is_whole', `update customers set recovery_email = 'x'`],
  [
    'customers_recovery_email_is_another',
    `update customers set recovery_email = email, recovery_email_key = email_key`,
  ],
  ['sessions_token_hash_key', `update sessions set token_hash = sha256('')`],
  ['sessions_check', `update sessions set live_until = expires_at + interval '1 second'`],
  [
    'account_tokens_pkey',
    `delete from account_tokens`,
    `insert into account_tokens select :anna, 'reset-password', sha256(i::text::bytea), '', now() from generate_series(1, 2) i`,
  ],
  [
    'account_tokens_token_hash_key',
    `delete from account_tokens`,
    `insert into account_tokens select id, 'reset-password', sha256(''), '', now() from customers`,
  ],
  ['customers_avatar', `update customers set avatar = 'avatars/' || repeat('0', 32) || '.webp'`],
  // messages
  ['payment_events_pkey', `insert into payment_events select * from payment_events`],
  ['payment_events_stay_as_told', `update payment_events set outcome = 'known'`],
  ['payment_events_stay_as_told', `update payment_events set told = '{}'`],
  ['payment_events_are_kept', `delete from payment_events`],
  [
    'gateway_messages_gateway_content_hash_key',
    `insert into gateway_messages (id, gateway, content_hash, body, next_try_at)
     select gen_random_uuid(), 'x', sha256(''), '', now() from generate_series(1, 2)`,
  ],
  [
    'gateway_messages_wait_or_are_handled',
    `insert into gateway_messages (id, gateway, content_hash, body, handled_at)
     values (:fresh, 'x', sha256(''), '', now())`,
  ],
  [
    'mails_body_is_wiped_at_the_end',
    `insert into mails (id, kind, recipient, subject, mailbox) values (:fresh, '', '', '', '')`,
  ],
  [
    'idempotency_keys_pkey',
    `insert into idempotency_keys select :anna, 'k', sha256(''), 200, '' from generate_series(1, 2)`,
  ],
]

/** What an error names in the place of the trigger that found it. */
const NAMED: Readonly<Record<string, string>> = {
  bank_lines_booked_are_captured: 'booked_is_captured',
  customers_email_is_nobodys_recovery_email: 'customers_email_key_key',
}

test.each(TRIES)('%s', async (rule, ...statements) => {
  const ids: Readonly<Record<string, string>> = { ...orders, anna: customer, fresh: randomUUID() }
  const filled = statements.map((text) => text.replace(/(?<!:):([a-z]+)/g, (_, name: string) => `'${ids[name]}'::uuid`))
  const before = await rowsOf(server.db, 'select * from orders order by id')
  const broken = await server.db
    .transaction(async (tx) => {
      for (const text of filled) await tx.query({ text })
    })
    .then(
      () => 'nothing',
      (error) => brokenConstraint(error) ?? String(error),
    )
  expect(broken).toBe(NAMED[rule] ?? rule)
  expect(await rowsOf(server.db, 'select * from orders order by id')).toEqual(before)
})

test('none of which has left a trace in the books', async () => expect(await findBreaches(server.db)).toEqual([]))

test('an order that was tampered with while it was new can still be let go, in whole, and holds up nobody', async () => {
  const id = await ordered()
  await stockShop(server.db, [{ sku: 'stove', price: '1.00', quantity: 5 }])
  await rowsOf(
    server.db,
    `insert into ${LINES} select gen_random_uuid(), $1, id, '', 1, 5 from products where sku = 'stove'`,
    [id],
  )
  await rowsOf(
    server.db,
    `insert into reservations select $1, product_id, warehouse_id, 5, now() + interval '1 hour'
       from stock join products on products.id = product_id where sku = 'stove'`,
    [id],
  )
  expect((await anna.put(`/api/orders/${id}/payment`, { method: 'transfer' })).status).toBe(500)
  // One of its two deadlines has passed.
  await rowsOf(
    server.db,
    `update reservations set expires_at = now() - interval '1 second' where order_id = $1 and product_id = $2`,
    [id, tent],
  )
  await expireUnpaid(server.db, server.gateways)
  expect((await anna.get(`/api/orders/${id}`)).body.status).toBe('canceled')
  expect(await rowsOf(server.db, 'select from reservations where order_id = $1', [id])).toEqual([])
})
