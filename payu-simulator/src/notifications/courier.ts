import type { Order } from '../orders/order.ts'
import type { Simulation } from '../simulation.ts'
import { waitAfter } from './ladder.ts'
import type { Attempt, Notification } from './notification.ts'
import { post } from './post.ts'
import { signatureHeader, wrongSignatureHeader } from './signature.ts'

/** So many shops are called at a time; each is given 10 seconds. */
const ROUNDS_MAX = 50

/** Carries notifications to shops: those of one order one after the other, so that PENDING is not overtaken by chance. */
export class Courier {
  readonly #simulation: Simulation
  readonly #rounds = new Map<string, Promise<void>>()
  readonly #closing = new AbortController()
  readonly #queue: (() => void)[] = []
  #running = 0

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  /** Makes one attempt after the other, as long as there is one that is wanted. Rounds of the same order take turns. */
  deliver(order: Order, isWanted: (notification: Notification) => boolean): Promise<void> {
    const before = this.#rounds.get(order.orderId) ?? Promise.resolve()
    const round = before.then(() => this.#whenFree(() => this.#deliverAll(order, isWanted)))
    this.#rounds.set(order.orderId, round)
    return round.finally(() => {
      if (this.#rounds.get(order.orderId) === round) this.#rounds.delete(order.orderId)
    })
  }

  isBusyWith(order: Order): boolean {
    return this.#rounds.has(order.orderId)
  }

  /** Gives up the attempts under way; they are made again after a restart. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#rounds.values())
  }

  async #whenFree(act: () => Promise<void>): Promise<void> {
    if (this.#running >= ROUNDS_MAX) await new Promise<void>((resolve) => this.#queue.push(resolve))
    else this.#running++
    // Whoever ends hands its place on.
    await act().finally(() => {
      const next = this.#queue.shift()
      if (next) next()
      else this.#running--
    })
  }

  async #deliverAll(order: Order, isWanted: (notification: Notification) => boolean): Promise<void> {
    for (;;) {
      const next = order.notifications.find(isWanted)
      if (!next || this.#closing.signal.aborted) return
      const attempts = await this.#attempt(order, next)
      if (this.#closing.signal.aborted) return
      this.#note(order, next, attempts)
    }
  }

  #attempt(order: Order, notification: Notification): Promise<Attempt[]> {
    const isParallel = notification.faults.includes('parallel')
    const sendOnce = () => this.#send(order, notification)
    if (isParallel) return Promise.all([sendOnce(), sendOnce()])
    return inTurn(notification.copies, sendOnce)
  }

  async #send(order: Order, { url, body, algorithm, faults }: Notification): Promise<Attempt> {
    const { clock, pointOfSale } = this.#simulation
    const { posId, secondKey } = pointOfSale(order.posId)
    const bytes = Buffer.from(body)
    const sign = faults.includes('bad-signature') ? wrongSignatureHeader : signatureHeader
    const signed = sign(bytes, secondKey, algorithm)
    const at = clock.now()
    try {
      const headers = {
        'OpenPayu-Signature': signed,
        'X-OpenPayU-Signature': signed,
        'Content-Type': 'application/json;charset=UTF-8',
        'User-Agent': 'Jakarta Commons-HttpClient/3.1',
        // PayU sends one; what stands in it is PayU's affair, so nothing of the shop's does here.
        Authorization: `Basic ${Buffer.from(`${posId}:simulated`).toString('base64')}`,
      }
      const { httpStatus, body: answer } = await post(url, headers, bytes, this.#closing.signal)
      return { at, httpStatus, answer }
    } catch (error) {
      return { at, failure: (error as Error).message || String((error as NodeJS.ErrnoException).code) }
    }
  }

  /** Only 200 ends it. With several copies the last answer counts. */
  #note(order: Order, notification: Notification, attempts: readonly Attempt[]): void {
    const { clock, ledger, say } = this.#simulation
    const isFirst = notification.attempts.length === 0
    notification.attempts.push(...attempts)
    const last = attempts.at(-1)
    const rounds = notification.attempts.length / attempts.length
    const wait = waitAfter(rounds)
    if (last?.httpStatus === 200) notification.state = 'accepted'
    else if (wait === undefined) notification.state = 'given-up'
    else notification.nextAt = clock.after(wait, last?.at)
    if (isFirst) release(order, notification, clock.now())
    ledger.save(order)
    say(
      `${notification.about} ${notification.status} told to ${notification.url}: ${last?.httpStatus ?? last?.failure}`,
      order.orderId,
    )
  }
}

/** What was held back has now been overtaken. */
function release(order: Order, overtaker: Notification, now: number): void {
  const at = order.notifications.indexOf(overtaker)
  for (const held of order.notifications.slice(0, at)) {
    if (held.state !== 'held') continue
    held.state = 'waiting'
    held.nextAt = now
  }
}

async function inTurn<T>(times: number, act: () => Promise<T>): Promise<T[]> {
  const results: T[] = []
  while (results.length < times) results.push(await act())
  return results
}
