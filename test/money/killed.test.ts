import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SANDBOX_POS } from 'payu-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../scripts/free-port.mjs'
import { rowsOf } from '../support/books.ts'
import { makeDataDir } from '../support/embedded.ts'
import { type StartedProgram, start } from '../support/program.ts'
import { disagreementsOf, type Ordered, payuOrdersOf } from './agreement.ts'
import { makeAllDue, openShopOfMoney, type ShopOfMoney } from './shop-of-money.ts'
import { listenToDatabase, listenToPayu, type WordPoint, Words } from './words.ts'

/**
 * The same as crashes.test.ts, with the real program and a real kill -9: proxies before the database and before PayU count
 * its words. It is started again by nobody but the test, and everything comes to its end by the program's own jobs.
 *
 * Six deaths here; `npm run drill -- --what payments` dies at every word.
 */

const IS_WHOLE = process.env.KILLED_AT === 'every-word'

let shop: ShopOfMoney
const words = new Words()
let database: Awaited<ReturnType<typeof listenToDatabase>>
let payu: Awaited<ReturnType<typeof listenToPayu>>

beforeAll(async () => {
  shop = await openShopOfMoney()
  const { host = '127.0.0.1', port = 5432, connectionString } = shop.connection
  const url = connectionString ? new URL(connectionString) : undefined
  const isSocket = !url && host.startsWith('/')
  const target = isSocket
    ? { path: join(host, `.s.PGSQL.${port}`) }
    : { host: url?.hostname ?? host, port: Number(url?.port || port) }
  database = await listenToDatabase(target, words)
  payu = await listenToPayu(shop.simulator.url, words)
})
afterAll(async () => {
  payu.close()
  await shop.close()
  database.close()
})

/** The shop's program: killed and started again. */
interface Program {
  readonly baseUrl: string
  startAgain(): Promise<void>
  stop(): Promise<void>
}

async function startProgram(): Promise<Program> {
  const { user = '', password = '', database: name = '', connectionString } = shop.connection
  const url = new URL(connectionString ?? `postgres://127.0.0.1/${name}`)
  url.username ||= `${user}`
  url.password ||= typeof password === 'string' ? password : ''
  url.host = `127.0.0.1:${database.port}`
  const port = String(await freePort())
  const settings = {
    ...{
      DATABASE_URL: url.href,
      PORT: port,
      DATA_DIR: makeDataDir(),
      DEMO: 'off',
      LOG_LEVEL: 'silent',
      THROTTLE: 'off',
    },
    ...{ PAYU_URL: payu.url, PAYU_POS_ID: SANDBOX_POS.posId, PAYU_CLIENT_SECRET: SANDBOX_POS.clientSecret },
    ...{ PAYU_SECOND_KEY: SANDBOX_POS.secondKey, PAYU_BLIK_CODE: 'on' },
  }
  let running: StartedProgram
  const startAgain = async () => {
    running = start(settings)
    const { child } = running
    words.serve(() => child.kill('SIGKILL'))
    await running.ready
  }
  await startAgain()
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    async startAgain() {
      expect((await running.ended).signal).toBe('SIGKILL')
      await startAgain()
    },
    async stop() {
      running.child.kill('SIGTERM')
      expect((await running.ended).code).toBe(0)
    },
  }
}

type Ask = (method: string, path: string, body?: object) => Promise<number | undefined>

/** The status; undefined when nobody answered. */
const asking =
  (baseUrl: string): Ask =>
  async (method, path, body) =>
    fetch(baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${shop.token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }).then(
      async (answer) => {
        await answer.arrayBuffer()
        return answer.status
      },
      () => undefined,
    )

interface Chapter {
  readonly before?: (scene: Ordered, ask: Ask) => Promise<unknown>
  readonly step: (scene: Ordered, ask: Ask) => Promise<unknown>
  /** The statement that a job's step begins with. */
  readonly from?: string
  /** Where the sample dies. */
  readonly sample: WordPoint
}

const choose = (wish: object) => (scene: Ordered, ask: Ask) => ask('PUT', `/api/orders/${scene.orderId}/payment`, wish)
const cancel = ({ orderId }: Ordered, ask: Ask) => ask('POST', `/api/orders/${orderId}/set_canceled`)

async function buyerPays({ orderId }: Ordered): Promise<void> {
  const [open] = await payuOrdersOf(shop, orderId)
  expect(open?.status).toBe('NEW')
  if (open) shop.simulator.act(open.orderId, 'pay')
}

async function paid(scene: Ordered, ask: Ask): Promise<void> {
  expect(await choose({ method: 'card' })(scene, ask)).toBe(200)
  await buyerPays(scene)
  await shop.simulator.settle()
}

