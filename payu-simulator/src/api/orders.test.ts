import { describe, expect, test } from 'vitest'
import { SANDBOX_POS } from '../points-of-sale.ts'
import { startWithShop } from '../testing/shop.ts'

const card = (token: string) => ({ payMethods: { payMethod: { type: 'CARD_TOKEN', value: token } } })
const pbl = (value: string, more = {}) => ({ payMethods: { payMethod: { type: 'PBL', value, ...more } } })

describe('creating an order', () => {
  test('takes the path with a slash at the end, and numbers as numbers', async () => {
    const { payu, shop } = await startWithShop()
    const wish = shop.wish({ totalAmount: 12999, merchantPosId: 300746, validityTime: 600 })
    const created = await shop.call('POST', '/orders/', wish)
    expect(created.status).toBe(302)
    const { request } = payu.order(created.body.orderId)
    expect([request.totalAmount, request.merchantPosId, request.validityTime]).toEqual(['12999', '300746', '600'])
  })

  test('gives an extOrderId to one order for ever, and tells which has it', async () => {
    const { shop } = await startWithShop()
    const first = await shop.create({ extOrderId: 'Z-1' })
    expect((await shop.call('DELETE', `/orders/${first.body.orderId}`)).status).toBe(200)
    const second = await shop.create({ extOrderId: 'Z-1', totalAmount: '1' })
    expect(second.status).toBe(400)
    expect(second.body).toEqual({
      orderId: first.body.orderId,
      extOrderId: 'Z-1',
      status: {
        statusCode: 'ERROR_ORDER_NOT_UNIQUE',
        severity: 'ERROR',
        code: '110',
        codeLiteral: 'ORDER_NOT_UNIQUE',
        statusDesc: expect.any(String),
      },
    })
    expect((await shop.create({ extOrderId: 'Z-2' })).status).toBe(302)
  })

  test('is for the point of sale of the token', async () => {
    const other = { posId: '301', clientSecret: 's', secondKey: 'k' }
    const { payu, shop } = await startWithShop({ pointsOfSale: [SANDBOX_POS, other] })
    const mine = await shop.createOrder({ extOrderId: 'Z-1' })
    const forbidden = {
      status: {
        statusCode: 'ERROR_VALUE_INVALID',
        severity: 'ERROR',
        code: '8062',
        codeLiteral: 'INVALID_AUTH_FOR_THIS_ORDER',
        statusDesc: expect.any(String),
      },
    }
    await shop.signIn({ client_id: '301', client_secret: 's' })
    const wrong = await shop.create()
    expect([wrong.status, wrong.body]).toEqual([403, forbidden])
    const foreign = await shop.call('GET', `/orders/${mine}`)
    expect([foreign.status, foreign.body]).toEqual([403, forbidden])
    expect((await shop.create({ merchantPosId: '301', extOrderId: 'Z-1' })).status).toBe(302)
    expect(payu.orders()).toHaveLength(2)
  })

  test.each(['customerIp', 'merchantPosId', 'description', 'currencyCode', 'totalAmount', 'products'])(
    'needs %s',
    async (field) => {
      const { payu, shop } = await startWithShop()
      const refused = await shop.create({ [field]: undefined })
      expect(refused.status).toBe(400)
      expect(refused.body).toEqual({
        status: {
          statusCode: 'ERROR_VALUE_MISSING',
          severity: 'ERROR',
          code: '8300',
          statusDesc: `Missing required field: ${field}`,
        },
      })
      expect(payu.orders()).toEqual([])
    },
  )

  test.each([
    ['customerIp', '0.0.0.0'],
    ['customerIp', '::1'],
    ['customerIp', 'localhost'],
    ['totalAmount', '0'],
    ['totalAmount', '-1'],
    ['totalAmount', '19.99'],
    ['totalAmount', 19.99],
    ['totalAmount', ' 1'],
    ['currencyCode', 'EUR'],
    ['description', 'x'.repeat(4001)],
    ['description', { text: 'x' }],
    ['visibleDescription', 'x'.repeat(81)],
    ['statementDescription', 'x'.repeat(23)],
    ['additionalDescription', 'x'.repeat(1025)],
    ['extOrderId', 'x'.repeat(1025)],
    ['notifyUrl', 'ftp://shop.test/'],
    ['notifyUrl', 'javascript:alert(1)'],
    ['continueUrl', 'javascript:alert(1)'],
    ['continueUrl', 'https://shop.test/\nX: y'],
    ['validityTime', '0'],
    ['products', []],
    ['products', ['Lamp']],
    ['recurring', 'SOMETIMES'],
    ['cardOnFile', 'SOMETIMES'],
    ['buyer', 'anna'],
  ])('refuses %s of %j', async (field, value) => {
    const { payu, shop } = await startWithShop()
    const refused = await shop.create({ [field]: value })
    expect(refused.status).toBe(400)
    expect(refused.body.status).toEqual({
      statusCode: 'ERROR_VALUE_INVALID',
      severity: 'ERROR',
      code: '8300',
      statusDesc: expect.stringMatching(new RegExp(`^Invalid field value: ${field}`)),
    })
    expect(payu.orders()).toEqual([])
  })

  test('refuses what stands deeper by its whole name', async () => {
    const { shop } = await startWithShop()
    const nameless = await shop.create({
      products: [{ name: 'Lamp', unitPrice: '1', quantity: '1' }, { unitPrice: '1' }],
    })
    expect(nameless.body.status.statusDesc).toBe('Missing required field: products[1].name')
    const long = await shop.create({ buyer: { firstName: 'x'.repeat(101) } })
    expect(long.body.status.statusDesc).toBe('Invalid field value: buyer.firstName: longer than 100')
    const both = await shop.create({ recurring: 'FIRST', cardOnFile: 'FIRST' })
    expect(both.body.status.statusDesc).toBe('Invalid field value: recurring: not together with cardOnFile')
  })

  test.each([['not JSON'], ['[]'], ['"text"'], ['null'], ['currencyCode=PLN']])('refuses the body %j', async (body) => {
    const { shop } = await startWithShop()
    const refused = await shop.call('POST', '/orders', body)
    expect([refused.status, refused.body.status.statusCode]).toEqual([400, 'ERROR_SYNTAX'])
  })

  test('takes what shops really send: a discount below zero, sums that differ, fields PayU does not know', async () => {
    const { payu, shop } = await startWithShop()
    const products = [
      { name: 'Lamp', unitPrice: 13500, quantity: 1, virtual: true },
      { name: 'Discount', unitPrice: -500, quantity: 1 },
    ]
    const buyer = { email: 'a@b.pl', language: 'pl', delivery: { city: 'Łódź', moon: 'x' }, shoeSize: 42 }
    const orderId = await shop.createOrder({ products, buyer, settings: { invoiceDisabled: 'true' } })
    const [order] = (await shop.call('GET', `/orders/${orderId}`)).body.orders
    expect(order.products).toEqual([
      { name: 'Lamp', unitPrice: '13500', quantity: '1' },
      { name: 'Discount', unitPrice: '-500', quantity: '1' },
    ])
    expect(order.buyer).toEqual({ customerId: 'guest', email: 'a@b.pl', language: 'pl', delivery: { city: 'Łódź' } })
    expect([order.status, order.payMethod]).toEqual(['NEW', undefined])
    expect(payu.order(orderId).notifications).toEqual([])
  })

  test('without notifyUrl, tells nobody', async () => {
    const { payu, shop } = await startWithShop()
    const orderId = await shop.createPaid(payu, { notifyUrl: undefined })
    expect(payu.order(orderId).notifications).toEqual([])
    expect(shop.received).toEqual([])
  })
})

