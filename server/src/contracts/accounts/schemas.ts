import Type from 'typebox'

const Text = (maxLength: number, examples: string[] = []) => Type.String({ format: 'text', maxLength, examples })
const Email = Type.String({ format: 'email', minLength: 1, maxLength: 254, examples: ['test@test.com'] })
const TextOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'], examples: [null] })
const Editable = (example: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], format: 'text', maxLength: 150, examples: [example] })

export const CreateBody = Type.Object({
  email: Email,
  password: Type.String({ format: 'text', minLength: 1, maxLength: 1_024, examples: ['12345'] }),
  username: Type.Optional(Type.String({ format: 'username', minLength: 1, maxLength: 150, examples: ['Test'] })),
})
export const Created = Type.Object({ message: Type.Literal('User succesfully created') })
export const ObtainBody = Type.Object({ login: Text(254, ['test@test.com']), password: Text(1_024, ['12345']) })
export const Token = Type.Object({ token: Type.String() })

export const Profile = Type.Object({
  uuid: Type.String({ examples: ['f0d4568f-c938-480a-8564-d95e95b5af4a'] }),
  username: Type.String({ examples: ['Test'] }),
  email: Type.String({ examples: ['test@test.com'] }),
  first_name: TextOrNull,
  last_name: TextOrNull,
  patronymic: TextOrNull,
  avatar: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'An absolute URL' }),
})
/** As JSON; as multipart/form-data `avatar` is a file. */
export const ProfileBody = Type.Object(
  {
    first_name: Type.Optional(Editable('Вася')),
    last_name: Type.Optional(Editable('Пупкин')),
    patronymic: Type.Optional(Editable('Иванович')),
    avatar: Type.Optional(
      Type.Unsafe<null>({ description: 'null removes it; an image is sent as multipart/form-data', examples: [null] }),
    ),
  },
  { examples: [{ first_name: 'Вася' }] },
)

export const Detail = Type.Object({
  detail: Type.String({ examples: ['Authentication credentials were not provided.'] }),
})
