import type { FastifyInstance, FastifyReply } from 'fastify'
import { findResetOwner, type IdentityRefusal, resetPassword } from '../../identity/index.ts'
import { weaknessText } from '../http/password-weakness.ts'
import type { AccountPagesContext } from './context.ts'
import { fieldOf, type PageRequest, refusalIn, tokenOf } from './form.ts'
import { formPage, messagePage } from './pages.ts'
import { sendPage } from './send-page.ts'

const PATH = '/reset-password'

/** Where the mail of a forgotten password leads: a new one, twice. */
export function resetPasswordPage(app: FastifyInstance, context: AccountPagesContext): void {
  const { db, signIn, passwordPolicy: policy, mails } = context
  const { shopName, publicUrl } = mails.letterhead

  app.get<PageRequest>(PATH, { schema: { hide: true } }, async (request, reply) => {
    return sendForm(reply, tokenOf(request.query))
  })

  app.post<PageRequest>(PATH, { schema: { hide: true } }, async ({ body, ip: address }, reply) => {
    const token = fieldOf(body, 'token')
    const newPassword = fieldOf(body, 'password')
    if (newPassword !== fieldOf(body, 'again')) {
      return sendForm(reply.code(400), token, { again: ['The two are not the same. Enter both once more.'] })
    }
    try {
      await resetPassword(db, { hasher: signIn.hasher, policy, mails }, { token, newPassword, address })
    } catch (error) {
      const refusal = refusalIn<IdentityRefusal, 'identity.bad-token' | 'identity.password-too-weak'>(
        error,
        'identity.bad-token',
        'identity.password-too-weak',
      )
      if (refusal.code === 'identity.bad-token') return sendSpent(reply)
      return sendForm(reply.code(400), token, { password: refusal.reasons.map(weaknessText) })
    }
    const paragraphs = ['You have been signed out everywhere. Sign in with the new password from now on.']
    return sendPage(reply, messagePage({ shopName, title: 'Your password is changed', paragraphs }))
  })

  interface Problems {
    readonly password?: readonly string[]
    readonly again?: readonly string[]
  }

  async function sendForm(reply: FastifyReply, token: string, problems: Problems = {}): Promise<FastifyReply> {
    const owner = await findResetOwner(db, token)
    if (!owner) return sendSpent(reply)
    const isNew = { type: 'password', autocomplete: 'new-password' } as const
    const html = formPage({
      shopName,
      title: 'Choose a new password',
      paragraphs: ['You will be signed out everywhere, and sign in with it from then on.'],
      hidden: { token },
      account: owner.email,
      fields: [
        { ...isNew, name: 'password', label: 'New password', hint: HINTS[policy], problems: problems.password ?? [] },
        { ...isNew, name: 'again', label: 'The same once more', problems: problems.again ?? [] },
      ],
      button: 'Save the password',
    })
    return sendPage(reply, html)
  }

  function sendSpent(reply: FastifyReply): FastifyReply {
    const html = messagePage({
      shopName,
      title: 'This link does not work any more',
      paragraphs: [
        'It was used before, its hour is over, or a newer mail has taken its place: only the newest one works.',
      ],
      link: { href: `${publicUrl}/forgot-password`, text: 'Ask for another mail' },
    })
    return sendPage(reply.code(400), html)
  }
}

const HINTS = {
  documented: 'At least 5 characters.',
  strong: 'At least 10 characters, no common password, and nothing like your name or e-mail address.',
}
