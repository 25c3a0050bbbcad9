import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  getEmailVerification,
  requestEmailVerification,
  requestPasswordReset,
  resetPassword,
  verifyEmail,
} from '../../identity/index.ts'
import { presentedBy } from '../http/front-door.ts'
import { answers, SIGNED_IN, SIGNED_IN_TO_CHANGE } from './answers.ts'
import type { ShopContext } from './context.ts'
import { ConfirmEmailBody, ConfirmResetBody, Done, EmailVerification, ResetBody } from './schemas.ts'

const TAG = ['Account life']
const BAD_TOKEN = '2002 token is not valid: unknown, used or expired; code null: validation error'

/** Confirming the e-mail address, and getting back in without the password. Our own, not of the shop's documents. */
export function accountLifeRoutes(context: ShopContext): FastifyPluginAsyncTypebox {
  const { db, mails, passwordPolicy: policy } = context
  const { hasher, throttle } = context.signIn

  return async (app) => {
    app.get(
      '/email-verification',
      {
        config: { signedIn: true },
        schema: {
          tags: TAG,
          summary: 'Whether the e-mail address is confirmed',
          security: SIGNED_IN,
          response: answers(EmailVerification, { signedIn: true }),
        },
      },
      async (request) => {
        const { email, verifiedAt, recoveryEmail } = await getEmailVerification(db, presentedBy(request))
        return {
          email,
          verified: verifiedAt !== null,
          date_verified: verifiedAt?.toISOString() ?? null,
          recovery_email: recoveryEmail,
        }
      },
    )

    app.post(
      '/email-verification',
      {
        config: { signedIn: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Send the verification mail again',
          description: 'The mail that was sent before is worth nothing then. A verified address gets no mail.',
          security: SIGNED_IN_TO_CHANGE,
          response: answers(Done, { signedIn: true }),
        },
      },
      async (request) => {
        const { queued } = await requestEmailVerification(db, mails, presentedBy(request), request.ip)
        return { status: 'OK' as const, message: queued ? 'mail sent' : 'email already verified' }
      },
    )

    app.post(
      '/email-verification/confirm',
      {
        config: { sameSite: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Confirm the e-mail address',
          description:
            'With the token of the mail, once, within three days. Nobody need be signed in. An e-mail that takes the place of another one is confirmed with the `password` as well.',
          body: ConfirmEmailBody,
          response: answers(Done, {
            validates: true,
            business: { 400: BAD_TOKEN, 404: '3001 user or password not match' },
          }),
        },
      },
      async (request) => {
        await verifyEmail(db, { hasher, throttle }, { ...request.body, address: request.ip })
        return { status: 'OK' as const, message: 'email verified' }
      },
    )

    app.post(
      '/password-reset',
      {
        config: { sameSite: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Mail a link to choose a new password',
          description:
            'Answers the same, after the same time, whether or not there is such a customer. `email` may be the username too.',
          body: ResetBody,
          response: answers(Done, { validates: true }),
        },
      },
      async (request) => {
        await requestPasswordReset(db, mails, { name: request.body.email, address: request.ip })
        return { status: 'OK' as const, message: 'mail sent if there is such a customer' }
      },
    )

    app.post(
      '/password-reset/confirm',
      {
        config: { sameSite: true, throttled: true },
        schema: {
          tags: TAG,
          summary: 'Choose a new password',
          description:
            'With the token of the mail, once, within an hour. Ends all sessions of the customer; signing in is the next step. An e-mail that was not confirmed with the password makes room for the one before.',
          body: ConfirmResetBody,
          response: answers(Done, { validates: true, business: { 400: BAD_TOKEN } }),
        },
      },
      async (request) => {
        const { token, password: newPassword } = request.body
        await resetPassword(db, { hasher, policy, mails }, { token, newPassword, address: request.ip })
        return { status: 'OK' as const, message: 'password changed' }
      },
    )
  }
}
