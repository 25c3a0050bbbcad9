import { afterAll, beforeAll, expect, test } from 'vitest'
import { UNTHROTTLED } from '../../server/src/identity/index.ts'
import {
  cancelOrder,
  choosePayment,
  confirmPayment,
  expireUnpaid,
  type Gateways,
  handleWaitingMessages,
  receiveMessage,
  reconcile,
  refundOrder,
  sendRefunds,
} from '../../server/src/payments/index.ts'
import type { Database } from '../../server/src/store/database.ts'
import { rowsOf } from '../support/books.ts'
import { disagreementsOf, type Ordered, payuOrdersOf } from './agreement.ts'
import { Crash, type CrashPoint, dying } from './crash.ts'
import { HOLD, makeAllDue, openShopOfMoney, type Pos, type ShopOfMoney } from './shop-of-money.ts'

/**
 * Each step of a payment, with the process dying at its first word with the database or PayU, then at its second, and so
 * on: before the word was said, and after it was heard. When everything has come to its end, order and money agree.
 */

let shop: ShopOfMoney
beforeAll(async () => {
  shop = await openShopOfMoney()
})
afterAll(async () => {
  await shop.close()
})

interface Scene extends Ordered {
  readonly pos: Pos
}
interface Mortal {
  readonly db: Database
  readonly gateways: Gateways
}
interface Chapter {
  readonly pos?: Pos
  /** What happened before, to a process that lived. */
  readonly before?: (scene: Scene, whole: Mortal) => Promise<unknown>
  readonly step: (scene: Scene, mortal: Mortal) => Promise<unknown>
}

const choose =
  (method: string, blikCode?: string) =>
  (scene: Scene, { db, gateways }: Mortal) =>
    choosePayment(db, { gateways, hold: HOLD, throttle: UNTHROTTLED }, shop.presented, scene.orderId, {
      method,
      blikCode,
      address: '127.0.0.1',
    })
const ignore = (_what: unknown, error: unknown) => {
  if (!(error instanceof Crash)) throw error
}

async function buyerPays({ orderId }: Scene): Promise<void> {
  const [open] = await payuOrdersOf(shop, orderId)
  if (open) shop.simulator.act(open.orderId, 'pay')
}

/** PayU has the money, and its notification came to nothing. */
async function unheard(scene: Scene, whole: Mortal): Promise<void> {
  await choose('card')(scene, whole)
  shop.simulator.faults.add({ kind: 'silence', status: 'COMPLETED', times: 1 })
  await buyerPays(scene)
  await shop.simulator.settle()
}

async function heard(scene: Scene, whole: Mortal): Promise<void> {
  await choose('card')(scene, whole)
  await buyerPays(scene)
  await shop.simulator.settle()
}

