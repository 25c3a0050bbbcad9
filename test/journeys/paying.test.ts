import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBreaches, rowsOf } from '../support/books.ts'
import {
  CHALLENGED_CARD,
  DECLINED_CARD,
  GOOD_CARD,
  type PayingShop,
  PayPage,
  startPayingShop,
} from '../support/paying.ts'
import { type Answer, ShopClient } from '../support/shop-client.ts'

// From the order to its payment on PayU's page and by a code typed in the shop, as buyers do it.

let shop: PayingShop
beforeAll(async () => {
  shop = await startPayingShop()
})
afterAll(async () => {
  expect(await findBreaches(shop.server.db)).toEqual([])
  await shop.stop()
})

const settle = () => shop.server.simulator.settle()
const titleIn = ({ text }: Answer) => /<h1>(.*?)<\/h1>/.exec(text)?.[1]
const PAID = { status: 'paid', payment_status: 'paid' }
const WAITING = { status: 'to_pay', payment_status: 'pending', date_paid: null }
/** An order, and the page its buyer is sent to. */
async function begun(method: string): Promise<{ id: string; page: PayPage }> {
  const id = await shop.placed()
  return { id, page: new PayPage((await shop.choose(id, method)).body.redirect_uri) }
}

test('the shop says what it takes: what is configured, and what PayU offers', async () => {
  const { results } = (await shop.anna.get('/api/payment-methods')).body
  expect(results).toEqual([
    { method: 'card', name: 'Card', description: expect.any(String), takes_blik_code: false },
    { method: 'payu', name: 'PayU', description: expect.any(String), takes_blik_code: true },
    { method: 'transfer', name: 'Bank transfer', description: expect.any(String), takes_blik_code: false },
  ])
})

describe.each([
  ['card', GOOD_CARD],
  ['payu', { method: 'm' }],
  ['payu', { method: 'blik', code: '777123' }],
])('paying with %s and %o', (method, typed) => {
  test('the buyer pays on the page, and comes back to an order that is paid', async () => {
    const id = await shop.placed()
    const chosen = await shop.choose(id, method)
    expect(chosen.body).toEqual({
      order_uuid: id,
      method,
      status: 'pending',
      redirect_uri: expect.stringMatching(
        new RegExp(`^${shop.server.baseUrl}/payu-simulator/pay/\\?orderId=\\w+&token=[\\w-]{32}$`),
      ),
    })
    expect(await shop.seen(id)).toMatchObject(WAITING)
    expect((await shop.confirm(id)).body.status).toBe('pending')

    const page = new PayPage(chosen.body.redirect_uri)
    expect((await page.look()).text).toContain('898.00 PLN')
    const back = await page.pay(typed)
    expect(back).toBe(`${shop.server.baseUrl}/payments/return/${id}`)
    expect(titleIn(await shop.anna.get(new URL(back).pathname))).toBe('Paid')

    expect((await shop.confirm(id)).body).toEqual({ order_uuid: id, method, status: 'paid' })
    const order = await shop.seen(id)
    expect(order).toMatchObject({ ...PAID, payment: method, sum: '898.00' })
    expect(Date.parse(order.date_paid)).toBeGreaterThanOrEqual(Date.parse(order.date_created))
  })

  test('the notification alone pays the order, and comes home over loopback', async () => {
    const { id, page } = await begun(method)
    await page.pay(typed)
    expect(await shop.seen(id)).toMatchObject(WAITING)
    await settle()
    expect(await shop.seen(id)).toMatchObject(PAID)
    const { notifications, request } = shop.payuOrder(id)
    expect(request.notifyUrl).toBe(`${shop.server.baseUrl}/payu/300746/notify`)
    expect(notifications.map(({ status, state }) => `${status} ${state}`)).toEqual([
      'PENDING accepted',
      'COMPLETED accepted',
    ])
  })
})

describe('on the page', () => {
  test('a card that is declined, and then another one', async () => {
    const { id, page } = await begun('card')
    const refused = await page.press('pay', DECLINED_CARD)
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('The payment was refused.')])
    await settle()
    expect(await shop.seen(id)).toMatchObject(WAITING)
    await page.pay(GOOD_CARD)
    await settle()
    expect(await shop.seen(id)).toMatchObject(PAID)
    expect(shop.payuOrders(id)).toHaveLength(1)
  })

  test('3-D Secure: the bank asks, and the order is paid when the buyer has confirmed', async () => {
    const { id, page } = await begun('card')
    expect((await page.press('pay', CHALLENGED_CARD)).text).toContain('Your bank asks')
    expect((await shop.confirm(id)).body.status).toBe('pending')
    expect((await page.press('confirm')).status).toBe(303)
    expect((await shop.confirm(id)).body.status).toBe('paid')
  })

  test('3-D Secure refused leaves the order to be paid another way', async () => {
    const { id, page } = await begun('card')
    await page.press('pay', CHALLENGED_CARD)
    expect((await page.press('refuse')).status).toBe(400)
    await settle()
    expect(await shop.seen(id)).toMatchObject(WAITING)
  })

  test('a buyer who leaves without paying comes back to an order that still waits, and pays it later', async () => {
    const { id, page } = await begun('payu')
    const left = await page.press('abandon')
    const back = new URL(left.headers.location ?? '')
    expect(back.search).toBe('?error=501')
    expect(titleIn(await shop.anna.get(back.pathname + back.search))).toBe('Just a moment')
    expect(await shop.seen(id)).toMatchObject(WAITING)
    // The shop leads to the same page again.
    const again = new PayPage((await shop.choose(id, 'payu')).body.redirect_uri)
    await again.pay({ method: 'm' })
    expect((await shop.confirm(id)).body.status).toBe('paid')
    expect(shop.payuOrders(id)).toHaveLength(1)
  })

  test('a payment that was declined can be tried again, with a fresh attempt', async () => {
    const { id, page } = await begun('card')
    await page.press('decline')
    expect((await shop.confirm(id)).body).toEqual({ order_uuid: id, method: 'card', status: 'canceled' })
    expect(titleIn(await shop.anna.get(`/payments/return/${id}`))).toBe('Not paid')
    await new PayPage((await shop.choose(id, 'card')).body.redirect_uri).pay()
    expect((await shop.confirm(id)).body.status).toBe('paid')
    expect(shop.payuOrders(id).map(({ status }) => status)).toEqual(['CANCELED', 'COMPLETED'])
  })

  test('a buyer who is back before the bank has decided sees that it waits, and then that it is paid', async () => {
    const { id, page } = await begun('card')
    await page.press('pay', CHALLENGED_CARD)
    const path = `/payments/return/${id}`
    expect(titleIn(await shop.anna.get(path))).toBe('Just a moment')
    await page.press('confirm')
    expect(titleIn(await shop.anna.get(path))).toBe('Paid')
    expect(titleIn(await new ShopClient(shop.server.baseUrl).get(path))).toBe('Back from paying')
  })
})

