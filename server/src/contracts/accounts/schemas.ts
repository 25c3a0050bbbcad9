import { profileText, profileTextOrNull } from '../http/profile-schemas.ts'
import { Type } from '../http/type.ts'

const Text = (maxLength: number, examples: string[] = []) => Type.String({ format: 'text', maxLength, examples })
const TextOrNull = Type.Unsafe<string | null>({ type: ['string', 'null'], examples: [null] })

export const CreateBody = Type.Object({
  email: profileText('email', 'test@test.com'),
  password: Type.String({ format: 'text', minLength: 1, maxLength: 1_024, examples: ['12345'] }),
  username: Type.Optional(profileText('username', 'Test')),
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
const NAMES = {
  first_name: Type.Optional(profileTextOrNull('firstName', 'Вася')),
  last_name: Type.Optional(profileTextOrNull('lastName', 'Пупкин')),
  patronymic: Type.Optional(profileTextOrNull('patronymic', 'Иванович')),
}
export const ProfileBody = {
  content: {
    'application/json': {
      schema: Type.Object(
        {
          ...NAMES,
          // Whether it is null, the route looks: what it is not is said in words of its own.
          avatar: Type.Optional(
            Type.Unsafe<null>({ description: 'null removes it; an image comes as a form', examples: [null] }),
          ),
        },
        { examples: [{ first_name: 'Вася' }] },
      ),
    },
    'multipart/form-data': {
      schema: Type.Object({
        ...NAMES,
        avatar: Type.Optional(
          Type.Unsafe<unknown>({
            description: 'PNG, JPEG, WebP or GIF of at most 5 MB and 40 megapixels; the text null removes it',
            contentMediaType: 'application/octet-stream',
          }),
        ),
      }),
    },
  },
}
