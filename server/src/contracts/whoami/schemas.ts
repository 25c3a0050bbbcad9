import Type from 'typebox'

const Text = (maxLength: number, examples: string[] = []) => Type.String({ format: 'text', maxLength, examples })
const OrNull = (maxLength: number, example: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'text', maxLength, examples: [example] })

export const Ok = Type.Object({ status: Type.Literal(0), message: Type.Literal('OK') })
export const Token = Type.Object({ status: Type.Literal(0), message: Type.Literal('OK'), token: Type.String() })
export const Problem = Type.Object({
  status: Type.Integer({ examples: [203] }),
  message: Type.String({ examples: ['Invalid access token'] }),
})

export const LoginBody = Type.Object({ username: Text(254, ['username']), password: Text(1_024, ['currentpassword']) })

const Optional = Type.Unsafe<string | null>({ type: ['string', 'null'], examples: [null] })
/** In the order of the document. */
export const Whoami = Type.Object({
  email: Type.String({ examples: ['a@b.c'] }),
  first_name: Type.String({ examples: ['First Name'] }),
  last_name: Type.String({ examples: ['Last Name'] }),
  username: Type.String({ examples: ['username'] }),
  address: Optional,
  telephone_number: Optional,
  first_join: Type.String({
    description: 'When the customer registered, ISO 8601 in UTC',
    examples: ['2026-11-20T12:00:00.000Z'],
  }),
})
/** Null clears a field, where it may be cleared. */
export const WhoamiBody = Type.Object(
  {
    email: Type.Optional(OrNull(254, 'a@b.c')),
    first_name: Type.Optional(OrNull(150, 'First Name')),
    last_name: Type.Optional(OrNull(150, 'Last Name')),
    username: Type.Optional(OrNull(150, 'username')),
    address: Type.Optional(OrNull(300, 'address')),
    telephone_number: Type.Optional(OrNull(40, '+48 600 100 200')),
    first_join: Type.Optional(OrNull(40, '2026-11-20T12:00:00.000Z')),
  },
  // One that can be sent as it is: two of the fields never change.
  { examples: [{ last_name: 'Last Name', address: 'address', telephone_number: null }] },
)
export const ChangePasswordBody = Type.Object({
  password: Text(1_024, ['currentpassword']),
  new_password: Text(1_024, ['a-longer-one']),
  new_password_again: Text(1_024, ['a-longer-one']),
})