describe('paying without the page', () => {
  test.each([
    ['777123', 'COMPLETED', '000'],
    ['123456', 'COMPLETED', '000'],
    ['500500', 'CANCELED', 'S05'],
    ['700701', 'CANCELED', 'S54'],
    ['700702', 'CANCELED', 'S05'],
    ['700703', 'CANCELED', 'S05'],
  ])('BLIK code %s: 201, PENDING, then %s', async (code, status, resultCode) => {
    const { payu, shop } = await startWithShop()
    const created = await shop.create(pbl('blik', { authorizationCode: code }))
    expect(created.status).toBe(201)
    expect(created.body).toEqual({ status: { statusCode: 'SUCCESS' }, orderId: created.body.orderId })
    const { orderId } = created.body
    expect(payu.order(orderId).status).toBe('PENDING')
    await payu.settle()
    expect(shop.told).toEqual(['PENDING', status])
    const { transactions } = (await shop.call('GET', `/orders/${orderId}/transactions`)).body
    expect(transactions).toEqual([
      {
        payMethod: { value: 'blik' },
        paymentFlow: 'BLIK',
        resultCode,
        blik: { txRef: expect.any(String), extTxRef: orderId },
      },
    ])
  })

  test('a BLIK code may stand as the value, too', async () => {
    const { shop } = await startWithShop()
    const means = { payMethods: { payMethod: { type: 'BLIK_AUTHORIZATION_CODE', value: '777000' } } }
    expect((await shop.create(means)).status).toBe(201)
  })

  test('the bank takes its time, on the clock', async () => {
    const { payu, shop } = await startWithShop({ decisionSeconds: 60, timeScale: 10 })
    const orderId = await shop.createOrder(pbl('blik', { authorizationCode: '777123' }))
    await payu.advance(5)
    expect(payu.order(orderId).status).toBe('PENDING')
    await payu.advance(1)
    expect(payu.order(orderId).status).toBe('COMPLETED')
  })

  test.each([
    ['a code that is none', pbl('blik', { authorizationCode: '12345' }), 'INVALID_BLIK_CODE'],
    ['a method that is off', pbl('plsb'), 'OPENPAYU_PAYMENT_CREATE_BLOCKED_CHECKOUT_PAY_METHOD'],
    ['a method nobody knows', pbl('xyz'), 'OPENPAYU_PAYMENT_CREATE_BLOCKED_CHECKOUT_PAY_METHOD'],
    ['a method not for this amount', pbl('ai'), 'OPENPAYU_PAYMENT_CREATE_BLOCKED_CHECKOUT_PAY_METHOD'],
    ['BLIK in one click', { payMethods: { payMethod: { type: 'BLIK_TOKEN', value: 'x' } } }, 'SINGLE_CLICK_DISABLED'],
    ['a token nobody issued', card('TOK_1111222233334444'), 'INVALID_TOKEN'],
  ])('%s is refused', async (_case, change, codeLiteral) => {
    const { payu, shop } = await startWithShop()
    const refused = await shop.create(change)
    expect(refused.status).toBe(400)
    expect(refused.body.status).toMatchObject({ statusCode: 'ERROR_VALUE_INVALID', codeLiteral })
    expect(refused.body.status.code).toBe(codeLiteral === 'INVALID_TOKEN' ? '8342' : undefined)
    expect(payu.orders()).toEqual([])
  })

  test.each([
    ['redirect', 302, 400],
    ['code', 400, 201],
    ['both', 302, 201],
  ] as const)('a POS with BLIK by %s answers %i to the page and %i to a code', async (blik, page, code) => {
    const { shop } = await startWithShop({ pointsOfSale: [{ ...SANDBOX_POS, blik }] })
    expect((await shop.create(pbl('blik'))).status).toBe(page)
    expect((await shop.create(pbl('blik', { authorizationCode: '777123' }))).status).toBe(code)
  })

  test('a card token: 201 with the card, and a single-use one is used up', async () => {
    const { payu, shop } = await startWithShop()
    const created = await shop.create(card('TOK_4444333322221111'))
    expect(created.status).toBe(201)
    expect(created.body.payMethods).toEqual({
      payMethod: {
        type: 'CARD_TOKEN',
        value: 'TOKC_4444333322221111',
        card: { number: '444433******1111', expirationMonth: '12', expirationYear: '2029' },
      },
    })
    await payu.settle()
    expect(shop.received.map(({ body }) => [body.order.status, body.order.payMethod])).toEqual([
      ['PENDING', { type: 'CARD_TOKEN' }],
      ['COMPLETED', { type: 'CARD_TOKEN' }],
    ])
    expect((await shop.create(card('TOK_4444333322221111'))).body.status.codeLiteral).toBe('INVALID_TOKEN')
    expect((await shop.create(card('TOK_4444333322221111_2'))).status).toBe(201)
    expect((await shop.create(card('TOKC_4444333322221111'))).status).toBe(201)
    expect((await shop.create(card('TOKC_4444333322221111'))).status).toBe(201)
  })

  test('a declined card token is canceled, and the transaction tells why', async () => {
    const { payu, shop } = await startWithShop()
    const orderId = await shop.createOrder(card('TOK_5000105018126595'))
    await payu.settle()
    expect(payu.order(orderId).status).toBe('CANCELED')
    const { transactions } = (await shop.call('GET', `/orders/${orderId}/transactions`)).body
    expect(transactions).toEqual([
      {
        payMethod: { value: 'c' },
        paymentFlow: 'CARD',
        resultCode: 'S05',
        card: { cardData: { cardNumberMasked: '500010******6595', cardScheme: 'MC', cardResponseCode: 'S05' } },
      },
    ])
  })

  test.each([
    ['TOK_4245757666349685', 'WARNING_CONTINUE_3DS', { iframeAllowed: true, threeDsProtocolVersion: '3DS2' }],
    ['TOKC_4444333322221111_CVV', 'WARNING_CONTINUE_CVV', {}],
  ])('the card token %s asks to continue: 302 %s', async (token, statusCode, more) => {
    const { shop } = await startWithShop()
    const { status, body, headers } = await shop.create(card(token))
    expect(status).toBe(302)
    expect(body).toEqual({
      status: { statusCode },
      orderId: body.orderId,
      redirectUri: headers.get('location'),
      ...more,
    })
  })

  test('a wallet with its code is 201, without it a page', async () => {
    const { shop } = await startWithShop()
    expect((await shop.create(pbl('ap', { authorizationCode: 'eyJ9' }))).status).toBe(201)
    expect((await shop.create(pbl('jp'))).status).toBe(302)
  })
})

