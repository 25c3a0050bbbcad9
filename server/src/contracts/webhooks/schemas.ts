import { EVENT_KINDS } from '../../events/index.ts'
import { DELIVERY_FIELDS, type Delivery, ORDER_STATUSES, PAYMENT_METHODS } from '../../orders/index.ts'
import { Type } from '../http/type.ts'

const Uuid = Type.String({ format: 'uuid' })
const Time = Type.String({ format: 'date-time', examples: ['2026-11-20T12:00:00.000Z'] })
const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] })
/** Money as the shop contract shows it: a decimal string. */
const Money = Type.String({ examples: ['3000.00'] })
const Currency = Type.String({ examples: ['PLN'] })
const OneOf = <const V extends string | null>(values: readonly V[], description?: string) =>
  Type.Unsafe<V>({ enum: values, ...(description && { description }) })

const Order = Type.Object(
  {
    order_uuid: Uuid,
    status: OneOf(ORDER_STATUSES),
    date_created: Time,
    date_paid: NullableText,
    sum: Money,
    currency: Currency,
    payment: OneOf([...PAYMENT_METHODS, null]),
    customer: Uuid,
    products: Type.Array(
      Type.Object({
        order_product_uuid: Uuid,
        product: Uuid,
        name: Type.String(),
        quantity: Type.Integer(),
        value: Money,
      }),
    ),
    delivery: Type.Unsafe<Delivery | null>({
      type: ['object', 'null'],
      properties: Object.fromEntries(DELIVERY_FIELDS.map((field) => [field, { type: 'string' }])),
    }),
  },
  { description: 'The order as it was when it happened, as `GET /api/orders/:order_uuid` shows it' },
)

const Customer = Type.Object(
  {
    customer_uuid: Uuid,
    username: Type.String(),
    email: Type.String(),
    first_name: Type.String(),
    last_name: Type.String(),
    phone: Type.String(),
  },
  { description: 'As the customer was when the message was first sent; texts that were never given are empty' },
)

const Payment = Type.Object(
  {
    payment_uuid: Uuid,
    method: OneOf(PAYMENT_METHODS),
    status: Type.String(),
    amount: Money,
    captured: Type.String({ description: 'What has come', examples: ['3000.00'] }),
    currency: Currency,
    transfer_title: NullableText,
  },
  { description: 'In `payment.` messages: one try at paying the order' },
)

const Refund = Type.Object(
  {
    refund_uuid: Uuid,
    payment_uuid: Uuid,
    method: OneOf(PAYMENT_METHODS),
    status: Type.String(),
    amount: Money,
    currency: Currency,
    reason: Type.String({ examples: ['order-canceled'] }),
  },
  { description: 'In `refund.` messages: money that goes back' },
)

export const Message = Type.Object({
  type: OneOf(EVENT_KINDS),
  timestamp: Type.String({ format: 'date-time', description: 'When it happened' }),
  data: Type.Object({
    position: Type.Integer({ description: 'Among all that happened to the order, from 1 without gaps' }),
    order: Order,
    customer: Customer,
    payment: Type.Optional(Payment),
    refund: Type.Optional(Refund),
  }),
})
