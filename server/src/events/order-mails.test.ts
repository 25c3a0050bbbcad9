import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { rowsOf } from '../../../test/support/books.ts'
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts'
import {
  allowBareOrders,
  moveOrder,
  moveRefund,
  type StoredCustomer,
  storeCustomer,
  storeOrder,
  storePayment,
  storeRefund,
} from '../../../test/support/orders.ts'
import { newId, type OrderId } from '../kernel/ids.ts'
import { deliverMails, findMail, type MailId, makeMailSeal, type OutgoingMail } from '../mail/index.ts'
import type { Database } from '../store/database.ts'
import { handOutEvents, orderMails } from './index.ts'

const SEAL = makeMailSeal(['a-key-for-tests-and-for-nothing-else'])
const CONTEXT = {
  seal: SEAL,
  letterhead: { shopName: 'Tent & Trail', publicUrl: 'https://shop.example' },
  transferAccount: { iban: 'PL61109010140000071219812874', bic: '', name: 'Tent & Trail sp. z o.o.' },
}

let fresh: FreshDatabase
let db: Database
let anna: StoredCustomer
beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
  await allowBareOrders(db)
  anna = await storeCustomer(db, 'anna')
  await rowsOf(db, 'update customers set email_verified_at = now()')
})
afterEach(async () => {
  await rowsOf(db, 'delete from mails')
  await rowsOf(db, 'delete from order_events_waiting')
})
afterAll(() => fresh.drop())

