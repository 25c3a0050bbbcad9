import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ScriptedPayu, startScriptedPayu } from '../../../../test/support/scripted-payu.ts'
import { GatewayUnavailable } from '../gateway.ts'
import { makePayuClient, type PayuClient } from './client.ts'
import { HTTP_TERMS } from './http.ts'
import { PayuMisconfigured, PayuRefused } from './refused.ts'
import type { OrderRequest } from './shapes.ts'

const SECRET = '2ee86a66e5d97e3fadc400c9f19b065d'
const EXT = '01890a5d-ac96-774b-bcce-b302099a8057'
const ID = 'WZHF5FFDRJ260111GUEST000P01'
const order: OrderRequest = {
  merchantPosId: '300746',
  customerIp: '203.0.113.7',
  extOrderId: EXT,
  description: 'Order',
  currencyCode: 'PLN',
  totalAmount: '12999',
  notifyUrl: 'https://shop.test/payu/300746/notify',
  continueUrl: 'https://shop.test/o',
  validityTime: '3600',
  buyer: { email: 'a@b.pl', language: 'pl' },
  products: [{ name: 'Lamp', unitPrice: '12999', quantity: '1' }],
}
const SUCCESS = { statusCode: 'SUCCESS' }
const redirect = {
  status: 302,
  headers: { location: 'https://pay.test/?orderId=1' },
  json: { status: SUCCESS, redirectUri: 'https://pay.test/?orderId=1', orderId: ID, extOrderId: EXT },
}
const refusal = (status: number, statusCode: string, more: object = {}, beside: object = {}) => ({
  status,
  headers: { 'correlation-id': 'corr-1' },
  json: { ...beside, status: { statusCode, severity: 'ERROR', ...more } },
})
const ORDERS = 'POST /api/v2_1/orders'
const ORDER = `GET /api/v2_1/orders/${ID}`
const CAPTURES = `POST /api/v2_1/orders/${ID}/captures`
const REFUNDS = `/api/v2_1/orders/${ID}/refunds`
const TOKEN = 'POST /pl/standard/user/oauth/authorize'

let payu: ScriptedPayu
let client: PayuClient
let now = 0
const clients: PayuClient[] = []
function open(http = HTTP_TERMS, budgetMs = 10_000): PayuClient {
  const opened = makePayuClient({
    baseUrl: () => payu.url,
    clientId: '300746',
    clientSecret: SECRET,
    now: () => now,
    http,
    retry: { tries: 3, pauseMs: 1, budgetMs },
  })
  clients.push(opened)
  return opened
}

beforeEach(async () => {
  now = 0
  payu = await startScriptedPayu()
  client = open()
})
afterEach(async () => {
  await payu.stop()
  await Promise.all(clients.splice(0).map((each) => each.close()))
})

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error) => error,
  )
const sent = () => payu.requests.map(({ method, path }) => `${method} ${path}`)

