import type { FastifyInstance, FastifyReply } from 'fastify'
import { findEmailToConfirm, type IdentityRefusal, verifyEmail } from '../../identity/index.ts'
import type { AccountPagesContext } from './context.ts'
import { fieldOf, type PageRequest, refusalIn, tokenOf } from './form.ts'
import { formPage, messagePage } from './pages.ts'
import { sendPage } from './send-page.ts'

const PATH = '/verify-email'
const PROBLEMS = {
  'identity.password-needed': 'Enter your password.',
  'identity.wrong-credentials': 'That is not your password.',
}

/** Where the mail to a new address leads: a button, and the password if the address takes the place of another. */
export function verifyEmailPage(app: FastifyInstance, { db, signIn, mails }: AccountPagesContext): void {
  const { shopName } = mails.letterhead

  app.get<PageRequest>(PATH, { schema: { hide: true } }, async (request, reply) => {
    return sendForm(reply, tokenOf(request.query))
  })

  app.post<PageRequest>(PATH, { schema: { hide: true } }, async ({ body, ip: address }, reply) => {
    const token = fieldOf(body, 'token')
    try {
      await verifyEmail(db, signIn, { token, password: fieldOf(body, 'password'), address })
    } catch (error) {
      const { code } = refusalIn<IdentityRefusal, keyof typeof PROBLEMS | 'identity.bad-token'>(
        error,
        'identity.bad-token',
        'identity.password-needed',
        'identity.wrong-credentials',
      )
      return code === 'identity.bad-token' ? sendSpent(reply) : sendForm(reply.code(400), token, [PROBLEMS[code]])
    }
    const paragraphs = ['Thank you. There is nothing else to do; you can close this page.']
    return sendPage(reply, messagePage({ shopName, title: 'Your address is confirmed', paragraphs }))
  })

  async function sendForm(reply: FastifyReply, token: string, problems: string[] = []): Promise<FastifyReply> {
    const found = await findEmailToConfirm(db, token)
    if (!found) return sendSpent(reply)
    const form = { shopName, title: 'Confirm your address', hidden: { token }, button: 'Confirm' }
    if (!found.needsPassword) {
      const paragraphs = [`Press the button, and ${shopName} knows that this address is yours.`]
      return sendPage(reply, formPage({ ...form, paragraphs, fields: [] }))
    }
    const isKnown = { name: 'password', type: 'password', autocomplete: 'current-password' } as const
    const html = formPage({
      ...form,
      paragraphs: [
        'This address takes the place of the one your account had. Your password shows that it was you who wanted that.',
      ],
      account: found.email,
      fields: [{ ...isKnown, label: 'Your password', problems }],
    })
    return sendPage(reply, html)
  }

  function sendSpent(reply: FastifyReply): FastifyReply {
    const html = messagePage({
      shopName,
      title: 'This link does not work any more',
      paragraphs: [
        'It was used before, its time is over, or a newer mail has taken its place: only the newest one works.',
        'If you have confirmed your address already, all is well. If not, sign in and ask for another mail.',
      ],
    })
    return sendPage(reply.code(400), html)
  }
}
