import { type Entry, type Journal, NO_JOURNAL, openJournal, readJournal } from './journal.ts'
import type { Order } from './order.ts'

/** All orders of the simulator. Whoever changes one says so with `save`, before anybody is answered. */
export class Ledger {
  readonly #orders = new Map<string, Order>()
  readonly #byExtOrderId = new Map<string, Order>()
  readonly #deadTokens = new Set<string>()
  readonly #journal: Journal
  /** As it was when the journal was last written. */
  readonly advancedSeconds: number = 0
  /** Told of each order that was saved. */
  onSave: (order: Order) => void = () => {}

  constructor(stateFile: string | undefined) {
    for (const { order, deadToken, advancedSeconds } of stateFile ? readJournal(stateFile) : []) {
      if (order) this.#put(order)
      if (deadToken !== undefined) this.#deadTokens.add(deadToken)
      if (advancedSeconds !== undefined) this.advancedSeconds = advancedSeconds
    }
    this.#journal = stateFile ? openJournal(stateFile, this.#entries()) : NO_JOURNAL
  }

  save(order: Order): void {
    this.#put(order)
    this.#journal.append({ order })
    this.onSave(order)
  }

  find(orderId: string): Order | undefined {
    return this.#orders.get(orderId)
  }

  /** Within one point of sale: two may use the same id. */
  findByExtOrderId(posId: string, extOrderId: string): Order | undefined {
    return this.#byExtOrderId.get(`${posId} ${extOrderId}`)
  }

  /** In the order of their making. */
  all(): Iterable<Order> {
    return this.#orders.values()
  }

  /** The token pays nothing any more: it was used up or deleted. */
  killToken(posId: string, token: string): void {
    this.#deadTokens.add(`${posId} ${token}`)
    this.#journal.append({ deadToken: `${posId} ${token}` })
  }

  isDeadToken(posId: string, token: string): boolean {
    return this.#deadTokens.has(`${posId} ${token}`)
  }

  noteAdvance(advancedSeconds: number): void {
    this.#journal.append({ advancedSeconds })
  }

  close(): void {
    this.#journal.close()
  }

  #put(order: Order): void {
    this.#orders.set(order.orderId, order)
    const { extOrderId } = order.request
    if (extOrderId !== undefined) this.#byExtOrderId.set(`${order.posId} ${extOrderId}`, order)
  }

  *#entriesOnce(): Generator<Entry> {
    yield { advancedSeconds: this.advancedSeconds }
    for (const deadToken of this.#deadTokens) yield { deadToken }
    for (const order of this.#orders.values()) yield { order }
  }

  #entries(): Entry[] {
    return [...this.#entriesOnce()]
  }
}
