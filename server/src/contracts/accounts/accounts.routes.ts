import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { TSchema } from 'typebox'
import {
  type Customer,
  changeProfile,
  getProfile,
  obtainJwt,
  type ProfileChange,
  register,
  registerWithoutUsername,
} from '../../identity/index.ts'
import { withReplies } from '../http/documented-replies.ts'
import { presentedBy } from '../http/front-door.ts'
import { mediaPath } from '../media/index.ts'
import type { AccountsContext } from './context.ts'
import { type ProfileWish, readForms, refuseOtherFields, refuseTextForAvatar } from './profile-form.ts'
import { type AccountsRefusal, accountsReplies } from './refusals.ts'
import * as schemas from './schemas.ts'

const TAG = ['Accounts']
const SIGNED_IN = [{ jwt: [] }, { bearer: [] }, { accessToken: [] }, { session: [] }]
const SIGNED_IN_TO_CHANGE = [{ jwt: [] }, { bearer: [] }, { accessToken: [] }, { session: [], csrf: [] }]

/** The answers for a route's `schema.response`: the good one, and what only this route refuses. */
function responses<const S extends number, T extends TSchema>(status: S, good: T, ...refusals: AccountsRefusal[]) {
  const replies = refusals.map((refusal) => accountsReplies[refusal.code](refusal as never))
  return withReplies({ [status]: good }, replies) as { [status in S]: T }
}

/** Registration, tokens and the profile. */
export function accountsRoutes(context: AccountsContext): FastifyPluginAsyncTypebox {
  const { db, jwts, mails, passwordPolicy: policy, publicUrl } = context

  return async (app) => {
    app.post(
      '/create_user/',
      {
        config: { sameSite: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Register',
          description: 'Without a `username` a unique one is made.',
          body: schemas.CreateBody,
          response: responses(
            201,
            schemas.Created,
            { code: 'http.invalid', problems: { email: ['Enter a valid email address.'] } },
            { code: 'identity.already-used', fields: ['email'] },
            { code: 'identity.password-too-weak', reasons: [{ weakness: 'too-common' }] },
          ),
        },
      },
      async (request, reply) => {
        const { email, password, username } = request.body
        const registering = { ...context.signIn, policy, mails }
        const wish = { email, password, firstName: '', address: request.ip }
        if (username === undefined) await registerWithoutUsername(db, registering, wish)
        else await register(db, registering, { ...wish, username })
        return reply.code(201).send({ message: 'User succesfully created' })
      },
    )

    app.post(
      '/obtain_token/',
      {
        config: { sameSite: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Sign in',
          description: 'A JWT for the header `Authorization: JWT <token>`. `login` is the e-mail or the username.',
          body: schemas.ObtainBody,
          response: responses(
            200,
            schemas.Token,
            { code: 'http.invalid', problems: { login: ['This field is required.'] } },
            { code: 'identity.wrong-credentials' },
          ),
        },
      },
      async (request) => {
        const { login: name, password } = request.body
        const origin = { kind: 'jwt', address: request.ip, agent: request.headers['user-agent'] ?? '' } as const
        return { token: await obtainJwt(db, jwts, context.signIn, { name, password, origin }) }
      },
    )

    app.get(
      '/get_profile/',
      {
        config: { signedIn: true },
        schema: { tags: TAG, summary: 'The profile', security: SIGNED_IN, response: responses(200, schemas.Profile) },
      },
      async (request) => profileToWire(await getProfile(db, presentedBy(request)), publicUrl),
    )
  }
}

/** Changing the profile: the one route that takes forms, so that all others go on refusing them. */
export function profileFormRoutes(context: AccountsContext): FastifyPluginAsyncTypebox {
  const { db, publicUrl } = context

  return async (app) => {
    readForms(app, context)

    app.route({
      method: ['PUT', 'PATCH'],
      url: '/update_profile/',
      config: { signedIn: true, throttled: true },
      preValidation: (request) => refuseOtherFields(db, request),
      preHandler: refuseTextForAvatar,
      schema: {
        tags: TAG,
        summary: 'Change the profile',
        description:
          'As JSON, or as a form with the image under `avatar`: PNG, JPEG, WebP or GIF up to 5 MB. Any other field is refused.',
        security: SIGNED_IN_TO_CHANGE,
        body: schemas.ProfileBody,
        response: responses(
          200,
          schemas.Profile,
          { code: 'accounts.field-not-editable' },
          { code: 'accounts.bad-form' },
          { code: 'identity.bad-avatar', problem: 'not-an-image' },
          { code: 'identity.bad-avatar', problem: 'too-large' },
          { code: 'identity.bad-avatar', problem: 'too-many-pixels' },
        ),
      },
      handler: async (request) => {
        const change = changeOf(request.body as ProfileWish)
        return profileToWire(await changeProfile(context, presentedBy(request), change, request.ip), publicUrl)
      },
    })
  }
}

function changeOf(wish: ProfileWish): ProfileChange {
  const { first_name: firstName, last_name: lastName, patronymic, avatar } = wish
  return {
    ...(firstName !== undefined && { firstName: firstName ?? '' }),
    ...(lastName !== undefined && { lastName: lastName ?? '' }),
    ...(patronymic !== undefined && { patronymic: patronymic ?? '' }),
    ...(avatar !== undefined && { avatar }),
  }
}

function profileToWire(customer: Customer, publicUrl: string) {
  const { id, username, email, firstName, lastName, patronymic, avatar } = customer
  return {
    uuid: id,
    username,
    email,
    first_name: firstName || null,
    last_name: lastName || null,
    patronymic: patronymic || null,
    avatar: avatar ? publicUrl + mediaPath(avatar) : null,
  }
}
