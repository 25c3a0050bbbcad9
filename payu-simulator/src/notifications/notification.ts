import { randomUUID } from 'node:crypto'
import { orderShape, properties, refundShape } from '../api/shapes.ts'
import { warsawTime } from '../clock.ts'
import type { Order } from '../orders/order.ts'
import type { Refund } from '../orders/refund.ts'
import type { Simulation } from '../simulation.ts'
import type { SignatureAlgorithm } from './signature.ts'

export interface Attempt {
  readonly at: number
  /** What the shop answered, or why there is no answer. */
  readonly httpStatus?: number
  readonly failure?: string
  /** The beginning of the answer's body. */
  readonly answer?: string
}

/** A message to the shop. Its body is made once: a late retry tells an old story, as PayU's does. */
export interface Notification {
  readonly id: string
  readonly about: 'order' | 'refund'
  readonly status: string
  readonly url: string
  readonly body: string
  readonly algorithm: SignatureAlgorithm
  readonly createdAt: number
  /** The faults that were put on it, by their kind. */
  readonly faults: readonly string[]
  /** How often each attempt is sent: more than once is a fault, too. */
  readonly copies: number
  /** `held` waits for the next notification to overtake it; `silenced` is never sent. */
  state: 'waiting' | 'held' | 'silenced' | 'accepted' | 'given-up'
  /** When it is sent next, while waiting. */
  nextAt: number
  readonly attempts: Attempt[]
}

/** Tells the shop what the order is now, if it left an address; the caller saves the order. */
export function notifyOfOrder(simulation: Simulation, order: Order): void {
  add(simulation, order, 'order', order.status, orderMessage(simulation, order))
  if (order.status !== 'COMPLETED') return
  for (const fault of simulation.faults.takeForNotification('order', order.status, ['stray-canceled'])) {
    const stale = { ...orderMessage(simulation, order), order: { ...orderShape(order), status: 'CANCELED' } }
    add(simulation, order, 'order', 'CANCELED', stale, [fault.kind])
  }
}

export function notifyOfRefund(simulation: Simulation, order: Order, refund: Refund): void {
  const { orderId } = order
  const { extOrderId } = order.request
  add(simulation, order, 'refund', refund.status, {
    orderId,
    ...(extOrderId !== undefined && { extOrderId }),
    refund: refundShape(refund, 'notification'),
  })
}

function orderMessage({ clock }: Simulation, order: Order) {
  return {
    order: orderShape(order),
    ...(order.status === 'COMPLETED' && { localReceiptDateTime: warsawTime(clock.now()) }),
    properties: properties(order),
  }
}

type Message = { orderId?: string; order?: { totalAmount: string }; refund?: { amount: string } }

function add(
  { clock, faults }: Simulation,
  order: Order,
  about: 'order' | 'refund',
  status: string,
  message: Message,
  kinds: readonly string[] = [],
): void {
  const url = order.request.notifyUrl
  if (!url) return
  const found = faults.takeForNotification(about, status)
  const has = (kind: string) => found.some((fault) => fault.kind === kind)
  const delay = found.find((fault) => fault.kind === 'delay')
  const duplicate = found.find((fault) => fault.kind === 'duplicate')
  order.notifications.push({
    id: randomUUID(),
    about,
    status,
    url,
    body: print(has('wrong-amount') ? withWrongAmount(message) : message),
    algorithm: found.find((fault) => fault.kind === 'algorithm')?.algorithm ?? 'MD5',
    createdAt: clock.now(),
    faults: [...kinds, ...found.map(({ kind }) => kind)],
    copies: (duplicate?.copies ?? 0) + 1,
    state: has('silence') ? 'silenced' : has('reorder') ? 'held' : 'waiting',
    nextAt: delay ? clock.after(delay.seconds) : clock.now(),
    attempts: [],
  })
}

/** One minor unit more than is so. */
function withWrongAmount(message: Message): Message {
  const { order, refund } = message
  return {
    ...message,
    ...(order && { order: { ...order, totalAmount: String(Number(order.totalAmount) + 1) } }),
    ...(refund && { refund: { ...refund, amount: String(Number(refund.amount) + 1) } }),
  }
}

/**
 * Valid JSON that nobody's printer would give back: whoever verifies the signature over what was parsed and printed
 * again fails here, and not only once a name with an unlucky letter comes along.
 */
function print(message: Message): string {
  return JSON.stringify(message).replaceAll('/', '\\/')
}
