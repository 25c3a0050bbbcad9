import type { Letterhead } from '../../identity/index.ts'
import { escapeHtml } from '../../kernel/escape-html.ts'
import { toDecimal } from '../../kernel/money.ts'
import { type Letter, withoutControls } from '../../mail/index.ts'
import type { OrderDetails } from '../../orders/index.ts'

// Nothing a customer wrote is in these letters, such as a name or a note: whoever registers with another's address could
// send them a message that way.

/** What a letter about an order says: plain words, and where it wants it, what was bought and a table of facts. */
export interface OrderLetter {
  /** For staff and logs, such as `order-paid`. */
  readonly kind: string
  /** Behind the shop's name. */
  readonly subject: string
  /** The one thing it says. */
  readonly heading: string
  readonly paragraphs: readonly string[]
  /** Label and value, such as an account and its number. */
  readonly facts?: readonly (readonly [label: string, value: string])[]
  readonly withLines?: boolean
}

/** The letter as text and as HTML, from the one description. */
export function lay({ shopName }: Letterhead, order: OrderDetails, to: string, letter: OrderLetter): Letter {
  const { kind, subject, facts = [] } = letter
  const lines = letter.withLines ? linesOf(order) : []
  return {
    kind,
    to,
    subject: `${shopName}: ${subject}`,
    text: textOf(shopName, order, letter, lines, facts),
    html: htmlOf(shopName, order, letter, lines, facts),
  }
}

/** `1499.00 PLN` */
export function inMoney(amountMinor: number, currency: string): string {
  return `${toDecimal(amountMinor)} ${currency}`
}

/** Made with the first letter: it takes tens of milliseconds. */
let longDate: Intl.DateTimeFormat | undefined

/** `20 November 2026`, of the day in UTC. */
export function inDays(time: Date): string {
  longDate ??= new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
  return longDate.format(time)
}

interface Line {
  readonly what: string
  readonly sum: string
}

function linesOf({ lines, currency }: OrderDetails): Line[] {
  return lines.map(({ name, quantity, unitPriceMinor }) => ({
    what: `${quantity} × ${withoutControls(name)}`,
    sum: inMoney(unitPriceMinor * quantity, currency),
  }))
}

type Facts = NonNullable<OrderLetter['facts']>

function textOf(
  shopName: string,
  order: OrderDetails,
  letter: OrderLetter,
  lines: readonly Line[],
  facts: Facts,
): string {
  const width = Math.max(...facts.map(([label]) => label.length)) + 2
  const total = `Total: ${inMoney(order.sumMinor, order.currency)}`
  const parts = [
    'Hello,',
    ...letter.paragraphs,
    ...(facts.length > 0 ? [facts.map(([label, value]) => `${`${label}:`.padEnd(width)}${value}`).join('\n')] : []),
    ...(lines.length > 0 ? [[...lines.map(({ what, sum }) => `${what}: ${sum}`), total].join('\n')] : []),
    `${shopName}\nOrder ${order.id}`,
  ]
  return `${parts.join('\n\n')}\n`
}

const INK = '#1d2b26'
const SOFT = '#64736c'
const RULE = '#e3e8e5'
const GROUND = '#f3f5f4'
const FONT = `font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif`
const CELL = `padding:8px 0;border-top:1px solid ${RULE};vertical-align:top`

/** Tables and styles on the elements: what programs that show mails understand. */
function htmlOf(
  shopName: string,
  order: OrderDetails,
  letter: OrderLetter,
  lines: readonly Line[],
  facts: Facts,
): string {
  const row = (left: string, right: string, style = '') =>
    `<tr><td style="${CELL};padding-right:16px;${style}">${escapeHtml(left)}</td>` +
    `<td style="${CELL};text-align:right;white-space:nowrap;${style}">${escapeHtml(right)}</td></tr>`
  const fact = ([label, value]: readonly [string, string]) =>
    `<tr><td width="1%" style="padding:4px 16px 4px 0;color:${SOFT};white-space:nowrap;vertical-align:top">${escapeHtml(label)}</td>` +
    `<td style="padding:4px 0;font-weight:600;word-break:break-word">${escapeHtml(value)}</td></tr>`
  const table = (rows: readonly string[], style = '') =>
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:20px 0 0;font-size:16px;line-height:1.4;color:${INK};${style}">\n${rows.join('\n')}\n</table>`
  const total = row('Total', inMoney(order.sumMinor, order.currency), 'font-weight:700')
  const body = [
    ...letter.paragraphs.map((text) => `<p style="margin:12px 0 0">${escapeHtml(text)}</p>`),
    ...(facts.length > 0
      ? [
          `<div style="background:${GROUND};border-radius:8px;margin:20px 0 0;padding:12px 16px">${table(facts.map(fact), 'margin:0')}</div>`,
        ]
      : []),
    ...(lines.length > 0 ? [table([...lines.map(({ what, sum }) => row(what, sum)), total])] : []),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(letter.heading)}</title>
</head>
<body style="margin:0;padding:0;background:${GROUND}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px">
<tr><td style="${FONT};padding:0 4px 12px;font-size:15px;font-weight:600;color:${SOFT}">${escapeHtml(shopName)}</td></tr>
<tr><td style="${FONT};background:#ffffff;border-radius:12px;padding:28px 24px;font-size:16px;line-height:1.5;color:${INK}">
<h1 style="margin:0;font-size:22px;line-height:1.3">${escapeHtml(letter.heading)}</h1>
${body.join('\n')}
</td></tr>
<tr><td style="${FONT};padding:12px 4px 0;font-size:13px;color:${SOFT};word-break:break-word">Order ${order.id}</td></tr>
</table>
</td></tr></table>
</body>
</html>
`
}
