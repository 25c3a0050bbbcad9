import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import {
  type Fault,
  type PointOfSaleOptions,
  SANDBOX_POS,
  type StartedSimulator,
  startPayuSimulator,
} from 'payu-simulator'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { newId, type OrderId, type PaymentAttemptId, type RefundId } from '../../server/src/kernel/ids.ts'
import {
  type Charge,
  ChargeRefused,
  type GatewayMessage,
  GatewayUnavailable,
} from '../../server/src/payments/gateway.ts'
import { makePayuGateway, type PaymentAttempt, type PayuGateway, type Refund } from '../../server/src/payments/index.ts'

/** Everything a shop asks of PayU and hears from it, against PayU's simulator, by each method a shop offers. */

const { posId, clientSecret, secondKey } = SANDBOX_POS
/** Money has to be captured there, and half of what PayU offers is off. */
const CAREFUL: PointOfSaleOptions = {
  posId: '400000',
  clientSecret: 'careful-secret',
  secondKey: 'careful-key',
  autoReceive: false,
  disabledMethods: ['c', 'blik'],
  refundList: 'documented',
}
/** Where the money has to be captured, and everything is on. */
const CAPTURING: PointOfSaleOptions = { ...CAREFUL, posId: '500000', disabledMethods: [] }

interface Heard {
  readonly path: string
  readonly body: Buffer
  readonly signature: string | undefined
}

const heard: Heard[] = []
const ear = createServer((request, response) => {
  buffer(request).then((body) => {
    heard.push({ path: request.url ?? '', body, signature: request.headers['openpayu-signature'] as string })
    response.writeHead(200).end()
  })
})
let simulator: StartedSimulator
const loud: [object, string][] = []
const gateways: PayuGateway[] = []
let gateway: PayuGateway
let careful: PayuGateway
let capturing: PayuGateway

function open(pos: { posId: string; clientSecret: string; secondKey: string }, secret = pos.clientSecret): PayuGateway {
  const opened = makePayuGateway({
    posId: pos.posId,
    clientId: pos.posId,
    clientSecret: secret,
    secondKeys: ['the-next-key', pos.secondKey],
    baseUrl: () => simulator.url,
    blikCode: true,
    currency: 'PLN',
    shopName: 'Tent & Trail',
    production: false,
    notifyUrl: `http://127.0.0.1:${(ear.address() as AddressInfo).port}/payu/${pos.posId}/notify`,
    continueUrl: (orderId) => `http://shop.test/back/${orderId}?from=payu`,
    log: { warn: () => {}, error: (facts, message) => void loud.push([facts, message]) },
    retry: { tries: 3, pauseMs: 1, budgetMs: 5_000 },
  })
  gateways.push(opened)
  return opened
}

beforeAll(async () => {
  await new Promise<void>((resolve) => ear.listen(0, '127.0.0.1', resolve))
  simulator = await startPayuSimulator({ manual: true, pointsOfSale: [SANDBOX_POS, CAREFUL, CAPTURING] })
  gateway = open({ posId, clientSecret, secondKey })
  careful = open(CAREFUL)
  capturing = open(CAPTURING)
})
afterEach(async () => {
  simulator.faults.clear()
  await simulator.settle()
  heard.length = 0
  loud.length = 0
})
afterAll(async () => {
  await Promise.all(gateways.map((each) => each.close()))
  await simulator.close()
  ear.closeAllConnections()
  await new Promise((resolve) => ear.close(resolve))
})

interface Way {
  readonly method: 'card' | 'payu'
  readonly blikCode?: string
}

const chargeBy = ({ method, blikCode }: Way): Charge => ({
  attemptId: newId<PaymentAttemptId>(),
  orderId: newId<OrderId>(),
  method,
  amountMinor: 12_999,
  currency: 'PLN',
  lines: [{ name: 'Tent', unitPriceMinor: 4_333, quantity: 3 }],
  buyer: {
    email: 'anna@example.com',
    firstName: 'Anna',
    lastName: null,
    phone: '+48600100200',
    address: '::ffff:127.0.0.1',
  },
  payBefore: new Date(Date.now() + 3_600_000),
  blikCode,
})