const CHAPTERS: Readonly<Record<string, Chapter>> = {
  'choosing the card': { step: choose('card') },
  'typing a BLIK code': { step: choose('payu', '777123') },
  'changing from PayU to the card': { before: choose('payu'), step: choose('card') },
  'hearing that it was paid': {
    before: async (scene, whole) => {
      await choose('card')(scene, whole)
      // Noted down without being acted on: the step hears it for the first time.
      shop.crashOverNext({ at: 1, when: 'before' })
      await buyerPays(scene)
      await shop.simulator.settle()
    },
    step: async ({ pos }, { db }) => {
      const notification = shop.simulator.orders().at(-1)?.notifications.at(-1)
      const gateway = shop.gatewaysOf(pos).get('card')
      if (notification && gateway) await receiveMessage(db, gateway, Buffer.from(notification.body), ignoreIt)
    },
  },
  'asking whether it was paid': {
    before: unheard,
    step: ({ orderId }, { db, gateways }) => confirmPayment(db, gateways, shop.presented, orderId),
  },
  'looking at a silent payment': {
    before: unheard,
    step: async (_scene, { db, gateways }) => {
      await makeAllDue(shop.db)
      await reconcile(db, gateways, ignore)
    },
  },
  'taking blocked money': {
    pos: 'blocking',
    before: heard,
    step: async (_scene, { db, gateways }) => {
      await makeAllDue(shop.db)
      await reconcile(db, gateways, ignore)
    },
  },
  'letting blocked money go': {
    pos: 'blocking',
    before: async (scene, whole) => {
      await heard(scene, whole)
      await cancelOrder(whole.db, new Map(), shop.presented, scene.orderId)
    },
    step: async (_scene, { db, gateways }) => {
      await makeAllDue(shop.db)
      await reconcile(db, gateways, ignore)
    },
  },
  'taking up a message again': {
    before: async (scene, whole) => {
      await choose('card')(scene, whole)
      // Written down, and nothing more.
      shop.crashOverNext({ at: 2, when: 'before' })
      await buyerPays(scene)
      await shop.simulator.settle()
    },
    step: async (_scene, { db, gateways }) => {
      await makeAllDue(shop.db)
      await handleWaitingMessages(db, gateways, ignore)
    },
  },
  'canceling an unpaid order': {
    before: choose('card'),
    step: ({ orderId }, { db, gateways }) => cancelOrder(db, gateways, shop.presented, orderId),
  },
  'canceling an order whose payment had begun, and nobody here knows': {
    before: async (scene, whole) => {
      const lost = shop.simulator.faults.add({ kind: 'cut', on: 'create', when: 'after' })
      await expect(choose('card')(scene, whole)).rejects.toMatchObject({ refusal: { code: 'payments.gateway-failed' } })
      shop.simulator.faults.remove(lost)
    },
    step: ({ orderId }, { db, gateways }) => cancelOrder(db, gateways, shop.presented, orderId),
  },
  'canceling a paid order': {
    before: heard,
    step: ({ orderId }, { db, gateways }) => cancelOrder(db, gateways, shop.presented, orderId),
  },
  'ending an order that was not paid in time': {
    before: async (scene, whole) => {
      await choose('card')(scene, whole)
      await rowsOf(shop.db, `update reservations set expires_at = now() - interval '1 second' where order_id = $1`, [
        scene.orderId,
      ])
    },
    step: (_scene, { db, gateways }) => expireUnpaid(db, gateways),
  },
  'refunding a part': {
    before: heard,
    step: ({ orderId }, { db }) => refundOrder(db, orderId, { amountMinor: 5_000 }),
  },
  'refunding all, with the pieces': {
    before: heard,
    step: ({ orderId, productId }, { db }) => refundOrder(db, orderId, { returned: [{ productId, quantity: 3 }] }),
  },
  'sending a refund': {
    before: async (scene, whole) => {
      await heard(scene, whole)
      await refundOrder(shop.db, scene.orderId, { amountMinor: 5_000 })
    },
    step: (_scene, { db, gateways }) => sendRefunds(db, gateways, ignore),
  },
  'hearing that a refund was made': {
    before: async (scene, whole) => {
      await heard(scene, whole)
      await refundOrder(shop.db, scene.orderId, { amountMinor: 5_000 })
      await sendRefunds(shop.db, whole.gateways, ignore)
      shop.crashOverNext({ at: 1, when: 'before' })
      await shop.simulator.settle()
    },
    step: async ({ pos }, { db }) => {
      const notification = shop.simulator.orders().at(-1)?.notifications.at(-1)
      const gateway = shop.gatewaysOf(pos).get('card')
      if (notification && gateway) await receiveMessage(db, gateway, Buffer.from(notification.body), ignoreIt)
    },
  },
}

const ignoreIt = (error: unknown) => ignore(undefined, error)

test.each(Object.entries(CHAPTERS))(
  '%s: whenever the process dies over it, order and money agree in the end',
  async (_title, { pos = 'taking', before, step }) => {
    let deaths = 0
    for (const when of ['before', 'after'] as const) {
      for (let at = 1, died = true; died; at++) {
        died = await diesAt({ at, when }, pos, before, step)
        if (died) deaths++
      }
    }
    expect(deaths).toBeGreaterThanOrEqual(2)
  },
  120_000,
)

/** @returns whether it died; false: it has fewer words than that, and did all of its work */
async function diesAt(point: CrashPoint, pos: Pos, before: Chapter['before'], step: Chapter['step']): Promise<boolean> {
  const scene = { ...(await shop.order()), pos }
  await before?.(scene, { db: shop.db, gateways: shop.gatewaysOf(pos) })
  const mortal = dying(shop.db, shop.gatewaysOf(pos), point)
  await step(scene, mortal).catch((error) => {
    if (!mortal.isDead()) throw error
  })
  const died = mortal.isDead()
  await shop.quiesce()
  expect(await disagreementsOf(shop, scene), `${point.when} word ${point.at}`).toEqual([])
  await rowsOf(shop.db, 'update payment_attempts set next_look_at = null where order_id = $1', [scene.orderId])
  return died
}