describe('creating an order', () => {
  test('a 302 is read, not followed', async () => {
    payu.script(ORDERS, { ...redirect, headers: { location: `${payu.url}/page` } })
    expect(await client.createOrder(order)).toEqual({
      orderId: ID,
      redirectUri: 'https://pay.test/?orderId=1',
      isRecovered: false,
    })
    expect(sent()).toEqual([ORDERS])
    expect(JSON.parse(payu.requests[0]?.body ?? '')).toEqual(order)
    expect(payu.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer token-1',
      'content-type': 'application/json',
    })
  })

  test.each(['WARNING_CONTINUE_REDIRECT', 'WARNING_CONTINUE_3DS', 'WARNING_CONTINUE_CVV'])(
    'a 302 %s sends the buyer on',
    async (statusCode) => {
      payu.script(ORDERS, { ...redirect, json: { ...redirect.json, status: { statusCode } } })
      expect((await client.createOrder(order)).redirectUri).toBe('https://pay.test/?orderId=1')
    },
  )

  test('a 302 with the page in its header only', async () => {
    payu.script(ORDERS, { ...redirect, json: { status: SUCCESS, orderId: ID } })
    expect((await client.createOrder(order)).redirectUri).toBe('https://pay.test/?orderId=1')
  })

  test.each([200, 201])('a %i needs no page', async (status) => {
    payu.script(ORDERS, { status, json: { status: SUCCESS, orderId: ID, extOrderId: EXT } })
    expect(await client.createOrder(order)).toEqual({ orderId: ID, redirectUri: undefined, isRecovered: false })
  })

  test('the answer is cut off: the second try finds the order there, and recovers it', async () => {
    const there = refusal(400, 'ERROR_ORDER_NOT_UNIQUE', { code: '110' }, { orderId: ID, extOrderId: EXT })
    payu.script(ORDERS, 'cut', there)
    expect(await client.createOrder(order)).toEqual({ orderId: ID, redirectUri: undefined, isRecovered: true })
    expect(sent()).toEqual([ORDERS, ORDERS])
  })

  test.each([
    ['that is somebody else’s', { orderId: ID, extOrderId: 'A-1' }],
    ['without an id', { extOrderId: EXT }],
  ])('an order %s is not taken for ours', async (_what, beside) => {
    payu.script(ORDERS, refusal(400, 'ERROR_ORDER_NOT_UNIQUE', {}, beside))
    expect(await failureOf(client.createOrder(order))).toBeInstanceOf(PayuRefused)
  })

  test('a refusal tells staff what PayU said, and what its support asks for', async () => {
    payu.script(
      ORDERS,
      refusal(400, 'ERROR_VALUE_INVALID', { code: '8300', codeLiteral: 'X', statusDesc: 'the code 777123 is bad' }),
    )
    const error = await failureOf(client.createOrder(order))
    expect(error).toBeInstanceOf(PayuRefused)
    expect(error.message).toBe(
      'PayU answered 400: ERROR_VALUE_INVALID, 8300, X, the code ······ is bad (Correlation-Id corr-1)',
    )
    expect(error).toMatchObject({ httpStatus: 400, code: '8300', literal: 'X', correlationId: 'corr-1' })
    expect(sent()).toEqual([ORDERS])
  })

  test('a 200 that carries an error is one', async () => {
    payu.script(ORDERS, refusal(200, 'BUSINESS_ERROR'))
    expect(await failureOf(client.createOrder(order))).toBeInstanceOf(PayuRefused)
  })

  test('a yes without an order id is no answer', async () => {
    payu.script(ORDERS, { status: 201, json: { status: SUCCESS } })
    expect((await failureOf(client.createOrder(order))).message).toBe("PayU's answer lacks orderId")
  })
})

