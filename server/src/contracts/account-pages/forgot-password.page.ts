import type { FastifyInstance, FastifyReply } from 'fastify'
import { requestPasswordReset } from '../../identity/index.ts'
import type { AccountPagesContext } from './context.ts'
import { fieldOf, type PageRequest } from './form.ts'
import { formPage, messagePage } from './pages.ts'
import { sendPage } from './send-page.ts'

const PATH = '/forgot-password'
const NAME_LENGTH_MAX = 254

/** Where to ask for a mail with a link: what notices lead to, and links that work no more. */
export function forgotPasswordPage(app: FastifyInstance, { db, mails }: AccountPagesContext): void {
  const { shopName } = mails.letterhead

  app.get<PageRequest>(PATH, { schema: { hide: true } }, async (_request, reply) => sendForm(reply, []))

  app.post<PageRequest>(PATH, { schema: { hide: true } }, async ({ body, ip: address }, reply) => {
    const name = fieldOf(body, 'name').trim().slice(0, NAME_LENGTH_MAX)
    if (!name) return sendForm(reply.code(400), ['Enter your e-mail address or username.'])
    await requestPasswordReset(db, mails, { name, address })
    const paragraphs = [
      'If there is an account by that name, a mail with a link is on its way. The link works once, for an hour.',
      'It may take a few minutes. If nothing comes, look among the unwanted mails, and whether the name was right.',
    ]
    return sendPage(reply, messagePage({ shopName, title: 'Look into your mailbox', paragraphs }))
  })

  function sendForm(reply: FastifyReply, problems: readonly string[]): FastifyReply {
    const html = formPage({
      shopName,
      title: 'Choose a new password',
      paragraphs: ['We mail you a link to do so.'],
      hidden: {},
      fields: [{ name: 'name', label: 'E-mail address or username', type: 'text', autocomplete: 'username', problems }],
      button: 'Mail me a link',
    })
    return sendPage(reply, html)
  }
}
