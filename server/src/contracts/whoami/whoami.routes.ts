import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  type Customer,
  changePassword,
  changeProfile,
  getProfile,
  isUsername,
  type ProfileChange,
  type ProfileText,
} from '../../identity/index.ts'
import { Refused } from '../../kernel/refused.ts'
import { presentedBy } from '../http/front-door.ts'
import type { HttpRefusal } from '../http/refusals.ts'
import { CHANGES, READS, responses } from './answers.ts'
import type { WhoamiContext } from './context.ts'
import type { WhoamiOwnRefusal } from './refusals.ts'
import * as schemas from './schemas.ts'

const TAG = ['Whoami']
const IMMUTABLE = ['email', 'first_join'] as const
const MANDATORY = ['first_name', 'last_name', 'username'] as const

/** The customer's own profile, in this contract's words. */
export function whoamiRoutes(context: WhoamiContext): FastifyPluginAsyncTypebox {
  const { db, mails, passwordPolicy: policy } = context

  return async (app) => {
    app.get(
      '/whoami',
      {
        config: { signedIn: true },
        schema: { tags: TAG, summary: 'The profile', security: READS, response: responses(schemas.Whoami) },
      },
      async (request) => customerToWire(await getProfile(db, presentedBy(request))),
    )

    app.patch(
      '/whoami',
      {
        config: { signedIn: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Change the profile',
          description:
            'All or nothing. `email` and `first_join` never change; saying what they are is fine. Null or "" clears an optional field.',
          security: CHANGES,
          body: schemas.WhoamiBody,
          response: responses(
            schemas.Whoami,
            { code: 'whoami.immutable' },
            { code: 'whoami.cleared', field: 'last_name' },
            { code: 'identity.already-used', fields: ['username'] },
          ),
        },
      },
      async (request) => {
        const presented = presentedBy(request)
        const change = readChange(request.body, await getProfile(db, presented))
        return customerToWire(await changeProfile(context, presented, change, request.ip))
      },
    )

    app.post(
      '/whoami/change-password',
      {
        config: { signedIn: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Change the password',
          description: 'The credential in use stays good; all others of the customer end.',
          security: CHANGES,
          body: schemas.ChangePasswordBody,
          response: responses(
            schemas.Ok,
            { code: 'whoami.passwords-differ' },
            { code: 'identity.password-too-weak', reasons: [] },
            { code: 'identity.wrong-credentials' },
          ),
        },
      },
      async (request) => {
        const { password: oldPassword, new_password: newPassword, new_password_again: again } = request.body
        const presented = presentedBy(request)
        await getProfile(db, presented)
        if (newPassword !== again) throw refused({ code: 'whoami.passwords-differ' })
        const wish = { oldPassword, newPassword }
        await changePassword(db, { ...context.signIn, policy, mails }, presented, wish)
        return { status: 0 as const, message: 'OK' as const }
      },
    )
  }
}

type Body = { [field in keyof typeof schemas.WhoamiBody.properties]?: string | null }

/** What of the profile changes, once nothing in the body is against it. */
function readChange(body: Body, customer: Customer): ProfileChange {
  const { username } = body
  const current = customerToWire(customer)
  for (const field of IMMUTABLE) {
    // Null and "" are other values than what is there.
    if (body[field] !== undefined && body[field] !== current[field]) throw refused({ code: 'whoami.immutable' })
  }
  // A customer of another contract may never have given one: saying so is no clearing.
  for (const field of MANDATORY) {
    const value = body[field]
    const isCleared = value !== undefined && (value ?? '').trim() === ''
    if (isCleared && value !== current[field]) throw refused({ code: 'whoami.cleared', field })
  }
  if (typeof username === 'string' && !isUsername(username)) {
    const problems = { username: ['Letters, digits and @/./+/-/_ only.'] }
    throw new Refused<HttpRefusal>({ code: 'http.invalid', problems })
  }
  return {
    ...said('username', username),
    ...said('firstName', body.first_name),
    ...said('lastName', body.last_name),
    ...said('address', body.address),
    ...said('phone', body.telephone_number),
  }
}

function said(field: ProfileText, value: string | null | undefined): ProfileChange {
  return value === undefined ? {} : { [field]: value ?? '' }
}

function customerToWire({ email, firstName, lastName, username, address, phone, joinedAt }: Customer) {
  return {
    email,
    first_name: firstName,
    last_name: lastName,
    username,
    address: address || null,
    telephone_number: phone || null,
    first_join: joinedAt.toISOString(),
  }
}

function refused(refusal: WhoamiOwnRefusal): Refused<WhoamiOwnRefusal> {
  return new Refused<WhoamiOwnRefusal>(refusal)
}
