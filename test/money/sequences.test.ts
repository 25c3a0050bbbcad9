import fc from 'fast-check'
import type { Fault } from 'payu-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { UNTHROTTLED } from '../../server/src/identity/index.ts'
import { Refused } from '../../server/src/kernel/refused.ts'
import {
  cancelOrder,
  choosePayment,
  confirmPayment,
  expireUnpaid,
  type Gateways,
  getPaymentStory,
  handleWaitingMessages,
  receiveMessage,
  reconcile,
  recordNews,
  refundOrder,
  sendRefunds,
} from '../../server/src/payments/index.ts'
import { rowsOf } from '../support/books.ts'
import { disagreementsOf, type Ordered, payuOrdersOf } from './agreement.ts'
import { Crash, type CrashPoint, dying } from './crash.ts'
import { HOLD, makeAllDue, openShopOfMoney, type Pos, type ShopOfMoney } from './shop-of-money.ts'

/**
 * Anything that can happen to one order's money, in any order, with the process dying between any two steps: whatever it
 * was, when all has come to its end the books are right and agree with PayU's.
 *
 * MONEY_SEQUENCES says how many, others in each run; MONEY_SEED replays a run.
 */
const SEQUENCES = Number(process.env.MONEY_SEQUENCES ?? 40)
const SEED = process.env.MONEY_SEED ?? (process.env.MONEY_SEQUENCES && Date.now())

type Step = { readonly crash: CrashPoint | undefined } & (
  | { readonly does: 'choose'; readonly method: 'card' | 'payu' | 'transfer'; readonly blikCode?: string | undefined }
  | { readonly does: 'buyer'; readonly action: 'pay' | 'fail' | 'decline'; readonly which: number }
  | { readonly does: 'payu acts' | 'confirm' | 'reconcile' | 'handle messages' | 'send refunds' }
  | { readonly does: 'cancel' | 'deadline passes' | 'expire unpaid' }
  | { readonly does: 'repeat a notification'; readonly which: number }
  | { readonly does: 'refund'; readonly amountMinor: number | undefined; readonly pieces: number }
  | { readonly does: 'transfer comes'; readonly moreMinor: number; readonly line: number }
  | { readonly does: 'goes wrong'; readonly fault: Partial<Fault> & { kind: Fault['kind'] } }
)

const crash = fc.option(fc.record({ at: fc.integer({ min: 1, max: 14 }), when: fc.constantFrom('before', 'after') }), {
  nil: undefined,
  freq: 3,
})
const call = fc.constantFrom('create', 'retrieve', 'capture', 'cancel', 'cancel', 'refund', 'refunds', 'any')
const fault = fc
  .oneof(
    fc.record({ kind: fc.constant('cut'), on: call, when: fc.constantFrom('before', 'after') }),
    fc.record({
      kind: fc.constant('error'),
      on: call,
      when: fc.constantFrom('before', 'after'),
      httpStatus: fc.constantFrom(500, 503, 429),
    }),
    fc.record({
      kind: fc.constantFrom('silence', 'bad-signature', 'parallel', 'reorder', 'wrong-amount', 'stray-canceled'),
    }),
    fc.record({ kind: fc.constant('duplicate'), copies: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      kind: fc.constant('refuse-refund'),
      literal: fc.constantFrom('TRANS_NOT_ENDED', 'NO_BALANCE', 'REFUND_DISABLED'),
    }),
    fc.record({ kind: fc.constant('fail-refund'), failure: fc.constantFrom('BANK_DECLINED', 'TECHNICAL_ERROR') }),
  )
  .chain((it) => fc.constantFrom(1, 3, 6).map((times) => ({ ...it, times })))
const which = fc.nat({ max: 5 })
const deed = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant('choose'), method: fc.constantFrom('card', 'payu', 'transfer') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('choose'),
      method: fc.constant('payu'),
      blikCode: fc.constantFrom('777123', '500500', '700701', '123456'),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      does: fc.constant('buyer'),
      action: fc.constantFrom('pay', 'pay', 'fail', 'decline'),
      which,
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      does: fc.constantFrom('payu acts', 'payu acts', 'confirm', 'reconcile', 'handle messages', 'send refunds'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom('cancel', 'deadline passes', 'expire unpaid') }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('repeat a notification'), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('refund'),
      amountMinor: fc.option(fc.integer({ min: 1, max: 40_000 }), { nil: undefined }),
      pieces: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('transfer comes'),
      moreMinor: fc.constantFrom(0, 0, -1, 500),
      line: fc.nat({ max: 2 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('goes wrong'), fault }) },
)
const withCrash = <T>(it: fc.Arbitrary<T>) =>
  fc.tuple(it, crash).map(([what, at]) => ({ ...what, crash: at }) as unknown as Step)
/** Without a method chosen nothing much can happen; and most buyers pay. */
const beginning = fc.record({
  does: fc.constant('choose'),
  method: fc.constantFrom('card', 'card', 'payu', 'transfer'),
})
const paying = fc.constantFrom<readonly object[]>(
  [],
  [{ does: 'buyer', action: 'pay', which: 0 }],
  [{ does: 'buyer', action: 'pay', which: 0 }, { does: 'payu acts' }],
  [{ does: 'goes wrong', fault: { kind: 'error', on: 'cancel', when: 'before', httpStatus: 503, times: 6 } }],
)
const steps = fc
  .tuple(withCrash(beginning), paying, fc.array(withCrash(deed), { minLength: 3, maxLength: 14 }))
  .map(([first, second, rest]) => [
    first,
    ...second.map((it) => ({ ...it, crash: undefined }) as unknown as Step),
    ...rest,
  ])