describe('a BLIK code typed in the shop', () => {
  const byCode = (id: string, code: string) => shop.choose(id, 'payu', { blik_code: code })

  test('leads to no page: the buyer confirms in the bank’s app, and the order is paid', async () => {
    const id = await shop.placed()
    const chosen = await byCode(id, '777123')
    expect(chosen.body).toEqual({ order_uuid: id, method: 'payu', status: 'pending' })
    expect((await shop.confirm(id)).body.status).toBe('pending')
    await settle()
    expect(await shop.seen(id)).toMatchObject(PAID)
    expect(await rowsOf(shop.server.db, `select 1 from payment_attempts a where a::text like '%777123%'`)).toEqual([])
  })

  test.each([
    ['refused by the bank', '500500'],
    ['expired', '700701'],
    ['used already', '700703'],
  ])('that is %s comes to nothing, and another code pays', async (_what, code) => {
    const id = await shop.placed()
    expect((await byCode(id, code)).body.status).toBe('pending')
    await settle()
    expect(await shop.seen(id)).toMatchObject({ status: 'to_pay', payment_status: 'canceled' })
    expect((await byCode(id, '777123')).body.status).toBe('pending')
    await settle()
    expect(await shop.seen(id)).toMatchObject(PAID)
  })

  test('of another length, or with a card, is refused and nothing is begun', async () => {
    const id = await shop.placed()
    for (const code of ['77712', '7771234', '777 123', 'abcdef', '']) {
      const refused = await byCode(id, code)
      expect([refused.status, refused.body.details]).toEqual([400, { blik_code: ['A BLIK code has six digits.'] }])
    }
    const withCard = await shop.choose(id, 'card', { blik_code: '777123' })
    expect([withCard.status, withCard.body.details]).toEqual([400, { blik_code: ['"card" takes no BLIK code.'] }])
    expect(await shop.seen(id)).toMatchObject({ status: 'new', payment_status: null })
    expect(shop.payuOrders(id)).toEqual([])
  })

  test('a new code gives up the old one, at PayU too, and only one of the two pays', async () => {
    const id = await shop.placed()
    await byCode(id, '777111')
    await byCode(id, '777222')
    await settle()
    expect(await shop.seen(id)).toMatchObject(PAID)
    expect(shop.payuOrders(id).map(({ status }) => status)).toEqual(['CANCELED', 'COMPLETED'])
  })
})

describe('a POS that offers less', () => {
  test('without cards and BLIK: neither is offered, and choosing it is refused before anything is begun', async () => {
    const [pos] = shop.server.simulator.pointsOfSale
    const poor = await startPayingShop({
      simulator: { pointsOfSale: [{ ...(pos as NonNullable<typeof pos>), disabledMethods: ['c', 'blik'] }] },
    })
    try {
      const { results } = (await poor.anna.get('/api/payment-methods')).body
      expect(results.map(({ method, takes_blik_code: code }: Record<string, unknown>) => [method, code])).toEqual([
        ['payu', false],
        ['transfer', false],
      ])
      const id = await poor.placed()
      const byCard = await poor.choose(id, 'card')
      expect([byCard.status, byCard.body.details]).toEqual([400, { method: ['"card" is not a valid choice.'] }])
      const byCode = await poor.choose(id, 'payu', { blik_code: '777123' })
      expect([byCode.status, byCode.body.details]).toEqual([400, { blik_code: ['"payu" takes no BLIK code.'] }])
      expect(await poor.seen(id)).toMatchObject({ status: 'new', payment_status: null })
      expect(poor.server.simulator.orders()).toEqual([])
    } finally {
      await poor.stop()
    }
  })

  test('where all of PayU is down its methods stay offered as they were known, and choosing one is 503', async () => {
    const { simulator } = shop.server
    const down = simulator.faults.add({ kind: 'cut', on: 'any' })
    const id = await shop.placed()
    const refused = await shop.choose(id, 'card')
    expect([refused.status, refused.body.code]).toEqual([503, 1007])
    simulator.faults.remove(down)
    // The attempt was written down: the same choice goes on with it.
    const { body } = await shop.choose(id, 'card')
    await new PayPage(body.redirect_uri).pay()
    expect((await shop.confirm(id)).body.status).toBe('paid')
    expect(shop.payuOrders(id)).toHaveLength(1)
  })
})
