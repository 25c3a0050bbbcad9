import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify'
import { refusalBehind } from '../http/failure.ts'
import type { AccountPagesContext } from './context.ts'
import { forgotPasswordPage } from './forgot-password.page.ts'
import { messagePage } from './pages.ts'
import { type PageReply, pageFailure, pageReplyTo } from './refusals.ts'
import { resetPasswordPage } from './reset-password.page.ts'
import { refuseForeignForm, sendPage } from './send-page.ts'
import { verifyEmailPage } from './verify-email.page.ts'

/** A password of the longest kind, its token and the names of the fields, all of it percent-encoded. */
const FORM_BYTES_MAX = 16_384

/**
 * The pages that mails to customers lead to, for people: they work without scripts. Looking at one never uses a token up,
 * because mail scanners follow links; the form's button does.
 */
export function accountPages(context: AccountPagesContext): FastifyPluginAsync {
  return async (app) => {
    readFormsOnly(app)
    const { publicUrl, shopName } = context.mails.letterhead
    app.addHook('onRequest', async (request) => {
      if (request.method === 'POST') refuseForeignForm(request, publicUrl)
    })
    app.setErrorHandler((error, request, reply) => {
      const refusal = refusalBehind(error, request)
      return sendReply(reply, shopName, refusal ? pageReplyTo(refusal) : pageFailure)
    })
    verifyEmailPage(app, context)
    resetPasswordPage(app, context)
    forgotPasswordPage(app, context)
  }
}

function readFormsOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
    (_request, body, parsed) => parsed(null, new URLSearchParams(body as string)),
  )
}

function sendReply(reply: FastifyReply, shopName: string, { status, title, text, retryAfterSeconds }: PageReply) {
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  return sendPage(reply.code(status), messagePage({ shopName, title, paragraphs: [text] }))
}
