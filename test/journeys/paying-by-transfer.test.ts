import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { confirmTransfer } from '../../server/src/payments/index.ts'
import { findBreaches, rowsOf } from '../support/books.ts'
import { type PayingShop, PayPage, startPayingShop } from '../support/paying.ts'

let shop: PayingShop
beforeAll(async () => {
  shop = await startPayingShop()
})
afterAll(async () => {
  expect(await findBreaches(shop.server.db)).toEqual([])
  await shop.stop()
})

describe('paying by transfer', () => {
  test('the answer says what to write on it, and staff confirm it', async () => {
    const id = await shop.placed({ payment: 'transfer' })
    const { body } = await shop.choose(id, 'transfer')
    expect(body).toEqual({
      order_uuid: id,
      method: 'transfer',
      status: 'pending',
      transfer: {
        iban: 'PL61109010140000071219812874',
        recipient: 'Tradepost Demo',
        title: expect.stringMatching(/^TP[0-9A-Z]{9}$/),
        amount: '898.00',
        currency: 'PLN',
        qr_format: 'zbp',
        qr_image: expect.stringMatching(/^data:image\/svg\+xml;base64,/),
      },
    })
    const said = await shop.confirm(id)
    expect(said.body.status).toBe('pending')
    const [attempt] = await rowsOf(
      shop.server.db,
      'select sent_by_customer_at as at from payment_attempts where order_id = $1',
      [id],
    )
    expect(attempt?.at).toBeInstanceOf(Date)

    const told = await confirmTransfer(shop.server.db, { of: body.transfer.title.toLowerCase() })
    expect(told.outcome).toBe('order-paid')
    expect(await shop.seen(id)).toMatchObject({
      status: 'paid',
      payment: 'transfer',
      payment_status: 'paid',
    })
    expect((await confirmTransfer(shop.server.db, { of: id })).outcome).toBe('known')
  })

  test('another sum, or an unknown title, is refused and nothing is paid', async () => {
    const id = await shop.placed()
    const { title } = (await shop.choose(id, 'transfer')).body.transfer
    await expect(confirmTransfer(shop.server.db, { of: title, amountMinor: 89_799 })).rejects.toMatchObject({
      refusal: { code: 'payments.amount-differs', expectedMinor: 89_800, toldMinor: 89_799, currency: 'PLN' },
    })
    await expect(confirmTransfer(shop.server.db, { of: 'TP00000001F' })).rejects.toMatchObject({
      refusal: { code: 'payments.transfer-not-found' },
    })
    expect((await shop.seen(id)).status).toBe('to_pay')
  })

  test('a transfer that comes although the customer changed to card pays the order all the same', async () => {
    const id = await shop.placed()
    const { title } = (await shop.choose(id, 'transfer')).body.transfer
    await shop.choose(id, 'card')
    expect((await confirmTransfer(shop.server.db, { of: title })).outcome).toBe('order-paid')
    expect(await shop.seen(id)).toMatchObject({ status: 'paid', payment_status: 'paid' })
  })
})

test('an order paid by transfer and then by card as well stays paid, and the second money goes back', async () => {
  const id = await shop.placed()
  const { title } = (await shop.choose(id, 'transfer')).body.transfer
  const card = (await shop.choose(id, 'card')).body.redirect_uri
  await confirmTransfer(shop.server.db, { of: title })
  // The buyer had the card page open all the time.
  await new PayPage(card).pay()
  await shop.server.simulator.settle()
  expect(await shop.seen(id)).toMatchObject({ status: 'paid', payment_status: 'paid' })
  expect((await shop.confirm(id)).body).toMatchObject({ method: 'transfer', status: 'paid' })
  await shop.eventually(id, { refunds: [{ amount: '898.00', currency: 'PLN', status: 'done' }] })
  expect(shop.payuOrder(id).refunds).toMatchObject([{ amountMinor: 89_800, status: 'FINALIZED' }])
})

test('staff may name a transfer by its order, although the customer has changed to card since', async () => {
  const id = await shop.placed()
  await shop.choose(id, 'transfer')
  await shop.choose(id, 'card')
  expect((await confirmTransfer(shop.server.db, { of: id })).outcome).toBe('order-paid')
})
