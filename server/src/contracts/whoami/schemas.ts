import { LENGTH_MAX } from '../../identity/index.ts'
import { profileTextOrNull } from '../http/profile-schemas.ts'
import { Type } from '../http/type.ts'

const Text = (maxLength: number, examples: string[] = []) => Type.String({ format: 'text', maxLength, examples })
const TextOrNull = (example: string, limit: { maxLength?: number } = {}) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'text', ...limit, examples: [example] })

export const Ok = Type.Object({ status: Type.Literal(0), message: Type.Literal('OK') })
export const Token = Type.Object({ status: Type.Literal(0), message: Type.Literal('OK'), token: Type.String() })

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
/** Null clears a field, where it may be cleared. Of those that never change whatever is another value is refused as such. */
export const WhoamiBody = Type.Object(
  {
    email: Type.Optional(TextOrNull('a@b.c')),
    first_name: Type.Optional(profileTextOrNull('firstName', 'First Name')),
    last_name: Type.Optional(profileTextOrNull('lastName', 'Last Name')),
    // Whether it is one, the route looks: blanks are none, and that is said in another way.
    username: Type.Optional(TextOrNull('username', { maxLength: LENGTH_MAX.username })),
    address: Type.Optional(profileTextOrNull('address', 'address')),
    telephone_number: Type.Optional(profileTextOrNull('phone', '+48 600 100 200')),
    first_join: Type.Optional(TextOrNull('2026-11-20T12:00:00.000Z')),
  },
  // One that can be sent as it is: two of the fields never change.
  { examples: [{ last_name: 'Last Name', address: 'address', telephone_number: null }] },
)
export const ChangePasswordBody = Type.Object({
  password: Text(1_024, ['currentpassword']),
  new_password: Text(1_024, ['a-longer-one']),
  new_password_again: Text(1_024, ['a-longer-one']),
})
