import type { TSchema } from 'typebox'
import { type Delivery as DeliveryNote, ORDER_STATUSES, PAYMENT_METHODS } from '../../orders/index.ts'
import { profileText } from '../http/profile-schemas.ts'
import { Type } from '../http/type.ts'

// Formats are in contracts/http/validation.ts. Every text has a `format`, if only `text`, which keeps NUL out.

export const Text = (maxLength: number, examples: string[] = []) => Type.String({ format: 'text', maxLength, examples })
const Username = profileText('username', 'anakin')
const Email = profileText('email', 'a.skywalker@deathstar.im')
/** Longer ones than the policy allows come through, so that the policy can say why not; the cap keeps the check cheap. */
const Password = Type.String({ format: 'text', minLength: 1, maxLength: 1_024, examples: ['obiwansux'] })
const Uuid = Type.String({ format: 'uuid', examples: ['8b2de2bf-b04a-4674-bf92-f0e4c727720b'] })
/** Money as the documents show it: a decimal string. */
const Money = Type.String({ examples: ['3000.00'] })
// One of `type: [...]` and `enum` is serialised several times faster than a union of schemas.
const NullableText = (examples: string[] = []) => Type.Unsafe<string | null>({ type: ['string', 'null'], examples })
const OneOf = <const V extends string>(values: readonly V[]) => Type.Unsafe<V>({ type: 'string', enum: values })
const OneOfOrNull = <const V extends string>(values: readonly V[]) =>
  Type.Unsafe<V | null>({ type: ['string', 'null'], enum: [...values, null] })
/** Read by PostgreSQL as an integer of 32 bits. */
const Quantity = (minimum: number) => Type.Integer({ minimum, maximum: 2_147_483_647, examples: [2] })
const MaskedPassword = Type.String({
  description: 'The layout of the stored hash; salt and digest are masked',
  examples: ['argon2$argon2id$v=19$m=19456,t=2,p=1$******$******'],
})

export const page = <T extends TSchema>(item: T) =>
  Type.Object({ count: Type.Integer(), next: NullableText(), previous: NullableText(), results: Type.Array(item) })

export const PageQuery = {
  page: Type.Optional(Type.String({ examples: ['1'] })),
  page_size: Type.Optional(Type.String({ examples: ['20'] })),
  after: Type.Optional(
    Type.String({ description: 'As `next` has it: where the page before ended. A page is found without it, too.' }),
  ),
}

export const RegisterBody = Type.Object({
  username: Username,
  password: Password,
  first_name: Type.Optional(profileText('firstName', 'lord_anakin')),
  email: Email,
})
export const RegisterAnswer = Type.Object({
  username: Type.String(),
  password: MaskedPassword,
  first_name: Type.String(),
  email: Type.String(),
})
/** A name of any form may be tried: that it is nobody's is said like a wrong password. */
export const LoginBody = Type.Object({ username: Text(254, ['anakin']), password: Text(1_024, ['obiwansux']) })
export const LoginAnswer = Type.Object({ status: Type.Literal('OK'), user: Uuid })
export const Done = Type.Object({ status: Type.Literal('OK'), message: Type.String() })

const PROFILE = {
  username: Type.String(),
  first_name: Type.String(),
  last_name: Type.String(),
  email: Type.String(),
  phone: Type.String(),
  city: Type.String(),
}
export const Profile = Type.Object({ uuid: Uuid, ...PROFILE })
export const ProfileAnswer = Type.Object(PROFILE)
export const ProfileBody = Type.Object({
  username: Username,
  first_name: Type.Optional(profileText('firstName')),
  last_name: Type.Optional(profileText('lastName')),
  email: Email,
  phone: Type.Optional(profileText('phone')),
  city: Type.Optional(profileText('city')),
})
export const SetPasswordBody = Type.Object({
  username: Text(254, ['anakin']),
  old_password: Text(1_024, ['obiwansux']),
  password: Password,
})
/** Of any form: that a token is none is said like one that is used. */
const MailedToken = Type.String({
  format: 'text',
  minLength: 1,
  maxLength: 200,
  examples: ['Zs0cJ2yQn5mD8vR1tLx4bK7eWf3aHg6uYpNoIiTqCjE'],
})
export const ConfirmEmailBody = Type.Object({ token: MailedToken, password: Type.Optional(Text(1_024, ['obiwansux'])) })
export const EmailVerification = Type.Object({
  email: Type.String({ examples: ['a.skywalker@deathstar.im'] }),
  verified: Type.Boolean(),
  date_verified: NullableText(),
  recovery_email: Type.String({
    examples: ['a.skywalker@deathstar.im'],
    description:
      'Where a link to choose a new password goes; another one while `email` is not confirmed with the password',
  }),
})
/** Like a login's name: whatever it is, the answer is the same. */
export const ResetBody = Type.Object({ email: Text(254, ['a.skywalker@deathstar.im']) })
export const ConfirmResetBody = Type.Object({ token: MailedToken, password: Password })
export const SetPasswordAnswer = Type.Object({ password: MaskedPassword, username: Type.String() })