function attemptOf(charge: Charge, reference: string | null | undefined): PaymentAttempt {
  const { attemptId: id, orderId, method, amountMinor, currency, blikCode } = charge
  return {
    ...{ id, orderId, method, amountMinor, currency, reference: reference ?? null, byBlikCode: blikCode !== undefined },
    ...{ gateway: gateway.name, status: 'pending', capturedMinor: 0, refundedMinor: 0 },
    ...{ redirectUri: null, transferTitle: null, sentByCustomerAt: null },
  } as PaymentAttempt
}

async function begin(
  way: Way,
  through = gateway,
): Promise<{ charge: Charge; attempt: PaymentAttempt; payuId: string }> {
  const charge = chargeBy(way)
  const { reference = '' } = await through.start(charge)
  return { charge, attempt: attemptOf(charge, reference), payuId: reference }
}

/** On PayU's page, or in the bank's app. */
async function buyer(way: Way, payuId: string, action: 'pay' | 'decline'): Promise<void> {
  if (!way.blikCode) simulator.act(payuId, action)
  await simulator.settle()
}

async function paid(way: Way): Promise<PaymentAttempt> {
  const { attempt, payuId } = await begin(way)
  await buyer(way, payuId, 'pay')
  heard.length = 0
  return attempt
}

const refundFor = (attempt: PaymentAttempt, amountMinor: number): Refund => ({
  ...{ id: newId<RefundId>(), attemptId: attempt.id, amountMinor, currency: 'PLN', status: 'requested' },
  ...{ reason: 'by-staff', reference: null, problem: null, note: '', retriedAs: null, createdAt: new Date() },
})

/** What the gateway made of all it was told, in its order. */
function messages(): GatewayMessage[] {
  return heard.map(({ path, body, signature }) => {
    const through = gateways.find((each) => path === `/payu/${each.posId}/notify`)
    expect(through?.isGenuine(body, signature)).toBe(true)
    return through?.readMessage(body) as GatewayMessage
  })
}
const told = () => messages().map((message) => (message.kind === 'unknown' ? message.why : message.news.told))
const fault = (wanted: Fault) => simulator.faults.add(wanted)

