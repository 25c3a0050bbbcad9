import type { Fault } from 'payu-simulator'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { acceptHeld, expireUnpaid, listOpenMatters } from '../../server/src/payments/index.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { type PayingShop, PayPage, startPayingShop } from '../support/paying.ts'

// Everything that goes wrong between a shop and PayU, from the buyer's press on "Pay" to the order.

let shop: PayingShop
beforeAll(async () => {
  shop = await startPayingShop()
})
afterEach(() => shop.server.simulator.faults.clear())
afterAll(async () => {
  expect(await findBreaches(shop.server.db)).toEqual([])
  await shop.stop()
})

const fault = (wanted: Fault) => shop.server.simulator.faults.add(wanted)
const settle = () => shop.server.simulator.settle()
const PAID = { status: 'paid', payment_status: 'paid' }
const REFUNDED = { payment_status: 'refunded', refunds: [{ amount: '898.00', currency: 'PLN', status: 'done' }] }

async function begun(method = 'payu'): Promise<{ id: string; page: PayPage }> {
  const id = await shop.placed()
  return { id, page: new PayPage((await shop.choose(id, method)).body.redirect_uri) }
}
const pay = (page: PayPage) => page.pay({ method: 'm' })
const captured = (id: string) =>
  rowsOf(shop.server.db, 'select status, captured_minor from payment_attempts where order_id = $1 order by id', [id])
/** What PayU told of the order, and our answer. */
const answers = (id: string) =>
  shop
    .payuOrder(id)
    .notifications.flatMap(({ status, attempts }) => attempts.map((attempt) => `${status} ${attempt.httpStatus}`))

describe('notifications', () => {
  test('all of them are lost: PayU is asked, and the order is paid', async () => {
    fault({ kind: 'silence' })
    const { id, page } = await begun()
    await pay(page)
    await settle()
    expect(answers(id)).toEqual([])
    expect(await shop.seen(id)).toMatchObject({ status: 'to_pay', payment_status: 'pending' })
    await shop.hurry(id)
    await shop.eventually(id, PAID)
  })

  test('twice, thrice, all at once, in the wrong order and with a CANCELED behind: paid once', async () => {
    fault({ kind: 'parallel' })
    fault({ kind: 'duplicate', copies: 3 })
    fault({ kind: 'reorder' })
    fault({ kind: 'stray-canceled', status: 'COMPLETED' })
    const { id, page } = await begun()
    await pay(page)
    await settle()
    await settle()
    expect(new Set(answers(id))).toEqual(new Set(['PENDING 200', 'COMPLETED 200', 'CANCELED 200']))
    expect(await shop.seen(id)).toMatchObject(PAID)
    expect(await captured(id)).toEqual([{ status: 'paid', captured_minor: 89_800 }])
  })

  test('with a bad signature is answered with 400 and changes nothing; the repetition that is good pays', async () => {
    fault({ kind: 'bad-signature', status: 'COMPLETED', times: 1 })
    const { id, page } = await begun()
    await pay(page)
    await settle()
    expect(answers(id)).toEqual(['PENDING 200', 'COMPLETED 400'])
    expect(await shop.seen(id)).toMatchObject({ status: 'to_pay', payment_status: 'pending' })
    expect((await shop.confirm(id)).body.status).toBe('paid')
  })

  test('only an old CANCELED comes through: PayU is asked once more, and the order is paid', async () => {
    fault({ kind: 'silence', status: 'COMPLETED', times: 1 })
    fault({ kind: 'stray-canceled', status: 'COMPLETED', times: 1 })
    const { id, page } = await begun()
    await pay(page)
    await settle()
    expect(answers(id)).toEqual(['PENDING 200', 'CANCELED 200'])
    expect(await shop.seen(id)).toMatchObject({ status: 'to_pay', payment_status: 'canceled' })
    await shop.hurry(id)
    await shop.eventually(id, PAID)
    expect(await captured(id)).toEqual([{ status: 'paid', captured_minor: 89_800 }])
  })

  test('of another sum: the money is held and the order is not paid, until a person takes it for the price', async () => {
    fault({ kind: 'wrong-amount', status: 'COMPLETED', times: 1 })
    const { id, page } = await begun()
    await pay(page)
    await settle()
    expect(await shop.seen(id)).toMatchObject({ status: 'to_pay', payment_status: 'pending' })
    const [held] = (await listOpenMatters(shop.server.db)).held.filter(({ orderId }) => orderId === id)
    expect(held).toMatchObject({ amountMinor: 89_800, method: 'payu' })
    expect(held?.capturedMinor).not.toBe(89_800)
    await acceptHeld(shop.server.db, id as never)
    expect(await shop.seen(id)).toMatchObject(PAID)
  })
})

