import { warsawTime } from '../clock.ts'
import { maskCard } from '../orders/means.ts'
import type { Order } from '../orders/order.ts'
import type { Refund } from '../orders/refund.ts'

/** An order as notifications have it; a retrieved one has more. Numbers are strings. */
export function orderShape(order: Order) {
  const { orderId, posId, createdAt, request, methodType, status } = order
  return {
    orderId,
    ...(request.extOrderId !== undefined && { extOrderId: request.extOrderId }),
    orderCreateDate: warsawTime(createdAt),
    ...(request.notifyUrl !== undefined && { notifyUrl: request.notifyUrl }),
    customerIp: request.customerIp,
    merchantPosId: posId,
    description: request.description,
    ...(request.additionalDescription !== undefined && { additionalDescription: request.additionalDescription }),
    currencyCode: request.currencyCode,
    totalAmount: request.totalAmount,
    ...(request.buyer && { buyer: { customerId: 'guest', ...request.buyer } }),
    ...(methodType !== undefined && { payMethod: { type: methodType } }),
    products: request.products,
    status,
  }
}

export function retrievedOrder(order: Order) {
  const all = properties(order)
  return {
    orders: [{ ...orderShape(order), validityTime: order.request.validityTime }],
    status: { statusCode: 'SUCCESS', statusDesc: 'Request processing successful' },
    ...(all.length > 0 && { properties: all }),
  }
}

/** The id of the payment, once there is one: of the last, as only that may have succeeded. */
export function properties(order: Order): { name: string; value: string }[] {
  const paymentId = order.transactions.at(-1)?.paymentId
  return paymentId === undefined ? [] : [{ name: 'PAYMENT_ID', value: paymentId }]
}

export function transactionsOf(order: Order) {
  return {
    transactions: order.transactions.map(({ method, paymentId, resultCode, cardNumber }) => ({
      payMethod: { value: method },
      paymentFlow: flowOf(method),
      ...(resultCode !== undefined && { resultCode }),
      ...(cardNumber !== undefined && { card: cardShape(cardNumber, resultCode) }),
      ...(method === 'blik' && { blik: { txRef: paymentId, extTxRef: order.orderId } }),
      ...(flowOf(method) === 'PAY_BY_LINK' && {
        bankAccount: { number: '61109010140000071219812874', name: 'Simulated Buyer' },
      }),
    })),
  }
}

const flowOf = (method: string): string =>
  method === 'c' ? 'CARD' : method === 'blik' ? 'BLIK' : method === 'ap' || method === 'jp' ? 'WALLET' : 'PAY_BY_LINK'

function cardShape(number: string, resultCode: string | undefined) {
  return {
    cardData: {
      cardNumberMasked: maskCard(number),
      cardScheme: schemeOf(number),
      ...(resultCode !== undefined && { cardResponseCode: resultCode }),
    },
  }
}

const schemeOf = (number: string): string => (number.startsWith('4') ? 'VS' : 'MC')

/** PayU names the same things differently in an answer and in a notification. */
export function refundShape(refund: Refund, where: 'answer' | 'notification') {
  const { refundId, extRefundId, amountMinor, currencyCode, description, status } = refund
  const inAnswer = where === 'answer'
  return {
    refundId,
    ...(extRefundId !== undefined && { extRefundId }),
    amount: String(amountMinor),
    currencyCode,
    ...(inAnswer && { description, creationDateTime: warsawTime(refund.createdAt) }),
    status,
    statusDateTime: warsawTime(refund.statusAt),
    ...(status === 'CANCELED' && {
      statusError: { code: refund.failure ?? 'UNKNOWN', description: 'The refund could not be made' },
    }),
    ...(!inAnswer && { reason: 'refund', reasonDescription: description, refundDate: warsawTime(refund.createdAt) }),
  }
}
