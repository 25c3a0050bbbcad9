import { hash } from 'node:crypto'
import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import type { PaymentAttemptId } from '../../kernel/ids.ts'
import { decidePayment, findTestPayment, recordNews, testNews } from '../../payments/index.ts'
import type { Database } from '../../store/database.ts'
import { idIn } from '../http/ids.ts'
import { decidedPage, payPage, STYLE, unknownPage } from './pages.ts'

/** Where a buyer's browser is sent to pay, below the shop's public address. */
export const payPath = (attemptId: PaymentAttemptId) => `/test-gateway/pay/${attemptId}`

/** The page of the built-in test gateway, which is there outside production only. */
export function testGatewayPages(db: Database): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 1_024 },
      (_request, body, parsed) => parsed(null, new URLSearchParams(body as string)),
    )

    app.get<{ Params: { attempt: string } }>(
      '/test-gateway/pay/:attempt',
      { schema: { hide: true } },
      async (request, reply) => {
        const payment = await findTestPayment(db, idIn(request.params.attempt))
        return payment ? sendPage(reply, payPage(payment)) : sendPage(reply.code(404), unknownPage())
      },
    )

    app.post<{ Params: { attempt: string }; Body: URLSearchParams }>(
      '/test-gateway/pay/:attempt',
      { schema: { hide: true } },
      async (request, reply) => {
        const id = idIn<PaymentAttemptId>(request.params.attempt)
        const decision = request.body?.get('decision')
        if (decision === 'paid' || decision === 'declined') await decidePayment(db, id, decision)
        const payment = await findTestPayment(db, id)
        if (!payment) return sendPage(reply.code(404), unknownPage())
        const news = testNews(payment)
        if (!news) return sendPage(reply.code(400), payPage(payment))
        await recordNews(db, news)
        return sendPage(reply, decidedPage(payment))
      },
    )
  }
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  const styleHash = hash('sha256', STYLE, 'base64')
  return reply
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    })
    .send(html)
}