describe('the answer to a new order', () => {
  test('is lost: its page is unknown, so another order takes its place, and the first one is canceled at PayU', async () => {
    // Longer than the client tries.
    fault({ kind: 'cut', on: 'create', when: 'after', times: 1 })
    const id = await shop.placed()
    const { body } = await shop.choose(id, 'payu')
    expect(body.status).toBe('pending')
    expect(shop.payuOrders(id)).toHaveLength(2)
    await pay(new PayPage(body.redirect_uri))
    await settle()
    expect(await shop.seen(id)).toMatchObject(PAID)
    await shop.hurry(id)
    await expect
      .poll(async () => {
        await shop.eventually(id, PAID)
        return shop.payuOrders(id).map(({ status }) => status)
      })
      .toEqual(['CANCELED', 'COMPLETED'])
  })

  test('to one by BLIK code is lost: there is no page, so the order that PayU has is the payment', async () => {
    fault({ kind: 'cut', on: 'create', when: 'after', times: 1 })
    const id = await shop.placed()
    expect((await shop.choose(id, 'payu', { blik_code: '777123' })).body.status).toBe('pending')
    await settle()
    expect(await shop.seen(id)).toMatchObject(PAID)
    expect(shop.payuOrders(id)).toHaveLength(1)
  })

  test('never comes: the buyer hears 503, and the choice that is repeated goes on', async () => {
    fault({ kind: 'error', on: 'create', when: 'before', httpStatus: 500, times: 3 })
    const id = await shop.placed()
    const refused = await shop.choose(id, 'card')
    expect([refused.status, refused.body.code]).toEqual([503, 1007])
    await new PayPage((await shop.choose(id, 'card')).body.redirect_uri).pay()
    expect((await shop.confirm(id)).body.status).toBe('paid')
    expect(await captured(id)).toEqual([{ status: 'paid', captured_minor: 89_800 }])
  })
})

describe('money that nobody waits for any more goes back, and the customer sees it', () => {
  test('the order was canceled while PayU could not be told', async () => {
    const { id, page } = await begun()
    fault({ kind: 'error', on: 'any', when: 'before', httpStatus: 500 })
    await shop.anna.post(`/api/orders/${id}/set_canceled`)
    shop.server.simulator.faults.clear()
    await pay(page)
    await shop.eventually(id, { status: 'canceled', ...REFUNDED })
    expect(shop.payuOrder(id).refunds).toMatchObject([{ amountMinor: 89_800, status: 'FINALIZED' }])
  })

  test('the order was not paid in time, and its money came the moment after', async () => {
    const { id, page } = await begun()
    await shop.lapse(id)
    fault({ kind: 'error', on: 'any', when: 'before', httpStatus: 500 })
    await expireUnpaid(shop.server.db, shop.server.gateways)
    shop.server.simulator.faults.clear()
    expect(await shop.seen(id)).toMatchObject({ status: 'canceled', payment_status: 'expired' })
    await pay(page)
    await shop.eventually(id, { status: 'canceled', ...REFUNDED })
  })

  test('the order was paid on one page, and once more on an old one that was still open', async () => {
    const { id, page: old } = await begun('card')
    fault({ kind: 'error', on: 'cancel', when: 'before', httpStatus: 500, times: 1 })
    const page = new PayPage((await shop.choose(id, 'payu')).body.redirect_uri)
    await pay(page)
    await settle()
    await old.pay()
    await shop.eventually(id, { ...PAID, payment: 'payu', refunds: REFUNDED.refunds })
    expect(await captured(id)).toEqual([
      { status: 'surplus', captured_minor: 89_800 },
      { status: 'paid', captured_minor: 89_800 },
    ])
    expect(shop.payuOrders(id).map(({ refunds }) => refunds.map(({ status }) => status))).toEqual([['FINALIZED'], []])
  })

  test('an order that is canceled in time cannot be paid: its page says so', async () => {
    const { id, page } = await begun()
    await shop.anna.post(`/api/orders/${id}/set_canceled`)
    expect((await page.look()).text).toContain('Canceled: you have not been charged')
    await page.press('pay', { method: 'm' })
    await settle()
    expect(await shop.seen(id)).toMatchObject({ status: 'canceled', payment_status: 'canceled', refunds: [] })
  })
})

describe('where PayU only blocks the money and waits for the shop', () => {
  let careful: PayingShop
  beforeAll(async () => {
    const [pos] = shop.server.simulator.pointsOfSale
    const pointsOfSale = [{ ...(pos as NonNullable<typeof pos>), autoReceive: false }]
    careful = await startPayingShop({ simulator: { pointsOfSale } })
  })
  afterAll(async () => {
    expect(await findBreaches(careful.server.db)).toEqual([])
    await careful.stop()
  })

  async function blocked(): Promise<{ id: string; page: PayPage }> {
    const id = await careful.placed()
    const page = new PayPage((await careful.choose(id, 'card')).body.redirect_uri)
    return { id, page }
  }

  test('it is taken for an order that waits', async () => {
    const { id, page } = await blocked()
    await page.pay()
    expect(careful.payuOrder(id).status).toBe('WAITING_FOR_CONFIRMATION')
    await careful.eventually(id, PAID)
    expect(careful.payuOrder(id).status).toBe('COMPLETED')
  })

  test('it is taken as well when the buyer comes back first and the shop is asked', async () => {
    const { id, page } = await blocked()
    await page.pay()
    await careful.confirm(id)
    await careful.eventually(id, PAID)
  })

  test('it is let go of an order that was canceled meanwhile: nobody is charged', async () => {
    const { id, page } = await blocked()
    careful.server.simulator.faults.add({ kind: 'error', on: 'any', when: 'before', httpStatus: 500 })
    await careful.anna.post(`/api/orders/${id}/set_canceled`)
    careful.server.simulator.faults.clear()
    await page.pay()
    await expect
      .poll(async () => {
        await careful.eventually(id, { status: 'canceled' })
        return careful.payuOrder(id).status
      })
      .toBe('CANCELED')
    expect(await careful.seen(id)).toMatchObject({ status: 'canceled', payment_status: 'canceled', refunds: [] })
  })
})
