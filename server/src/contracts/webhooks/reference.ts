import { EVENT_KINDS, type EventKind } from '../../events/index.ts'
import { Message } from './schemas.ts'

/** When each kind of message is sent: for the reference and docs/webhooks.md. */
export const KINDS_IN_WORDS: Readonly<Record<EventKind, string>> = {
  'order.placed': 'The order was made and its stock is reserved',
  'order.to_pay': 'The customer has chosen how to pay',
  'order.paid': 'The money has come: the order can be sent',
  'order.sent': 'The order was sent',
  'order.delivered': 'The order was delivered',
  'order.canceled': 'Canceled by the customer or staff, or not paid in time; its stock is free',
  'order.returned': 'The order came back',
  'order.error': 'Something is wrong with the order; a person looks at it',
  'payment.pending': 'A payment waits for the payer; a transfer has its title',
  'payment.authorized': "The payer's bank has blocked the money",
  'payment.paid': 'The money has come',
  'payment.held': 'Money has come, but not the sum asked for; a person looks at it',
  'payment.surplus': 'Money has come that the order does not want any more; it goes back',
  'payment.declined': 'The payment was declined; another may be tried',
  'payment.canceled': 'The payment is not wanted any more, or was broken off',
  'payment.expired': 'The payment was not made in time',
  'refund.requested': 'Money is to go back',
  'refund.sent': 'The gateway has taken the refund; the money is under way',
  'refund.done': 'The money has been sent back',
  'refund.failed': 'The refund was refused; a person looks at it',
}

const HEADERS = {
  'webhook-id': 'The same whenever this message is sent again: do not act on it twice',
  'webhook-timestamp': 'When it was sent, in seconds since 1970: refuse what is older than some minutes',
  'webhook-signature': 'By the Standard Webhooks scheme: `v1,` and base64, several separated by spaces',
} as const

/** The messages for the reference, one for each kind (OpenAPI 3.1, `webhooks`). */
export function describeWebhooks(): Record<string, object> {
  return Object.fromEntries(EVENT_KINDS.map((kind) => [kind, { post: operationOf(kind) }]))
}

function operationOf(kind: EventKind): object {
  const subject = kind.split('.', 1)[0]
  const { payment, refund, ...always } = Message.properties.data.properties
  const properties = { ...always, ...(subject === 'payment' && { payment }), ...(subject === 'refund' && { refund }) }
  return {
    tags: ['Webhooks'],
    summary: KINDS_IN_WORDS[kind],
    parameters: Object.entries(HEADERS).map(([name, description]) => ({
      ...{ name, in: 'header', required: true, description, schema: { type: 'string' } },
    })),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['type', 'timestamp', 'data'],
            properties: {
              type: { const: kind },
              timestamp: Message.properties.timestamp,
              data: { type: 'object', required: Object.keys(properties), properties },
            },
          },
        },
      },
    },
    responses: {
      '2XX': { description: 'Taken' },
      '410': { description: 'This endpoint is no more: it is switched off' },
      default: { description: 'Not taken: it is sent again, for three days' },
    },
  }
}