interface Written {
  readonly kind: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** What is written about all that has happened, order by order; the day is always the same. */
async function mailsOf(context = CONTEXT): Promise<Written[]> {
  await handOutEvents(db, [orderMails(context)])
  const rows = await rowsOf<{ id: MailId; body: Buffer }>(
    db,
    'select id, sealed_body as body from mails order by thread, thread_position',
  )
  return await Promise.all(
    rows.map(async ({ id, body }) => {
      const { kind, to, subject } = (await findMail(db, SEAL, id)) as NonNullable<Awaited<ReturnType<typeof findMail>>>
      const { text, html = '' } = SEAL.open(id, body) ?? { text: '' }
      return { kind, to, subject: sameDay(subject), text: sameDay(text), html }
    }),
  )
}
const sameDay = (text: string) => text.replace(/\b\d{1,2} [A-Z][a-z]+ \d{4}\b/g, 'DAY')
const kindsOf = async () => (await mailsOf()).map(({ kind }) => kind)
test('a customer is written to when the order is placed, paid, canceled and refunded, once each', async () => {
  const id = await storeOrder(db, anna.id)
  await moveOrder(db, id, 'to_pay')
  await moveOrder(db, id, 'paid')
  await moveOrder(db, id, 'canceled')
  await moveRefund(db, await storeRefund(db, id), 'done')
  expect(await kindsOf()).toEqual(['order-placed', 'order-paid', 'order-canceled', 'refund-done'])
  expect(await kindsOf()).toHaveLength(4)
})

test('the letter about a placed order says what was bought', async () => {
  const id = await storeOrder(db, anna.id)
  expect(await mailsOf()).toMatchObject([
    {
      kind: 'order-placed',
      to: 'anna@example.com',
      subject: 'Tent & Trail: we have your order of DAY',
      text: `Hello,

We have it, and keep it for you until it is paid or the time for that is over.

2 × Two-Person Dome Tent: 898.00 PLN
1 × Lamp: 59.90 PLN
Total: 957.90 PLN

Tent & Trail
Order ${id}
`,
    },
  ])
})

test('an order that waits for a transfer is told where to and by which title', async () => {
  const id = await storeOrder(db, anna.id)
  await storePayment(db, id, 'TP00000001F')
  const [, mail] = await mailsOf()
  expect(mail).toMatchObject({ kind: 'transfer-details', subject: 'Tent & Trail: how to pay for your order of DAY' })
  expect(mail?.text).toContain(`
Recipient: Tent & Trail sp. z o.o.
IBAN:      PL61 1090 1014 0000 0712 1981 2874
Title:     TP00000001F
Amount:    957.90 PLN
`)
  expect(mail?.html).toContain('>TP00000001F</td>')
})

test.each([
  ['order-canceled', 'Your order of DAY was paid when it was canceled.'],
  ['late-money', 'Your payment for the order of DAY came after that was canceled.'],
  ['paid-twice', 'Your order of DAY had been paid already when another payment came.'],
])('a refund says why and how much: %s', async (reason, why) => {
  const id = await storeOrder(db, anna.id)
  await moveOrder(db, id, 'paid')
  await moveRefund(db, await storeRefund(db, id, reason), 'done')
  const mail = (await mailsOf()).at(-1)
  expect(mail?.text).toBe(`Hello,

${why} The money goes back the way it came; banks may take some days to show it.

Amount: 957.90 PLN

Tent & Trail
Order ${id}
`)
})

test('a refund under way is told of, unless it has come to its end meanwhile', async () => {
  const [slow, quick] = [await storeOrder(db, anna.id), await storeOrder(db, anna.id)]
  for (const id of [slow, quick]) await moveOrder(db, id, 'paid')
  const refunds = [await storeRefund(db, slow), await storeRefund(db, quick)] as const
  for (const refund of refunds) await moveRefund(db, refund, 'sent')
  await moveRefund(db, refunds[1], 'done')
  const mails = (await mailsOf()).filter(({ kind }) => kind.startsWith('refund'))
  expect(mails.map(({ kind, subject }) => [kind, subject])).toEqual([
    ['refund-sent', 'Tent & Trail: your refund is on its way'],
    ['refund-done', 'Tent & Trail: we have sent your money back'],
  ])
})

test('a canceled order says whether money goes back', async () => {
  const [paid, unpaid] = [await storeOrder(db, anna.id), await storeOrder(db, anna.id)]
  await moveOrder(db, paid, 'paid')
  for (const id of [paid, unpaid]) await moveOrder(db, id, 'canceled')
  const texts = (await mailsOf()).filter(({ kind }) => kind === 'order-canceled').map(({ text }) => text.split('\n')[2])
  expect(texts).toEqual([
    'Nothing of it will be sent. What you have paid goes back to you. We write again when it is on its way.',
    'Nothing of it will be sent. There is nothing to pay any more. If you have sent money already, it goes back to you.',
  ])
})

test.each(['jan@localhost', 'nobody', 'jan@example.com, all@example.com'])(
  'to %j nothing is written',
  async (email) => {
    const jan = await storeCustomer(db, `jan${newId()}`, email)
    await storeOrder(db, jan.id)
    expect(await kindsOf()).toEqual([])
    expect(await rowsOf(db, 'select from order_events_waiting')).toEqual([])
  },
)

test('without an account there is no letter about a transfer', async () => {
  await storePayment(db, await storeOrder(db, anna.id))
  const mails = await mailsOf({ ...CONTEXT, transferAccount: undefined as never })
  expect(mails.map(({ kind }) => kind)).toEqual(['order-placed'])
})

describe('what is in a letter', () => {
  test('is no markup, however a product is called', async () => {
    await storeOrder(db, anna.id, [{ name: '<b>"Lamp" & Co\n\u001b[2J', quantity: 1, priceMinor: 100 }])
    const [mail] = await mailsOf()
    expect(mail?.html).toContain('1 × &lt;b&gt;&quot;Lamp&quot; &amp; Co [2J</td>')
    expect(mail?.text).toContain('\n1 × <b>"Lamp" & Co [2J: 1.00 PLN\n')
  })

  test('is nothing that a customer wrote', async () => {
    await rowsOf(db, `update customers set first_name = 'http://evil', last_name = 'http://evil' where id = $1`, [
      anna.id,
    ])
    const id = await storeOrder(db, anna.id)
    await rowsOf(db, `update orders set delivery = '{"name": "http://evil", "note": "http://evil"}' where id = $1`, [
      id,
    ])
    await storePayment(db, id)
    await moveOrder(db, id, 'paid')
    await moveOrder(db, id, 'canceled')
    await moveRefund(db, await storeRefund(db, id), 'done')
    const mails = await mailsOf()
    expect(mails).toHaveLength(5)
    for (const { text, html } of mails) expect(text + html).not.toContain('evil')
  })
})

test('an address nobody has confirmed hears five times an hour of what costs nothing, and always of money', async () => {
  const eve = await storeCustomer(db, 'eve')
  const ids: OrderId[] = []
  for (let i = 0; i < 8; i++) ids.push(await storeOrder(db, eve.id))
  for (const id of ids.slice(1)) await moveOrder(db, id, 'canceled')
  await moveOrder(db, ids[0] as OrderId, 'paid')
  const kinds = await kindsOf()
  const counted = ['order-placed', 'order-canceled', 'order-paid'].map(
    (kind) => kinds.filter((it) => it === kind).length,
  )
  expect(counted).toEqual([5, 5, 1])
  expect(await rowsOf(db, 'select from order_events_waiting')).toEqual([])
})

test("an order's mails leave one after the other: the later ones wait while an earlier one is not taken", async () => {
  const [first, second] = [await storeOrder(db, anna.id), await storeOrder(db, anna.id)]
  for (const id of [first, second]) await moveOrder(db, id, 'canceled')
  await handOutEvents(db, [orderMails(CONTEXT)])
  const threads = new Map((await rowsOf(db, 'select id, thread from mails')).map(({ id, thread }) => [id, thread]))
  const sent: string[] = []
  let isGreylisted = true
  const sender = {
    async send({ id, kind }: OutgoingMail) {
      if (isGreylisted && threads.get(id) === first) throw new Error('451 later')
      sent.push(`${threads.get(id) === first ? 'first' : 'second'} ${kind}`)
    },
  }
  await deliverMails(db, { sender, seal: SEAL })
  expect(sent).toEqual(['second order-placed', 'second order-canceled'])
  isGreylisted = false
  await deliverMails(db, { sender, seal: SEAL })
  expect(sent).toHaveLength(2)
  await rowsOf(db, 'update mails set next_try_at = now()')
  await deliverMails(db, { sender, seal: SEAL })
  expect(sent.slice(2)).toEqual(['first order-placed', 'first order-canceled'])
})