/** What is over would be looked through again and again: now and then a new shop. */
const SEQUENCES_A_SHOP = 25

let shop: ShopOfMoney
let sequences = 0
const tally = new Map<string, number>()
const note = (outcome: string) => tally.set(outcome, (tally.get(outcome) ?? 0) + 1)
beforeAll(async () => {
  shop = await openShopOfMoney()
})
afterAll(async () => {
  await shop.close()
  if (process.env.MONEY_SEQUENCES) console.log(sequences, 'sequences:', Object.fromEntries([...tally].sort()))
})

interface Scene extends Ordered {
  readonly pos: Pos
}

test(`money and order agree after ${SEQUENCES} arbitrary sequences`, async () => {
  const property = fc.asyncProperty(fc.constantFrom<Pos>('taking', 'blocking'), steps, async (pos, sequence) => {
    if (++sequences % SEQUENCES_A_SHOP === 0) {
      await shop.close()
      shop = await openShopOfMoney()
    }
    const scene = { ...(await shop.order()), pos }
    for (const step of sequence) await take(scene, step)
    await shop.quiesce()
    expect(await disagreementsOf(shop, scene, note)).toEqual([])
    await rowsOf(shop.db, 'update payment_attempts set next_look_at = null where order_id = $1', [scene.orderId])
  })
  await fc.assert(property, { numRuns: SEQUENCES, ...(SEED && { seed: Number(SEED) }), endOnFailure: false })
}, 3_600_000)

/** Refusals are answers; a process that died says nothing; a gateway that is away is tried again by somebody. */
async function take(scene: Scene, step: Step): Promise<void> {
  try {
    await deedOf(scene, step)
  } catch (error) {
    const isExpected =
      error instanceof Refused ||
      error instanceof Crash ||
      ['GatewayUnavailable', 'RangeError'].includes((error as Error).name)
    if (!isExpected) throw error
    // Until it is started again, some time passes.
    if (error instanceof Crash) await rowsOf(shop.db, 'update payment_attempts set starting_until = now()')
  }
}

async function deedOf({ orderId, productId, pos }: Scene, step: Step): Promise<unknown> {
  const { presented, simulator } = shop
  const { db, gateways }: { db: typeof shop.db; gateways: Gateways } = dying(shop.db, shop.gatewaysOf(pos), step.crash)
  switch (step.does) {
    case 'choose': {
      const wish = { method: step.method, blikCode: step.blikCode, address: '127.0.0.1' }
      return choosePayment(db, { gateways, hold: HOLD, throttle: UNTHROTTLED }, presented, orderId, wish)
    }
    case 'buyer': {
      const open = await payuOrdersOf(shop, orderId)
      const chosen = open[step.which % Math.max(open.length, 1)]
      return chosen && simulator.act(chosen.orderId, step.action)
    }
    case 'payu acts':
      shop.crashOverNext(step.crash)
      return simulator.settle()
    case 'confirm':
      return confirmPayment(db, gateways, presented, orderId)
    case 'reconcile':
      await makeAllDue(shop.db)
      return reconcile(db, gateways, ignoreCrash)
    case 'handle messages':
      await makeAllDue(shop.db)
      return handleWaitingMessages(db, gateways, ignoreCrash)
    case 'send refunds':
      await makeAllDue(shop.db)
      return sendRefunds(db, gateways, ignoreCrash)
    case 'cancel':
      return cancelOrder(db, gateways, presented, orderId)
    case 'deadline passes':
      return rowsOf(
        shop.db,
        `update reservations set expires_at = now() - interval '1 second' where order_id = $1 and expires_at is not null`,
        [orderId],
      )
    case 'expire unpaid':
      return expireUnpaid(db, gateways)
    case 'repeat a notification': {
      const told = shop.heard.at(-1 - step.which)
      return told && receiveMessage(db, told.gateway, told.body, () => {})
    }
    case 'refund': {
      const returned = step.pieces > 0 ? [{ productId, quantity: step.pieces }] : []
      return refundOrder(db, orderId, { amountMinor: step.amountMinor, returned })
    }
    case 'transfer comes': {
      const { attempts } = await getPaymentStory(shop.db, orderId)
      const attempt = attempts.findLast((it) => it.method === 'transfer' && it.transferTitle !== null)
      if (!attempt) return undefined
      const amountMinor = attempt.amountMinor + step.moreMinor
      const event = `line ${step.line}`
      const told = 'paid' as const
      return recordNews(db, { gateway: 'transfer', attemptId: attempt.id, event, told, amountMinor, currency: 'PLN' })
    }
    case 'goes wrong':
      return simulator.faults.add(step.fault as never)
  }
}

function ignoreCrash(_what: unknown, error: unknown): void {
  const { name } = error as Error
  if (!['GatewayUnavailable', 'Refused', 'Crash'].includes(name)) throw error
}
