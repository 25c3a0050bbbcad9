import { escapeHtml } from '../../kernel/escape-html.ts'
import { toDecimal } from '../../kernel/money.ts'
import type { Order } from '../../orders/index.ts'
import { type PaymentAttempt, type PaymentState, paymentState } from '../../payments/index.ts'

/** The only style of these pages; its hash is in their content security policy. */
export const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #eef1f4; color: #17202a }
  main { width: min(26rem, 100vw - 2rem); box-sizing: border-box; background: #fff; border-radius: 12px; padding: 2rem; box-shadow: 0 6px 24px #0002 }
  small { color: #5b6673 } .shop { font-weight: 600 }
  h1 { margin: .6rem 0 .4rem; font-size: clamp(1.7rem, 7vw, 2.2rem); line-height: 1.15; letter-spacing: -.02em }
  .sum { margin: 0 0 1rem; font-size: 1.15rem; font-weight: 600 } .order { margin-top: 1.6rem; overflow-wrap: anywhere }
  a { color: inherit } p:last-child { margin-bottom: 0 }
  @media (prefers-color-scheme: dark) { body { background: #12171c; color: #e8ecef } main { background: #1c242b } small { color: #9aa7b3 } }
`

const WORDS: Readonly<Record<PaymentState, readonly [title: string, text: string]>> = {
  paid: ['Paid', 'Thank you. The shop has your money and your order; you can close this page.'],
  pending: ['Just a moment', 'Your payment is being processed. This page looks again by itself.'],
  declined: ['Not paid', 'The payment was refused, and no money was taken. Go back to the shop and pay another way.'],
  canceled: ['Not paid', 'The payment was not finished, and no money was taken. Go back to the shop and pay again.'],
  expired: ['Too late', 'The time to pay is over. Money that comes all the same is sent back.'],
  refunded: ['Refunded', 'The money goes back the way it came.'],
}
const CANCELED = ['Canceled', 'This order is canceled. Money that comes all the same is sent back.'] as const
const NOTHING = ['Not paid', 'Nothing has been paid yet. Go back to the shop and choose how to pay.'] as const
const TRANSFER = [
  'Waiting for your transfer',
  'The order is paid when your transfer has come, most often on the next working day. You can close this page.',
] as const
const GIVEN_UP = [
  'Still waiting',
  'Your payment is being processed, and the shop will know as soon as it is done.',
] as const

/** After these pauses the page looks again, in seconds; then it leaves it to the buyer. */
const PAUSES = [2, 3, 5, 5, 10, 10, 15, 20, 30, 30, 60, 60]

/** How the order's payment stands, for its owner. @param looks how often the page has looked already */
export function orderPage(shopName: string, order: Order, payment: PaymentAttempt | undefined, looks: number): string {
  const state = payment && paymentState(payment)
  const isProcessed = state === 'pending' && payment?.method !== 'transfer'
  const pause = isProcessed && order.status === 'to_pay' ? PAUSES[looks] : undefined
  const [title, text] = wordsFor(order, payment, pause !== undefined)
  const refresh = pause ? `<meta http-equiv="refresh" content="${pause};url=?look=${looks + 1}">` : ''
  const again = isProcessed && !pause ? '<p><a href="?">Look again</a></p>' : ''
  return page(
    title,
    `<small class="shop">${escapeHtml(shopName)}</small>
  <h1>${title}</h1>
  <p class="sum">${toDecimal(order.sumMinor)} ${order.currency}</p>
  <p>${text}</p>${again}
  <p class="order"><small>Order ${order.id}</small></p>`,
    refresh,
  )
}

function wordsFor(order: Order, payment: PaymentAttempt | undefined, looksAgain: boolean): readonly [string, string] {
  const state = payment && paymentState(payment)
  if (state === 'paid' || state === 'refunded') return WORDS[state]
  if (order.status === 'canceled') return CANCELED
  if (state === undefined) return NOTHING
  if (state === 'pending' && payment?.method === 'transfer') return TRANSFER
  return state === 'pending' && !looksAgain ? GIVEN_UP : WORDS[state]
}

/** For whoever is not known to own the order. It is the same for every order, and for none. */
export function strangerPage(): string {
  return page(
    'Back from paying',
    `<h1>Back from paying</h1>
  <p>How your order stands, the shop tells you when you are signed in. You can close this page.</p>`,
  )
}

export function laterPage(): string {
  return page(
    'Just a moment',
    `<h1>Just a moment</h1>
  <p>The shop cannot look at your order right now. Your payment is not lost by that.</p>
  <p><a href="?">Look again</a></p>`,
  )
}

function page(title: string, content: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">${head}
<title>${title}</title>
<style>${STYLE}</style>
<main>
  ${content}
</main>
</html>
`
}