const CHAPTERS: Readonly<Record<string, Chapter>> = {
  'choosing the card': { step: choose({ method: 'card' }), sample: { at: /^payu POST .*orders$/, when: 'after' } },
  'typing a BLIK code': {
    step: choose({ method: 'payu', blik_code: '777123' }),
    sample: { at: /^payments.set-started/, when: 'before' },
  },
  'hearing that it was paid': {
    before: async (scene, ask) => {
      await choose({ method: 'card' })(scene, ask)
      await buyerPays(scene)
    },
    step: () => shop.simulator.settle(),
    sample: { at: /^payments.insert-message/, when: 'after' },
  },
  'asking whether it was paid': {
    before: async (scene, ask) => {
      await choose({ method: 'card' })(scene, ask)
      shop.simulator.faults.add({ kind: 'silence', status: 'COMPLETED', times: 1 })
      await buyerPays(scene)
      await shop.simulator.settle()
    },
    step: ({ orderId }, ask) => ask('POST', `/api/orders/${orderId}/payment/confirm`),
    sample: { at: /^payu GET .*orders/, when: 'after' },
  },
  'canceling a paid order': { before: paid, step: cancel, sample: { at: /^commit/, when: 'after' } },
  'sending its refund': {
    before: async (scene, ask) => {
      await paid(scene, ask)
      expect(await cancel(scene, ask)).toBe(200)
    },
    step: async ({ orderId }) => {
      const waits = `select from refunds r join payment_attempts a on a.id = r.attempt_id
                      where a.order_id = $1 and r.status = 'requested'`
      while (!words.isDead && (await rowsOf(shop.db, waits, [orderId])).length > 0) await delay(50)
    },
    from: 'payments.take-refunds-to-send',
    sample: { at: /^payu POST .*refunds$/, when: 'after' },
  },
}

test(
  IS_WHOLE
    ? 'killed at every word of every step of a payment, the program starts again and order and money agree'
    : 'killed in the middle of each step of a payment, the program starts again and order and money agree',
  async () => {
    const program = await startProgram()
    const ask = asking(program.baseUrl)
    const scenes: Ordered[] = []
    const deaths = new Map<string, number>()

    /** @returns whether it died; false: the step has fewer words than that */
    async function diesAt(point: WordPoint, { before, step, from }: Chapter): Promise<boolean> {
      const scene = await shop.order()
      scenes.push(scene)
      await before?.(scene, ask)
      await leaveOthersAlone(scene)
      words.arm(point, from)
      await step(scene, ask)
      words.disarm()
      if (words.isDead) await program.startAgain()
      else return false
      return true
    }

    for (const [title, chapter] of Object.entries(CHAPTERS)) {
      deaths.set(title, 0)
      const dies = async (point: WordPoint) => {
        const died = await diesAt(point, chapter)
        if (died) deaths.set(title, (deaths.get(title) ?? 0) + 1)
        return died
      }
      if (!IS_WHOLE) expect(await dies(chapter.sample), title).toBe(true)
      else
        for (const when of ['before', 'after'] as const) {
          for (let at = 1; await dies({ at, when }); at++);
        }
      if (IS_WHOLE) console.log(`${title}: killed ${deaths.get(title)} times`)
    }

    await expect
      .poll(() => everythingEnds(scenes), { timeout: IS_WHOLE ? 600_000 : 90_000, interval: 1_000 })
      .toEqual([])
    await program.stop()
    const total = [...deaths.values()].reduce((sum, it) => sum + it, 0)
    if (IS_WHOLE) console.log(`KILLED ${total} times, ${scenes.length} orders`)
    else expect(total).toBe(6)
  },
  IS_WHOLE ? 3_600_000 : 180_000,
)

/** Time has passed, PayU has told what it had to tell; what is still wrong? */
async function everythingEnds(scenes: readonly Ordered[]): Promise<string[]> {
  await shop.simulator.settle()
  await shop.simulator.deliverNow()
  await makeAllDue(shop.db)
  const found = []
  for (const scene of scenes) found.push(...(await disagreementsOf(shop, scene)))
  return found
}

/** What earlier deaths have left waits until the end: this one's words are its own. */
async function leaveOthersAlone({ orderId }: Ordered): Promise<void> {
  const others = `select id from payment_attempts where order_id <> '${orderId}'`
  const later = `now() + interval '1 day'`
  await rowsOf(
    shop.db,
    `update payment_attempts set next_look_at = ${later} where next_look_at is not null and id in (${others})`,
  )
  await rowsOf(
    shop.db,
    `update refunds set next_try_at = ${later} where next_try_at is not null and attempt_id in (${others})`,
  )
  await rowsOf(shop.db, `update gateway_messages set next_try_at = ${later} where next_try_at is not null`)
}