describe('an order in time', () => {
  test('lapses when nobody has paid it, and the shop is told', async () => {
    const { payu, shop } = await startWithShop()
    const orderId = await shop.createOrder({ validityTime: '600' })
    await payu.advance(599)
    expect(payu.order(orderId).status).toBe('NEW')
    await payu.advance(1)
    expect(payu.order(orderId).status).toBe('CANCELED')
    expect(shop.received.map(({ body }) => [body.order.status, body.properties])).toEqual([['CANCELED', []]])
  })

  test('is paid for good before it lapses', async () => {
    const { payu, shop } = await startWithShop()
    const orderId = await shop.createPaid(payu, { validityTime: '600' })
    await payu.advance(601)
    expect(payu.order(orderId).status).toBe('COMPLETED')
  })

  test('has properties once there is a payment', async () => {
    const { payu, shop } = await startWithShop()
    const orderId = await shop.createOrder()
    expect((await shop.call('GET', `/orders/${orderId}`)).body.properties).toBeUndefined()
    payu.act(orderId, 'fail')
    expect((await shop.call('GET', `/orders/${orderId}`)).body.properties).toHaveLength(1)
  })

  test('nobody knows is 404', async () => {
    const { shop } = await startWithShop()
    const body = {
      status: { statusCode: 'DATA_NOT_FOUND', severity: 'INFO', statusDesc: expect.any(String) },
    }
    for (const path of ['/orders/NOPE', '/orders/NOPE/transactions', '/orders/NOPE/refunds', '/elsewhere']) {
      expect(await shop.call('GET', path)).toMatchObject({ status: 404, body })
    }
    expect((await shop.call('DELETE', '/orders/NOPE')).status).toBe(404)
  })
})
