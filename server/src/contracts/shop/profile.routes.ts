import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  type Customer,
  changePassword,
  changeProfile,
  getCallerAs,
  getProfile,
  type IdentityRefusal,
  maskHash,
} from '../../identity/index.ts'
import type { CustomerId } from '../../kernel/ids.ts'
import { Refused } from '../../kernel/refused.ts'
import { presentedBy } from '../http/front-door.ts'
import { idIn } from '../http/ids.ts'
import { Type } from '../http/type.ts'
import { originOf } from './account.routes.ts'
import { answers, SIGNED_IN, SIGNED_IN_TO_CHANGE } from './answers.ts'
import type { ShopContext } from './context.ts'
import { setSessionCookies } from './cookies.ts'
import { wrapAll } from './paging.ts'
import type { ShopOwnRefusal } from './refusals.ts'
import { Profile, ProfileAnswer, ProfileBody, page, SetPasswordAnswer, SetPasswordBody } from './schemas.ts'

const TAG = ['Profile']
const Params = Type.Object({ customer_uuid: Type.String() })

/** The customer's own profile and password. */
export function profileRoutes(context: ShopContext): FastifyPluginAsyncTypebox {
  const { db, mails, passwordPolicy: policy } = context

  return async (app) => {
    app.get(
      '/profile',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'Customer profile',
          security: SIGNED_IN,
          response: answers(page(Profile), { signedIn: true }),
        },
      },
      async (request) => {
        const customer = await getProfile(db, presentedBy(request))
        const toWire = (it: Customer) => ({ uuid: it.id, ...profileToWire(it) })
        return wrapAll([customer], toWire)
      },
    )

    app.put(
      '/profile/:customer_uuid',
      {
        config: { signedIn: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Update customer profile',
          description:
            'Optional fields that are left out stay as they are. Another `email` shows at once; it is mailed a link to confirm it, and the one before a notice.',
          security: SIGNED_IN_TO_CHANGE,
          params: Params,
          body: ProfileBody,
          response: answers(ProfileAnswer, {
            validates: true,
            signedIn: true,
            notFound: true,
            business: { 409: '2001 email already used' },
          }),
        },
      },
      async (request) => {
        const { username, email, first_name: firstName, last_name: lastName, phone, city } = request.body
        const change = {
          username,
          email,
          ...(firstName !== undefined && { firstName }),
          ...(lastName !== undefined && { lastName }),
          ...(phone !== undefined && { phone }),
          ...(city !== undefined && { city }),
        }
        const presented = presentedBy(request)
        await getCallerAs(db, presented, idIn<CustomerId>(request.params.customer_uuid))
        const customer = await changeProfile(context, presented, change, request.ip).catch(sayAsProfile)
        return profileToWire(customer)
      },
    )

    app.put(
      '/profile/:customer_uuid/setpassword',
      {
        config: { signedIn: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Change customer password',
          description:
            'Ends all other sessions of the customer; this one goes on with a new session id, set as cookies.',
          security: SIGNED_IN_TO_CHANGE,
          params: Params,
          body: SetPasswordBody,
          response: answers(SetPasswordAnswer, {
            validates: true,
            signedIn: true,
            notFound: true,
            business: { 404: '3001 user or password not match; without a code: not your own uuid' },
          }),
        },
      },
      async (request, reply) => {
        const { username: name, old_password: oldPassword, password: newPassword } = request.body
        const owner = { customerId: idIn<CustomerId>(request.params.customer_uuid), name }
        const wish = { oldPassword, newPassword, owner, reopenAs: originOf(request) }
        const changed = await changePassword(db, { ...context.signIn, policy, mails }, presentedBy(request), wish)
        request.presented = null // that session is over
        if (changed.token) setSessionCookies(context, request, reply, changed.token)
        return { password: maskHash(changed.passwordHash), username: changed.username }
      },
    )
  }
}

function profileToWire({ username, firstName, lastName, email, phone, city }: Customer) {
  return { username, first_name: firstName, last_name: lastName, email, phone, city }
}

/** A name that is taken reads otherwise here than at registration. */
function sayAsProfile(error: unknown): never {
  const refusal = error instanceof Refused ? (error.refusal as IdentityRefusal) : undefined
  if (refusal?.code !== 'identity.already-used') throw error
  throw new Refused<ShopOwnRefusal>({ code: 'shop.profile-name-taken', fields: refusal.fields })
}
