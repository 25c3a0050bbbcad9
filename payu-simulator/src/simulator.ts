import type { FastifyPluginAsync } from 'fastify'
import { Agenda } from './agenda.ts'
import { takeBodiesRaw } from './api/bodies.ts'
import { payuApi } from './api/index.ts'
import { Clock } from './clock.ts'
import { controlRoutes } from './control/routes.ts'
import { failCalls } from './faults/call-faults.ts'
import { Faults } from './faults/faults.ts'
import { Courier } from './notifications/courier.ts'
import type { SimulatorOptions } from './options.ts'
import { actAsBuyer, type BuyerAction, returnUrl } from './orders/buyer.ts'
import { Ledger } from './orders/ledger.ts'
import type { Order } from './orders/order.ts'
import { brandImages } from './pay-page/brands.ts'
import { payPage } from './pay-page/routes.ts'
import { completePos, type PointOfSale, SANDBOX_POS } from './points-of-sale.ts'
import { type LoggedRequest, logRequests } from './request-log.ts'
import type { Simulation } from './simulation.ts'

/** A simulator that runs, as tests and the program that started it see it. */
export interface PayuSimulator {
  readonly pointsOfSale: readonly PointOfSale[]
  /** All orders, as they are now: copies, in the order of their making. */
  orders(): Order[]
  /** The last calls that shops made. */
  readonly requests: readonly LoggedRequest[]
  readonly faults: Faults
  /** @throws RangeError when there is none */
  order(orderId: string): Order
  /**
   * Does what the buyer would do on the pay page.
   *
   * @returns where the buyer's browser goes then; undefined when the order has no continueUrl
   * @throws RangeError for an order that cannot be paid any more
   */
  act(orderId: string, action: BuyerAction): string | undefined
  /** One attempt, now, for every notification that was not accepted yet. */
  deliverNow(): Promise<void>
  /** Ends what is under way: what banks decide, refunds, one attempt for each new notification. */
  settle(): Promise<void>
  /** Moves the clock forward, and does what has become due by it. */
  advance(seconds: number): Promise<void>
  close(): Promise<void>
}

/** One that is part of another program. */
export interface MountedSimulator extends PayuSimulator {
  /** Fastify's plugin; register it under a prefix, and say with `publicUrl` where that is. */
  readonly plugin: FastifyPluginAsync
}

export interface MountOptions extends SimulatorOptions {
  /** Where browsers and shops reach it, prefix included; as a function it is asked each time. */
  readonly publicUrl: string | (() => string)
}

/** Makes a simulator for a Fastify application. It works until `close`, which the application calls when it closes. */
export function payuSimulator(options: MountOptions): MountedSimulator {
  const simulation = makeSimulation(options)
  const { clock, ledger, faults, pointsOfSale } = simulation
  const courier = new Courier(simulation)
  const agenda = new Agenda(simulation, courier, options.manual ?? false)
  ledger.onSave = (order) => agenda.note(order)
  const requests: LoggedRequest[] = []

  const get = (orderId: string): Order => {
    const order = ledger.find(orderId)
    if (!order) throw new RangeError(`there is no order ${orderId}`)
    return order
  }
  let closing: Promise<void> | undefined
  const close = async () => {
    agenda.close()
    await courier.close()
    ledger.close()
  }
  const simulator: PayuSimulator = {
    pointsOfSale,
    requests,
    faults,
    orders: () => structuredClone([...ledger.all()]),
    order: (orderId) => structuredClone(get(orderId)),
    act(orderId, action) {
      const order = get(orderId)
      actAsBuyer(simulation, order, action)
      return returnUrl(order)
    },
    deliverNow: () => agenda.deliverNow(),
    settle: () => agenda.settle(),
    async advance(seconds) {
      clock.advance(seconds)
      ledger.noteAdvance(clock.advancedSeconds)
      await agenda.runDue()
    },
    close() {
      closing ??= close()
      return closing
    },
  }
  const plugin: FastifyPluginAsync = async (app) => {
    takeBodiesRaw(app)
    logRequests(app, clock, requests)
    failCalls(app, faults)
    app.addHook('onListen', async () => agenda.start())
    app.addHook('onClose', () => simulator.close())
    app.register(async (api) => payuApi(api, simulation))
    app.register(async (pages) => payPage(pages, simulation))
    app.register(async (control) => controlRoutes(control, simulation, simulator))
    brandImages(app)
  }
  return { ...simulator, plugin }
}

function makeSimulation(options: MountOptions): Simulation {
  const { publicUrl, onEvent } = options
  const pointsOfSale = options.pointsOfSale?.map(completePos) ?? [SANDBOX_POS]
  const byId = new Map(pointsOfSale.map((pos) => [pos.posId, pos]))
  const ledger = new Ledger(options.stateFile)
  for (const { orderId, posId } of ledger.all()) {
    if (!byId.has(posId))
      throw new RangeError(`${options.stateFile} has order ${orderId} of POS ${posId}, which is not here`)
  }
  const clock = new Clock({
    timeScale: options.timeScale ?? 1,
    advancedSeconds: ledger.advancedSeconds,
    isStanding: options.manual ?? false,
  })
  return {
    clock,
    ledger,
    faults: new Faults(),
    pointsOfSale,
    pointOfSale(posId) {
      const pos = byId.get(posId)
      if (!pos) throw new Error(`there is no point of sale ${posId}`)
      return pos
    },
    publicUrl: () => (typeof publicUrl === 'string' ? publicUrl : publicUrl()).replace(/\/+$/, ''),
    random: options.random ?? Math.random,
    decisionSeconds: options.decisionSeconds ?? 2,
    refundSeconds: options.refundSeconds ?? 5,
    say: (text, orderId) => onEvent?.({ at: new Date(clock.now()), ...(orderId !== undefined && { orderId }), text }),
  }
}