describe.each<[string, Way, Way]>([
  ['card', { method: 'card' }, { method: 'card' }],
  ['payu', { method: 'payu' }, { method: 'payu' }],
  ['a BLIK code', { method: 'payu', blikCode: '777123' }, { method: 'payu', blikCode: '500500' }],
])('paying by %s', (_name, way, refused) => {
  test('PayU gets the order, and says where to pay', async () => {
    const charge = chargeBy(way)
    const started = await gateway.start(charge)
    const order = simulator.order(started.reference ?? '')
    expect(order.request).toMatchObject({
      merchantPosId: posId,
      extOrderId: charge.attemptId,
      customerIp: '127.0.0.1',
      totalAmount: '12999',
      currencyCode: 'PLN',
      continueUrl: `http://shop.test/back/${charge.orderId}?from=payu`,
      buyer: { email: 'anna@example.com', firstName: 'Anna', phone: '+48600100200', language: 'pl' },
    })
    expect([3_599, 3_600]).toContain(Number(order.request.validityTime))
    if (way.blikCode) expect(started).toEqual({ reference: order.orderId })
    else {
      expect(started).toEqual({ reference: order.orderId, redirectUri: expect.stringContaining(simulator.url) })
      expect((await fetch(started.redirectUri ?? '')).status).toBe(200)
    }
  })

  test('money comes: it is told, signed, and asked for it says the same', async () => {
    const { attempt, payuId } = await begin(way)
    expect(await gateway.retrieve(attempt)).toMatchObject({ told: 'pending', amountMinor: 12_999 })
    await buyer(way, payuId, 'pay')
    expect(told()).toEqual(['pending', 'paid'])
    const news = {
      gateway: `payu-${posId}`,
      attemptId: attempt.id,
      event: 'COMPLETED',
      told: 'paid',
      amountMinor: 12_999,
      currency: 'PLN',
      reference: payuId,
    }
    expect(messages()[1]).toEqual({ kind: 'payment', news })
    expect(await gateway.retrieve(attempt)).toEqual(news)
  })

  test('no money comes: the attempt is canceled', async () => {
    const { attempt, payuId } = await begin(refused)
    await buyer(refused, payuId, 'decline')
    expect(told().at(-1)).toBe('canceled')
    expect(await gateway.retrieve(attempt)).toMatchObject({ event: 'CANCELED', told: 'canceled' })
  })

  test('the answer to a new order is lost: the order is found again, and is one', async () => {
    fault({ kind: 'cut', on: 'create', when: 'after', times: 1 })
    const charge = chargeBy(way)
    const started = await gateway.start(charge)
    expect(started).toEqual({ reference: started.reference, isRecovered: true })
    expect(await gateway.start(charge)).toEqual(started)
    expect(simulator.orders().filter(({ request }) => request.extOrderId === charge.attemptId).length).toBe(1)
  })

  test('given up, it is canceled at PayU; once more changes nothing', async () => {
    const { attempt, payuId } = await begin(way)
    await gateway.cancel(attempt)
    await gateway.cancel(attempt)
    expect(simulator.order(payuId).status).toBe('CANCELED')
  })

  test('given up too late, the money stays, for the news to tell', async () => {
    const attempt = await paid(way)
    await gateway.cancel(attempt)
    expect(await gateway.retrieve(attempt)).toMatchObject({ told: 'paid' })
  })

  test('where money has to be taken, it is blocked first and taken once', async () => {
    const { attempt, payuId } = await begin(way, capturing)
    await buyer(way, payuId, 'pay')
    expect(told()).toEqual(['pending', 'authorized'])
    expect(await capturing.retrieve(attempt)).toMatchObject({ event: 'WAITING_FOR_CONFIRMATION', told: 'authorized' })
    await capturing.capture(attempt)
    await capturing.capture(attempt)
    expect(simulator.order(payuId)).toMatchObject({ status: 'COMPLETED', capturedMinor: 12_999 })
    expect(await capturing.retrieve(attempt)).toMatchObject({ told: 'paid' })
  })

  test('the answer to taking it is lost: it is looked up', async () => {
    const { attempt, payuId } = await begin(way, capturing)
    await buyer(way, payuId, 'pay')
    fault({ kind: 'cut', on: 'capture', when: 'after', times: 1 })
    await capturing.capture(attempt)
    expect(simulator.order(payuId).status).toBe('COMPLETED')
  })

  test('blocked money that nobody wants is let go', async () => {
    const { attempt, payuId } = await begin(way, capturing)
    await buyer(way, payuId, 'pay')
    await capturing.cancel(attempt)
    expect(simulator.order(payuId)).toMatchObject({ status: 'CANCELED', capturedMinor: 0 })
    await expect(capturing.capture(attempt)).rejects.toThrow(GatewayUnavailable)
  })

  test('money goes back in parts; each is one refund however often it is asked for', async () => {
    const attempt = await paid(way)
    const [first, second] = [refundFor(attempt, 5_000), refundFor(attempt, 7_999)]
    const sent = await gateway.refund(first, attempt)
    expect(await gateway.refund(first, attempt)).toEqual(sent)
    expect((await gateway.refund(second, attempt)).told).toBe('sent')
    const reference = sent.told === 'sent' ? sent.reference : undefined
    const news = {
      gateway: `payu-${posId}`,
      attemptId: attempt.id,
      refundId: first.id,
      amountMinor: 5_000,
      currency: 'PLN',
    }
    expect(await gateway.retrieveRefund(first, attempt)).toEqual({
      ...news,
      reference,
      told: 'sent',
      problem: undefined,
    })

    await simulator.settle()
    const done = { ...news, reference, told: 'done', problem: undefined }
    expect(await gateway.retrieveRefund(first, attempt)).toEqual(done)
    expect(await gateway.retrieveRefund({ ...first, reference: reference ?? null }, attempt)).toEqual(done)
    expect(messages()).toContainEqual({ kind: 'refund', news: done })
    expect(simulator.order(attempt.reference ?? '').refunds.map(({ amountMinor }) => amountMinor)).toEqual([
      5_000, 7_999,
    ])
  })

  test('PayU is down: every question says so, and nothing is believed', async () => {
    const attempt = await paid(way)
    const refund = refundFor(attempt, 1)
    fault({ kind: 'error', on: 'any', when: 'before', httpStatus: 500 })
    for (const ask of [
      () => gateway.start(chargeBy(way)),
      () => gateway.retrieve(attempt),
      () => gateway.capture(attempt),
      () => gateway.cancel(attempt),
      () => gateway.refund(refund, attempt),
      () => gateway.retrieveRefund(refund, attempt),
    ]) {
      await expect(ask()).rejects.toThrow(GatewayUnavailable)
    }
  })
})