export const ProductQuery = Type.Object({ ...PageQuery, name: Type.Optional(Text(200)), type: Type.Optional(Text(64)) })
export const Product = Type.Object({
  uuid: Uuid,
  name: Type.String(),
  description: Type.String(),
  price: Money,
  product_type: Type.String(),
  status: Type.String(),
  quantity: Type.Integer({ description: 'What can be bought now, over all magazines' }),
})

export const BucketLine = Type.Object({ quantity: Type.Integer(), product: Uuid, value: Money, bucket_uuid: Uuid })
export const AddLineBody = Type.Object({ quantity: Quantity(1), product: Uuid })
export const AddLineAnswer = Type.Object({
  customer: Uuid,
  quantity: Type.Integer(),
  product: Uuid,
  value: Type.Number({ examples: [1000.0] }),
})
export const QuantityBody = Type.Object({ quantity: Quantity(0) })
export const QuantityAnswer = Type.Union([Type.Object({ quantity: Type.Integer() }), Done])

const Delivery = Type.Object({
  name: Type.Optional(Text(150)),
  street: Type.Optional(Text(200)),
  postal_code: Type.Optional(Text(20)),
  city: Type.Optional(Text(150)),
  country: Type.Optional(Text(60)),
  phone: Type.Optional(Text(40)),
  note: Type.Optional(Text(500)),
})
const DeliveryAnswer = Type.Unsafe<DeliveryNote | null>({
  type: ['object', 'null'],
  properties: Object.fromEntries(Object.keys(Delivery.properties).map((name) => [name, { type: 'string' }])),
})
const Method = OneOf(PAYMENT_METHODS)
export const OrderBody = Type.Object(
  {
    payment: Type.Optional(Method),
    delivery: Type.Optional(Delivery),
    expected_sum: Type.Optional(Type.String({ format: 'decimal', maxLength: 20, examples: ['6000.00'] })),
  },
  { examples: [{}] },
)
const ORDER = {
  order_uuid: Uuid,
  status: OneOf(ORDER_STATUSES),
  date_created: Type.String({ examples: ['2026-11-20T12:00:00.000Z'] }),
  date_paid: NullableText(),
  sum: Money,
  payment: OneOfOrNull(PAYMENT_METHODS),
  customer: Uuid,
}
export const Order = Type.Object(ORDER)
const OrderProduct = Type.Object({
  order_product_uuid: Uuid,
  product: Uuid,
  name: Type.String(),
  quantity: Type.Integer(),
  value: Money,
})
const PAYMENT_STATES = ['pending', 'paid', 'declined', 'canceled', 'expired', 'refunded'] as const
export const OrderDetails = Type.Object({
  ...ORDER,
  products: Type.Array(OrderProduct),
  payment_status: OneOfOrNull(PAYMENT_STATES),
  refunds: Type.Array(
    Type.Object({
      amount: Money,
      currency: Type.String({ examples: ['PLN'] }),
      status: OneOf(['pending', 'done', 'failed']),
      date: Type.String({ examples: ['2026-11-20T12:00:00.000Z'] }),
    }),
  ),
  delivery: DeliveryAnswer,
})

export const PaymentBody = Type.Object(
  {
    method: Method,
    blik_code: Type.Optional(Type.String({ format: 'blik-code', maxLength: 20, examples: ['777123'] })),
  },
  { examples: [{ method: 'card' }] },
)
export const Payment = Type.Object({
  order_uuid: Uuid,
  method: Method,
  status: OneOf(PAYMENT_STATES),
  redirect_uri: Type.Optional(Type.String({ description: 'Send the buyer there to pay' })),
  transfer: Type.Optional(
    Type.Object({
      iban: Type.String({ examples: ['PL61109010140000071219812874'] }),
      bic: Type.Optional(Type.String()),
      recipient: Type.String(),
      title: Type.String({
        description: 'The payer writes exactly this as the title of the transfer',
        examples: ['TP7K3M9QXAR'],
      }),
      amount: Money,
      currency: Type.String({ examples: ['PLN'] }),
      qr_format: Type.Optional(OneOf(['epc', 'zbp'])),
      qr_image: Type.Optional(Type.String({ description: 'An SVG image as a data: URI, for banking apps' })),
    }),
  ),
})
export const PaymentMethod = Type.Object({
  method: Method,
  name: Type.String(),
  description: Type.String(),
  takes_blik_code: Type.Boolean({ description: 'Whether `blik_code` may be sent along when it is chosen' }),
})

export const Session = Type.Object({
  session_uuid: Uuid,
  kind: OneOf(['cookie', 'access', 'jwt']),
  current: Type.Boolean({ description: 'Whether it is the one that asks' }),
  date_created: Type.String(),
  last_seen: Type.String(),
  expires: Type.String({ description: 'When it ends if it is not used any more' }),
  address: Type.String(),
  agent: Type.String(),
})

// The error bodies, for the reference.
export const Plain = Type.Object({ detail: Type.String(), message: Type.String() })
export const Business = Type.Object({ code: Type.Integer(), message: Type.String(), details: NullableText() })
export const Invalid = Type.Object({
  code: Type.Null(),
  message: Type.Literal('Validation error'),
  details: Type.Record(Type.String(), Type.Unknown()),
})
