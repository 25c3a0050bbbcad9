import { notifyOfOrder } from '../notifications/notification.ts'
import type { Simulation } from '../simulation.ts'
import { mayMove, type Order, type OrderStatus, type Transaction, totalMinor } from './order.ts'
import { newPaymentId } from './order-id.ts'

/** Uncaptured money goes back to the buyer after so many days; PayU's number depends on the method. */
const CAPTURE_DAYS = 7

export const isFinal = ({ status }: Order): boolean => status === 'COMPLETED' || status === 'CANCELED'

/** The buyer, or the shop for them, begins to pay. */
export function beginPayment(
  simulation: Simulation,
  order: Order,
  means: { method: string; type?: string; cardNumber?: string },
): Transaction {
  const transaction: Transaction = {
    paymentId: newPaymentId(),
    method: means.method,
    at: simulation.clock.now(),
    ...(means.cardNumber !== undefined && { cardNumber: means.cardNumber }),
  }
  order.transactions.push(transaction)
  order.methodType = means.type ?? 'PBL'
  if (order.status === 'NEW') moveOrder(simulation, order, 'PENDING')
  else simulation.ledger.save(order)
  return transaction
}

/** The bank says yes: the money is the shop's at once, or once the shop captures it. */
export function approve(simulation: Simulation, order: Order): void {
  endTransaction(order, '000')
  const { autoReceive } = simulation.pointOfSale(order.posId)
  const isCard = order.transactions.at(-1)?.method === 'c'
  if (autoReceive && !(isCard && order.request.preAuthorization)) {
    order.capturedMinor = totalMinor(order)
    moveOrder(simulation, order, 'COMPLETED')
  } else {
    order.deadline = simulation.clock.now() + CAPTURE_DAYS * 86_400_000
    moveOrder(simulation, order, 'WAITING_FOR_CONFIRMATION')
  }
}

/** The bank says no, but the buyer is at the page and may try again. */
export function refuseAttempt(simulation: Simulation, order: Order, resultCode: string): void {
  endTransaction(order, resultCode)
  simulation.ledger.save(order)
}

/** Nobody is charged; `resultCode` is why, for the transaction. */
export function cancelOrder(simulation: Simulation, order: Order, resultCode?: string): void {
  if (resultCode !== undefined) endTransaction(order, resultCode)
  moveOrder(simulation, order, 'CANCELED')
}

/** @param amountMinor up to what was authorised; the rest goes back to the buyer */
export function captureOrder(simulation: Simulation, order: Order, amountMinor: number): void {
  order.capturedMinor = amountMinor
  moveOrder(simulation, order, 'COMPLETED')
}

function endTransaction(order: Order, resultCode: string): void {
  const transaction = order.transactions.at(-1)
  if (transaction) transaction.resultCode = resultCode
  delete order.decision
}

function moveOrder(simulation: Simulation, order: Order, to: OrderStatus): void {
  if (!mayMove(order.status, to)) throw new Error(`${order.orderId} may not go from ${order.status} to ${to}`)
  order.status = to
  if (isFinal(order)) {
    delete order.deadline
    delete order.decision
  }
  notifyOfOrder(simulation, order)
  simulation.ledger.save(order)
  simulation.say(`order is ${to}`, order.orderId)
}
