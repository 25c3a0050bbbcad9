import type { Courier } from './notifications/courier.ts'
import type { Notification } from './notifications/notification.ts'
import { approve, cancelOrder } from './orders/change-order.ts'
import type { Order } from './orders/order.ts'
import { decideRefund } from './orders/request-refund.ts'
import type { Simulation } from './simulation.ts'

const TIMER_MS_MAX = 2 ** 31 - 1

/** Does in time what PayU does by itself: ends orders that lapsed, decides what waits, delivers. */
export class Agenda {
  readonly #simulation: Simulation
  readonly #courier: Courier
  /** Orders with something still to come. */
  readonly #open = new Set<Order>()
  readonly #timers = new Map<Order, NodeJS.Timeout>()
  readonly #isManual: boolean
  #isClosed = false

  /** @param isManual nothing happens by itself, only when asked to */
  constructor(simulation: Simulation, courier: Courier, isManual: boolean) {
    this.#simulation = simulation
    this.#courier = courier
    this.#isManual = isManual
    for (const order of simulation.ledger.all()) if (isOpen(order)) this.#open.add(order)
  }

  /** Takes up what an earlier process has left: once shops can be reached, which may be in this very process. */
  start(): void {
    for (const order of this.#open) this.note(order)
  }

  /** The order has changed: it may have something due earlier than before, or nothing any more. */
  note(order: Order): void {
    if (isOpen(order)) this.#open.add(order)
    else this.#open.delete(order)
    clearTimeout(this.#timers.get(order))
    this.#timers.delete(order)
    const at = nextDue(order, this.#courier.isBusyWith(order))
    if (at === Number.POSITIVE_INFINITY || this.#isManual || this.#isClosed) return
    const wait = Math.min(Math.max(at - this.#simulation.clock.now(), 0), TIMER_MS_MAX)
    this.#timers.set(order, setTimeout(() => this.#wake(order), wait).unref())
  }

  /** Does everything that is due; resolves when its notifications have been answered. */
  async runDue(): Promise<void> {
    await Promise.all([...this.#open].map((order) => this.#runDue(order)))
  }

  /** One attempt for each notification that was not accepted yet, however long it would have waited. */
  async deliverNow(): Promise<void> {
    const rounds = [...this.#open].map((order) => {
      const wanted = new Set(order.notifications.filter(({ state }) => state === 'waiting'))
      return this.#deliver(order, (notification) => wanted.delete(notification) && notification.state === 'waiting')
    })
    await Promise.all(rounds)
  }

  /**
   * Brings to its end what is under way, and what shops begin meanwhile: decides what waits for a bank, attempts each
   * notification that was not attempted yet, held ones last. Lets no order lapse and repeats no attempt.
   */
  async settle(): Promise<void> {
    for (;;) {
      const unsettled = [...this.#open].filter(isUnsettled)
      if (unsettled.length === 0 || this.#isClosed) return
      for (const order of unsettled) {
        this.#decide(order, Number.POSITIVE_INFINITY, { mayLapse: false })
        await this.#deliver(order, isFresh)
        for (const notification of order.notifications)
          if (notification.state === 'held') notification.state = 'waiting'
        await this.#deliver(order, isFresh)
      }
    }
  }

  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }

  async #runDue(order: Order): Promise<void> {
    const { clock } = this.#simulation
    const isDue = ({ state, nextAt }: Notification) => state === 'waiting' && nextAt <= clock.now()
    this.#decide(order, clock.now())
    if (order.notifications.some(isDue)) await this.#deliver(order, isDue)
    else this.note(order)
  }

  #wake(order: Order): void {
    this.#runDue(order).catch((error: Error) => this.#simulation.say(`bug in the simulator: ${error.stack}`))
  }

  #deliver(order: Order, isWanted: (notification: Notification) => boolean): Promise<void> {
    return this.#courier.deliver(order, isWanted).finally(() => this.note(order))
  }

  #decide(order: Order, until: number, { mayLapse = true } = {}): void {
    const { decision, deadline = Number.POSITIVE_INFINITY } = order
    if (decision && decision.at <= until) {
      if (decision.resultCode === '000') approve(this.#simulation, order)
      else cancelOrder(this.#simulation, order, decision.resultCode)
    } else if (mayLapse && !decision && deadline <= until) {
      cancelOrder(this.#simulation, order, order.status === 'WAITING_FOR_CONFIRMATION' ? '222' : undefined)
    }
    for (const refund of order.refunds) {
      if (refund.status === 'PENDING' && refund.decidedAt <= until) decideRefund(this.#simulation, order, refund)
    }
  }
}

const isFresh = ({ state, attempts }: Notification): boolean => state === 'waiting' && attempts.length === 0

/** Whether something can be brought to an end without waiting for it. */
function isUnsettled({ decision, refunds, notifications }: Order): boolean {
  return (
    decision !== undefined ||
    refunds.some(({ status }) => status === 'PENDING') ||
    notifications.some((notification) => isFresh(notification) || notification.state === 'held')
  )
}

/** Whether anything may still happen to it by itself. */
function isOpen(order: Order): boolean {
  return nextDue(order, false) !== Number.POSITIVE_INFINITY || order.notifications.some(({ state }) => state === 'held')
}

/** When the order next needs us; while its notifications are being delivered they do not count. */
function nextDue({ deadline, decision, refunds, notifications }: Order, isBusy: boolean): number {
  const never = Number.POSITIVE_INFINITY
  return Math.min(
    decision?.at ?? deadline ?? never,
    ...refunds.map(({ status, decidedAt }) => (status === 'PENDING' ? decidedAt : never)),
    ...notifications.map(({ state, nextAt }) => (state === 'waiting' && !isBusy ? nextAt : never)),
  )
}