describe('unavailable, and tried again where that is safe', () => {
  test.each([
    ['HTML with 200', { status: 200, text: '<html>' }, 'PayU answered 200 without JSON'],
    ['HTML with 403', { status: 403, text: 'error code: 1010' }, 'PayU answered 403 without JSON'],
    ['nothing at all', { status: 200, text: '' }, 'PayU answered 200 without JSON'],
    ['JSON that is no object', { status: 200, text: '"ok"' }, 'PayU answered 200 without JSON'],
    ['an integer for a status', { status: 200, json: { status: 500 } }, 'PayU answered 200, which is not its protocol'],
    [
      'an outage',
      refusal(500, 'BUSINESS_ERROR'),
      'PayU answered 500 BUSINESS_ERROR: try again later (Correlation-Id corr-1)',
    ],
    [
      '503',
      refusal(503, 'SERVICE_NOT_AVAILABLE'),
      'PayU answered 503 SERVICE_NOT_AVAILABLE: try again later (Correlation-Id corr-1)',
    ],
    ['408', refusal(408, 'TIMEOUT'), 'PayU answered 408 TIMEOUT: try again later (Correlation-Id corr-1)'],
    ['429', { status: 429, json: {} }, 'PayU answered 429: try again later'],
    [
      '404 without its envelope',
      { status: 404, json: { error: 'not_found' } },
      'PayU answered 404, which is not its protocol',
    ],
    [
      'a redirect elsewhere',
      { status: 301, json: { status: SUCCESS } },
      'PayU answered 301 SUCCESS, which is not its protocol',
    ],
  ] as const)('%s', async (_what, reply, message) => {
    payu.script(ORDER, reply)
    const error = await failureOf(client.findOrder(ID))
    expect(error).toBeInstanceOf(GatewayUnavailable)
    expect(error.message).toBe(message)
    expect(sent()).toEqual([ORDER, ORDER, ORDER])
  })

  test('a connection that breaks', async () => {
    payu.script(ORDER, 'cut')
    expect((await failureOf(client.findOrder(ID))).message).toBe('PayU did not answer: UND_ERR_SOCKET')
    expect(sent()).toEqual([ORDER, ORDER, ORDER])
  })

  test('nobody listens', async () => {
    const silent = makePayuClient({
      baseUrl: 'http://127.0.0.1:1',
      clientId: '1',
      clientSecret: SECRET,
      retry: { tries: 1, pauseMs: 1, budgetMs: 1_000 },
    })
    expect((await failureOf(silent.findOrder(ID))).message).toBe('PayU did not answer: ECONNREFUSED')
    await silent.close()
  })

  test('no answer within the budget', async () => {
    payu.script(ORDER, 'silence')
    expect((await failureOf(open(HTTP_TERMS, 300).findOrder(ID))).message).toBe('PayU did not answer: TimeoutError')
  })

  test('an answer without end', async () => {
    payu.script(ORDER, { status: 200, text: ' '.repeat(2_000) })
    const error = await failureOf(open({ ...HTTP_TERMS, answerBytesMax: 1_000 }).findOrder(ID))
    expect(error.message).toBe('PayU did not answer: UND_ERR_RES_EXCEEDED_MAX_SIZE')
  })

  test('the first tries fail and the last does not', async () => {
    const found = { orderId: ID, extOrderId: EXT, status: 'PENDING', totalAmount: '12999', currencyCode: 'PLN' }
    payu.script(
      ORDER,
      'cut',
      { status: 502, text: '<html>' },
      { status: 200, json: { orders: [found], status: SUCCESS } },
    )
    expect(await client.findOrder(ID)).toEqual({
      orderId: ID,
      extOrderId: EXT,
      status: 'PENDING',
      totalMinor: 12_999,
      currency: 'PLN',
    })
  })

  test('what PayU said no to is not asked again', async () => {
    payu.script(ORDER, refusal(400, 'ERROR_VALUE_INVALID'))
    expect(await failureOf(client.findOrder(ID))).toBeInstanceOf(PayuRefused)
    expect(sent()).toEqual([ORDER])
  })

  test('captures and cancellations are sent once', async () => {
    payu.script(CAPTURES, 'cut')
    payu.script(`DELETE /api/v2_1/orders/${ID}`, 'cut')
    expect(await failureOf(client.captureOrder(ID))).toBeInstanceOf(GatewayUnavailable)
    expect(await failureOf(client.cancelOrder(ID))).toBeInstanceOf(GatewayUnavailable)
    expect(sent()).toEqual([CAPTURES, `DELETE /api/v2_1/orders/${ID}`])
  })

  test('a refund is sent again: PayU knows it by its id', async () => {
    const refund = { extRefundId: 'r-1', description: 'Refund', amount: '5000', currencyCode: 'PLN' }
    const kept = { refundId: '912128', ...refund, status: 'PENDING' }
    payu.script(`POST ${REFUNDS}`, 'cut', { status: 200, json: { orderId: ID, refund: kept, status: SUCCESS } })
    expect(await client.refundOrder(ID, refund)).toEqual({
      refundId: '912128',
      extRefundId: 'r-1',
      amountMinor: 5_000,
      currency: 'PLN',
      status: 'PENDING',
      problem: undefined,
    })
    expect(payu.requests.map(({ body }) => JSON.parse(body))).toEqual([{ refund }, { refund }])
  })
})

