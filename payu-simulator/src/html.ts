import { hash } from 'node:crypto'
import type { FastifyReply } from 'fastify'

/** Text that is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | false | undefined | readonly Html[]

/** HTML out of a template: whatever is put in is escaped, unless it was made here. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, index) => text + (index < parts.length ? printed(parts[index]) : '')).join(''))
}

function printed(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Html) return part.text
  if (Array.isArray(part)) return part.map(printed).join('')
  return escaped(String(part))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '')

/** A whole page. Its only style is named in its content security policy; there is no script and nothing from elsewhere. */
export function sendPage(
  reply: FastifyReply,
  page: { title: string; style: string; content: Html; refreshSeconds?: number },
): FastifyReply {
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${page.refreshSeconds !== undefined && html`<meta http-equiv="refresh" content="${page.refreshSeconds}">`}
<title>${page.title}</title>
<style>${new Html(page.style)}</style>
</head>
<body>
${page.content}
</body>
</html>
`
  return reply
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      // The buyer's way back leads to any shop, and from there wherever the shop likes: browsers hold each hop of it
      // against form-action.
      'content-security-policy': `default-src 'none'; style-src 'sha256-${hash('sha256', page.style, 'base64')}'; img-src 'self'; form-action 'self' http: https:; frame-ancestors 'none'; base-uri 'none'`,
      // The address of a pay page opens it.
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .send(text)
}

/** `129.99 PLN`: PayU counts hundredths in every currency. */
export function money(minor: number | string, currency: string): string {
  return `${(Number(minor) / 100).toFixed(2)} ${currency}`
}