describe('what PayU refuses to collect', () => {
  const reasonOf = async (started: Promise<unknown>) => {
    const error = await started.catch((thrown): unknown => thrown)
    expect(error).toBeInstanceOf(ChargeRefused)
    return (error as ChargeRefused).reason
  }

  test('a BLIK code that is none', async () =>
    expect(await reasonOf(gateway.start(chargeBy({ method: 'payu', blikCode: '12345' })))).toBe('blik-code'))

  test('a method that is off', async () => {
    expect(await reasonOf(careful.start(chargeBy({ method: 'card' })))).toBe('method')
    expect(await reasonOf(careful.start(chargeBy({ method: 'payu', blikCode: '777123' })))).toBe('method')
  })

  test('another currency than the POS has', async () =>
    expect(await reasonOf(gateway.start({ ...chargeBy({ method: 'payu' }), currency: 'EUR' }))).toBe('other'))

  test('credentials that are not PayU’s are nothing wrong with the charge', async () => {
    const stranger = open({ posId, clientSecret, secondKey }, 'wrong')
    await expect(stranger.start(chargeBy({ method: 'payu' }))).rejects.toThrow(
      'PayU gave no token, 401 invalid_client: PAYU_CLIENT_ID or PAYU_CLIENT_SECRET is wrong',
    )
  })
})

describe('what is offered', () => {
  test('all that is on', async () =>
    expect(await gateway.offers()).toEqual([{ method: 'card' }, { method: 'payu', takesBlikCode: true }]))

  test('nothing that is off', async () =>
    expect(await careful.offers()).toEqual([{ method: 'payu', takesBlikCode: false }]))
})

describe('attempts PayU does not know', () => {
  const charge = chargeBy({ method: 'payu' })

  test.each([null, 'NEVERHEARDOF260111GUEST000P01'])(
    'under the number %s nothing is known of them',
    async (reference) => {
      const attempt = attemptOf(charge, reference)
      expect(await gateway.retrieve(attempt)).toBeUndefined()
      await gateway.cancel(attempt)
    },
  )

  test('nothing can be refunded, and a person is told', async () => {
    for (const reference of [null, 'NEVERHEARDOF260111GUEST000P01']) {
      const attempt = attemptOf(charge, reference)
      expect((await gateway.refund(refundFor(attempt, 1), attempt)).told).toBe('failed')
    }
  })

  test('an order of another attempt is not taken for this one’s', async () => {
    const { payuId } = await begin({ method: 'payu' })
    await expect(gateway.retrieve(attemptOf(charge, payuId))).rejects.toThrow(
      `PayU's order ${payuId} is another attempt's`,
    )
  })
})

