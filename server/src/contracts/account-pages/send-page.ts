import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refused } from '../../kernel/refused.ts'
import type { HttpRefusal } from '../http/refusals.ts'
import { STYLE } from './pages.ts'

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; form-action 'self'; ` +
    "frame-ancestors 'none'; base-uri 'none'",
  // The address has a token in it.
  'referrer-policy': 'no-referrer',
}

export function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').headers(HEADERS).send(html)
}

/**
 * Refuses a form that another site's page has sent. Ours come with `Origin: null`, because they keep their address to
 * themselves; whose they are, the browser then says in `Sec-Fetch-Site`. It says so over https only, and on this machine:
 * on a plain http address of a laptop's network the null has to do.
 */
export function refuseForeignForm({ headers, protocol, host }: FastifyRequest, publicUrl: string): void {
  const { origin } = headers
  const site = headers['sec-fetch-site']
  const isOwn =
    site !== undefined
      ? site === 'same-origin' || site === 'none'
      : origin === undefined ||
        origin === new URL(publicUrl).origin ||
        origin === `${protocol}://${host}` ||
        (origin === 'null' && !publicUrl.startsWith('https:'))
  if (!isOwn) throw new Refused<HttpRefusal>({ code: 'http.cross-site' })
}
