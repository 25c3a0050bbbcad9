import { toDecimal } from '../../kernel/money.ts'
import type { TestPayment } from '../../payments/index.ts'

/** The only style of these pages; its hash is in their content security policy. */
export const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #eef1f4; color: #17202a }
  main { width: min(26rem, 100vw - 2rem); box-sizing: border-box; background: #fff; border-radius: 12px; padding: 2rem; box-shadow: 0 6px 24px #0002 }
  small { color: #5b6673 } h1 { margin: .2rem 0 1.2rem; font-size: 2.2rem; letter-spacing: -.02em }
  form { display: grid; gap: .7rem } button { font: inherit; font-weight: 600; padding: .8rem; border-radius: 8px; border: 1px solid #c4ccd4; background: #fff; color: inherit; cursor: pointer }
  button.pay { background: #0b7a4b; border-color: #0b7a4b; color: #fff } button:focus-visible { outline: 3px solid #5aa9e6; outline-offset: 2px }
  p:last-child { margin-bottom: 0 }
  @media (prefers-color-scheme: dark) { body { background: #12171c; color: #e8ecef } main { background: #1c242b } small { color: #9aa7b3 } button { background: #26313a; border-color: #3a4751 } }
`

/** The page where a buyer pays or declines. */
export function payPage(payment: TestPayment): string {
  if (payment.status !== 'waiting') return decidedPage(payment)
  return page(
    'Pay',
    `<small>Test gateway: no money moves here</small>
    <h1>${toDecimal(payment.amountMinor)} ${payment.currency}</h1>
    <form method="post">
      <button class="pay" name="decision" value="paid">Pay</button>
      <button name="decision" value="declined">Decline</button>
    </form>
    <p><small>${payment.description}</small></p>`,
  )
}

const DECIDED = {
  waiting: 'Waiting',
  paid: 'Paid',
  declined: 'Declined',
  canceled: 'Canceled',
} as const

/** What the buyer sees once it is decided. */
export function decidedPage(payment: TestPayment): string {
  const title = DECIDED[payment.status]
  return page(
    title,
    `<small>Test gateway: no money moved</small>
    <h1>${title}</h1>
    <p>${toDecimal(payment.amountMinor)} ${payment.currency}. The shop has been told; you can close this page and go back to it.</p>`,
  )
}

export function unknownPage(): string {
  return page(
    'Not found',
    '<h1>Not found</h1><p>There is no such payment. Choose a payment method for your order again.</p>',
  )
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Tradepost test gateway</title>
<style>${STYLE}</style>
<main>
  ${content}
</main>
</html>
`
}