describe('refunds that PayU refuses', () => {
  test.each([
    'TRANS_NOT_ENDED',
    'NO_BALANCE',
    'REFUND_TO_OFTEN',
    'UNKNOWN_ERROR',
    'TRANS_BILLING_ENTRIES_NOT_COMPLETED',
  ] as const)('%s passes: it is tried again later', async (literal) => {
    const attempt = await paid({ method: 'payu' })
    const refund = refundFor(attempt, 5_000)
    fault({ kind: 'refuse-refund', literal, times: 1 })
    await expect(gateway.refund(refund, attempt)).rejects.toThrow(GatewayUnavailable)
    expect((await gateway.refund(refund, attempt)).told).toBe('sent')
  })

  test.each(['AMOUNT_TO_BIG', 'AMOUNT_TO_SMALL', 'REFUND_DISABLED', 'PAID', 'REFUND_IDEMPOTENCY_MISMATCH'] as const)(
    '%s stays: a person is told why',
    async (literal) => {
      const attempt = await paid({ method: 'payu' })
      fault({ kind: 'refuse-refund', literal })
      expect(await gateway.refund(refundFor(attempt, 5_000), attempt)).toEqual({
        told: 'failed',
        problem: expect.stringContaining(literal),
      })
    },
  )

  test('above what came is refused for good', async () => {
    const attempt = await paid({ method: 'payu' })
    expect((await gateway.refund(refundFor(attempt, 13_000), attempt)).told).toBe('failed')
  })

  test('PAID, and it is our own refund that had an answer lost: that one is told', async () => {
    const attempt = await paid({ method: 'payu' })
    const refund = refundFor(attempt, 12_999)
    const sent = await gateway.refund(refund, attempt)
    fault({ kind: 'refuse-refund', literal: 'PAID', times: 1 })
    expect(await gateway.refund(refund, attempt)).toEqual(sent)
  })

  test('one id for two sums is a bug: it is shouted, and nothing is sent', async () => {
    const attempt = await paid({ method: 'payu' })
    const refund = refundFor(attempt, 5_000)
    await gateway.refund(refund, attempt)
    const answer = await gateway.refund({ ...refund, amountMinor: 6_000 }, attempt)
    expect(answer).toEqual({
      told: 'failed',
      problem: expect.stringContaining('PayU has sent back another sum under this id, 5000 PLN in minor units'),
    })
    expect(loud.map(([, message]) => message)).toEqual(['PayU knows a refund of ours with another sum: a bug'])
    expect(simulator.order(attempt.reference ?? '').refunds.length).toBe(1)
  })

  test('the answer is lost: asking again finds the refund', async () => {
    const attempt = await paid({ method: 'payu' })
    fault({ kind: 'cut', on: 'refund', when: 'after', times: 1 })
    expect((await gateway.refund(refundFor(attempt, 5_000), attempt)).told).toBe('sent')
    expect(simulator.order(attempt.reference ?? '').refunds.length).toBe(1)
  })

  test('the bank does: it has failed, and why is told', async () => {
    const attempt = await paid({ method: 'payu' })
    const refund = refundFor(attempt, 5_000)
    fault({ kind: 'fail-refund', failure: 'BANK_DECLINED', times: 1 })
    await gateway.refund(refund, attempt)
    await simulator.settle()
    const news = await gateway.retrieveRefund(refund, attempt)
    expect(news).toMatchObject({ told: 'failed', refundId: refund.id })
    expect(news?.problem).toContain('BANK_DECLINED')
  })

  test('a list of refunds may be a bare array, and there may be none', async () => {
    const { attempt, payuId } = await begin({ method: 'payu' }, capturing)
    await buyer({ method: 'payu' }, payuId, 'pay')
    await capturing.capture(attempt)
    const refund = refundFor(attempt, 5_000)
    expect(await capturing.retrieveRefund(refund, attempt)).toBeUndefined()
    await capturing.refund(refund, attempt)
    expect(await capturing.retrieveRefund(refund, attempt)).toMatchObject({ told: 'sent', refundId: refund.id })
    const other = await paid({ method: 'payu' })
    expect(await gateway.retrieveRefund(refundFor(other, 1), other)).toBeUndefined()
  })
})

describe('notifications', () => {
  test('signed by SHA-256 are PayU’s, too', async () => {
    fault({ kind: 'algorithm', algorithm: 'SHA-256' })
    const { payuId } = await begin({ method: 'payu' })
    await buyer({ method: 'payu' }, payuId, 'pay')
    expect(heard.every(({ signature }) => signature?.includes('algorithm=SHA-256'))).toBe(true)
    expect(told()).toEqual(['pending', 'paid'])
  })

  test('signed by nobody, or for another POS, are not', async () => {
    fault({ kind: 'bad-signature', times: 1 })
    const { payuId } = await begin({ method: 'payu' })
    await buyer({ method: 'payu' }, payuId, 'pay')
    const genuine = heard.map(({ body, signature }) => gateway.isGenuine(body, signature))
    expect(genuine.filter((is) => !is).length).toBe(1)
    expect(heard.some(({ body, signature }) => careful.isGenuine(body, signature))).toBe(false)
  })

  test('of another sum say that sum', async () => {
    fault({ kind: 'wrong-amount', status: 'COMPLETED' })
    const { payuId } = await begin({ method: 'payu' })
    await buyer({ method: 'payu' }, payuId, 'pay')
    const [, paid] = messages()
    expect(paid?.kind === 'payment' && paid.news.amountMinor).not.toBe(12_999)
  })
})