describe('the token', () => {
  const found = { orderId: ID, status: 'NEW', totalAmount: '1', currencyCode: 'PLN' }
  const good = { status: 200, json: { orders: [found], status: SUCCESS } }
  const unauthorized = refusal(401, 'UNAUTHORIZED', { code: '401', codeLiteral: 'INVALID_OR_MISSING_ACCESS_TOKEN' })
  const bearers = () => payu.requests.map(({ headers }) => headers.authorization)

  test('is asked for by a form, once for all that need it at the same time', async () => {
    payu.script(ORDER, good)
    await Promise.all([client.findOrder(ID), client.findOrder(ID), client.findOrder(ID)])
    await client.findOrder(ID)
    expect(payu.tokenRequests.map(({ headers, body }) => [headers['content-type'], body])).toEqual([
      ['application/x-www-form-urlencoded', `grant_type=client_credentials&client_id=300746&client_secret=${SECRET}`],
    ])
    expect(bearers()).toEqual(Array(4).fill('Bearer token-1'))
  })

  test('is renewed a minute before its end', async () => {
    payu.script(ORDER, good)
    await client.findOrder(ID)
    now = (43_199 - 60) * 1_000 - 1
    await client.findOrder(ID)
    now += 1
    await client.findOrder(ID)
    expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2'])
  })

  test('that PayU takes no more is replaced once, also by those who hold it at the same time', async () => {
    payu.script(ORDER, ({ headers }) => (headers.authorization === 'Bearer token-1' ? unauthorized : good))
    await Promise.all([client.findOrder(ID), client.findOrder(ID)])
    expect(payu.tokenRequests.length).toBe(2)
    expect(bearers().sort()).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2'])
  })

  test('a new one is refused, too: no third is asked for, and the settings are named', async () => {
    payu.script(ORDER, unauthorized)
    const error = await failureOf(client.findOrder(ID))
    expect(error).toBeInstanceOf(PayuMisconfigured)
    expect(error.message).toContain('PAYU_POS_ID, PAYU_CLIENT_ID and PAYU_CLIENT_SECRET do not belong together')
    expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  test('403 is a POS of another client: no new token helps', async () => {
    payu.script(
      ORDER,
      refusal(403, 'ERROR_VALUE_INVALID', { code: '8062', codeLiteral: 'INVALID_AUTH_FOR_THIS_ORDER' }),
    )
    expect(await failureOf(client.findOrder(ID))).toBeInstanceOf(PayuMisconfigured)
    expect(bearers()).toEqual(['Bearer token-1'])
  })

  test.each([
    [
      401,
      { error: 'invalid_client', error_description: `bad secret ${SECRET}` },
      'PayU gave no token, 401 invalid_client: PAYU_CLIENT_ID or PAYU_CLIENT_SECRET is wrong',
    ],
    [200, { token_type: 'bearer' }, 'PayU gave no token, 200 no reason'],
    [500, { status: 500 }, 'PayU gave no token, 500 no reason'],
  ])('none is given with %i', async (status, json, message) => {
    payu.script(TOKEN, { status, json })
    const error = await failureOf(client.findOrder(ID))
    expect(error).toBeInstanceOf(GatewayUnavailable)
    expect(error.message).toBe(message)
    expect(payu.requests).toEqual([])
  })

  test('an outage while asking for it ends with the next try', async () => {
    payu.script(TOKEN, 'cut', { status: 200, json: { access_token: 'late', expires_in: 43_199 } })
    payu.script(ORDER, good)
    await client.findOrder(ID)
    expect(bearers()).toEqual(['Bearer late'])
  })

  test('that says nothing of its end is used once', async () => {
    payu.script(TOKEN, { status: 200, json: { access_token: 'short' } })
    payu.script(ORDER, good)
    await client.findOrder(ID)
    await client.findOrder(ID)
    expect(payu.tokenRequests.length).toBe(2)
  })

  test.each([
    ['a refusal', refusal(400, 'ERROR_VALUE_INVALID')],
    ['an outage', refusal(500, 'GENERAL_ERROR')],
    ['no credentials', unauthorized],
    ['a broken connection', 'cut'],
    ['silence', 'silence'],
  ] as const)('and the secret are in no error after %s', async (_what, reply) => {
    payu.script(ORDER, reply)
    const shown = inspect(await failureOf(open(HTTP_TERMS, 200).findOrder(ID)), { depth: 10 })
    expect(shown).not.toContain(SECRET)
    expect(shown).not.toMatch(/token-\d/)
  })
})

describe('what is read', () => {
  test('an order that PayU does not know', async () => {
    payu.script(ORDER, refusal(404, 'DATA_NOT_FOUND', { severity: 'INFO' }))
    expect(await client.findOrder(ID)).toBeUndefined()
  })

  test('an order whose amount is no whole number of minor units is no answer', async () => {
    const odd = { orderId: ID, status: 'NEW', totalAmount: 129.99, currencyCode: 'PLN' }
    payu.script(ORDER, { status: 200, json: { orders: [odd], status: SUCCESS } })
    expect((await failureOf(client.findOrder(ID))).message).toBe("PayU's answer lacks totalAmount")
  })

  test('why a payment was canceled', async () => {
    const card = { cardData: { cardNumberMasked: '444433******1111', cardResponseCode: 'S51' } }
    const transactions = [
      { payMethod: { value: 'c' }, paymentFlow: 'CARD', resultCode: 'S51', card },
      { payMethod: { value: 'blik' } },
    ]
    payu.script(`${ORDER}/transactions`, { status: 200, json: { transactions } })
    expect(await client.listTransactions(ID)).toEqual([
      { method: 'c', resultCode: 'S51', cardResponseCode: 'S51' },
      { method: 'blik', resultCode: undefined, cardResponseCode: undefined },
    ])
  })

  const wire = { refundId: '1', extRefundId: 'r-1', amount: '5000', currencyCode: 'PLN', status: 'FINALIZED' }
  const refund = { refundId: '1', extRefundId: 'r-1', amountMinor: 5_000, currency: 'PLN', status: 'FINALIZED' }

  test.each([
    ['as a bare list', [wire], [{ ...refund, problem: undefined }]],
    ['in an object', { refunds: [wire] }, [{ ...refund, problem: undefined }]],
    ['as false, which is none', { refunds: false }, []],
  ])('refunds, written %s', async (_how, json, refunds) => {
    payu.script(`GET ${REFUNDS}`, { status: 200, json })
    expect(await client.listRefunds(ID)).toEqual(refunds)
  })

  test('one refund, whose status is a word and no envelope', async () => {
    const statusError = { code: 'REFUND_TOO_LATE', description: 'too late' }
    payu.script(`GET ${REFUNDS}/1`, { status: 200, json: { ...wire, status: 'CANCELED', statusError } })
    expect(await client.findRefund(ID, '1')).toEqual({
      ...refund,
      status: 'CANCELED',
      problem: 'REFUND_TOO_LATE: too late',
    })
  })

  test('a refund PayU does not know', async () => {
    payu.script(`GET ${REFUNDS}/1`, refusal(404, 'DATA_NOT_FOUND'))
    expect(await client.findRefund(ID, '1')).toBeUndefined()
  })

  test('a refusal in the clothes of a refund', async () => {
    const json = { status: { statusCode: 'OPENPAYU_BUSINESS_ERROR', code: '9102', codeLiteral: 'NO_BALANCE' } }
    payu.script(`POST ${REFUNDS}`, { status: 200, json })
    const asked = { extRefundId: 'r-1', description: 'Refund', amount: '5000', currencyCode: 'PLN' }
    expect(await failureOf(client.refundOrder(ID, asked))).toMatchObject({ code: '9102', literal: 'NO_BALANCE' })
  })

  test('pay methods', async () => {
    const payByLinks = [
      { value: 'c', name: 'Card', status: 'ENABLED', minAmount: 5, maxAmount: 99_999_999 },
      { value: 'blik', status: 'TEMPORARY_DISABLED' },
    ]
    payu.script('GET /api/v2_1/paymethods', { status: 200, json: { cardTokens: [], payByLinks, status: SUCCESS } })
    expect(await client.listPayMethods('pl', 1_000)).toEqual([
      { value: 'c', isEnabled: true },
      { value: 'blik', isEnabled: false },
    ])
    expect(sent()).toEqual(['GET /api/v2_1/paymethods?lang=pl'])
  })

  test('a list of pay methods that is none is no answer', async () => {
    payu.script('GET /api/v2_1/paymethods', { status: 200, json: { status: SUCCESS } })
    expect(await failureOf(client.listPayMethods('pl', 1_000))).toBeInstanceOf(GatewayUnavailable)
  })

  test('a full capture has an empty body', async () => {
    payu.script(CAPTURES, { status: 200, json: { status: SUCCESS } })
    await client.captureOrder(ID)
    expect(payu.requests[0]).toMatchObject({ body: '', headers: { 'content-length': '0' } })
  })
})
