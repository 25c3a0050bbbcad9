import { type Html, html, money } from '../html.ts'
import { returnUrl } from '../orders/buyer.ts'
import { maskCard, REFUSED_BLIK_CODES, TEST_CARDS } from '../orders/means.ts'
import type { Order } from '../orders/order.ts'
import type { PayMethod } from '../orders/pay-methods.ts'

/** What stands on every page, beside what it is about. */
function frame(order: Order, content: Html): Html {
  const { request } = order
  return html`<p class="simulated"><strong>Simulated PayU.</strong> No money moves here; use no real card.</p>
<main>
<section aria-label="Order">
  <p class="soft">To pay</p>
  <p class="amount">${money(request.totalAmount, request.currencyCode)}</p>
  <p>${request.visibleDescription ?? request.description}</p>
  <ul class="products">${request.products.map(
    ({ name, unitPrice, quantity }) =>
      html`<li><span>${quantity} × ${name}</span><span>${money(Number(unitPrice) * Number(quantity), request.currencyCode)}</span></li>`,
  )}</ul>
  <p class="soft">Order ${order.orderId}${request.extOrderId !== undefined && html`<br>${request.extOrderId}`}</p>
</section>
<section>
${content}
</section>
</main>`
}

export function methodsPage(order: Order, methods: readonly PayMethod[], problem?: string): Html {
  return frame(
    order,
    html`<h1>How would you like to pay?</h1>
${problemNote(problem)}
<form method="get">${keys(order)}
<div class="methods">${methods.map(({ value, name }) => html`<button name="method" value="${value}">${name}</button>`)}</div>
</form>
${ends(order, { isChoosing: true })}`,
  )
}

export function cardPage(order: Order, problem?: string): Html {
  return frame(
    order,
    html`<h1>Card</h1>
${problemNote(problem)}
<form method="post">${keys(order)}<input type="hidden" name="method" value="c">
  <label>Card number <input name="number" inputmode="numeric" autocomplete="off" value="4444 3333 2222 1111" required></label>
  <div class="pair">
    <label>Valid until <input name="expiry" autocomplete="off" value="12/29" required></label>
    <label>CVV <input name="cvv" inputmode="numeric" autocomplete="off" value="123" required></label>
  </div>
  <button class="go" name="action" value="pay">Pay ${amountOf(order)}</button>
</form>
<h2>Or pay with a test card</h2>
<form method="post" class="cards">${keys(order)}<input type="hidden" name="method" value="c"><input type="hidden" name="action" value="pay">
  <div>${TEST_CARDS.map(
    ({ number, behaviour }) =>
      html`<button name="number" value="${number}"><b>${number.replace(/(.{4})(?=.)/g, '$1 ')}</b><small>${behaviour}</small></button>`,
  )}</div>
</form>
${ends(order)}`,
  )
}

export function blikPage(order: Order, problem?: string): Html {
  return frame(
    order,
    html`<h1>BLIK</h1>
${problemNote(problem)}
<form method="post">${keys(order)}<input type="hidden" name="method" value="blik">
  <label>Code from your bank's app <input class="code" name="code" inputmode="numeric" autocomplete="off" pattern="[0-9]{6}" maxlength="6" value="777123" required></label>
  <button class="go" name="action" value="pay">Pay ${amountOf(order)}</button>
</form>
<p class="soft">Any six digits are approved, but for ${Object.entries(REFUSED_BLIK_CODES).map(
      ([code, { behaviour }], index) => html`${index > 0 && ', '}<code>${code}</code> (${behaviour})`,
    )}</p>
${ends(order)}`,
  )
}

export function bankPage(order: Order, method: PayMethod, problem?: string): Html {
  return frame(
    order,
    html`<h1>${method.name}</h1>
${problemNote(problem)}
<p>Here you would sign in and confirm the payment.</p>
<form method="post">${keys(order)}<input type="hidden" name="method" value="${method.value}">
  <button class="go" name="action" value="pay">Pay ${amountOf(order)}</button>
</form>
${ends(order)}`,
  )
}

/** The card's bank asks the buyer. */
export function challengePage(order: Order): Html {
  const number = order.transactions.at(-1)?.cardNumber ?? ''
  return frame(
    order,
    html`<h1>Your bank asks: is it you?</h1>
<p>3-D Secure for card <code>${maskCard(number)}</code>. A real bank would send you a code or open its app.</p>
<form method="post">${keys(order)}
  <button class="go" name="action" value="confirm">Yes, confirm ${amountOf(order)}</button>
  <button class="stop" name="action" value="refuse">No, refuse</button>
</form>`,
  )
}

export function cvvPage(order: Order, problem?: string): Html {
  const number = order.transactions.at(-1)?.cardNumber ?? ''
  return frame(
    order,
    html`<h1>Your card's CVV</h1>
${problemNote(problem)}
<form method="post">${keys(order)}<input type="hidden" name="step" value="redirect-cvv">
  <label>CVV of <code>${maskCard(number)}</code> <input class="code" name="cvv" inputmode="numeric" autocomplete="off" maxlength="3" value="123" required></label>
  <button class="go" name="action" value="cvv">Pay ${amountOf(order)}</button>
</form>
${ends(order)}`,
  )
}

const RESULTS = {
  NEW: 'Not paid yet',
  PENDING: 'Waiting for the bank',
  WAITING_FOR_CONFIRMATION: 'Paid. The shop will confirm it',
  COMPLETED: 'Paid',
  CANCELED: 'Canceled: you have not been charged',
} as const

/** Nothing is left to do here. */
export function resultPage(order: Order): Html {
  const back = returnUrl(order)
  return frame(
    order,
    html`<h1>${RESULTS[order.status]}</h1>
${back === undefined ? html`<p>You can close this page.</p>` : html`<a class="button go" href="${back}">Back to the shop</a>`}`,
  )
}

export function unknownPage(): Html {
  return html`<main class="single"><section><h1>There is no such payment</h1>
<p>Go back to the shop and choose a way to pay again.</p></section></main>`
}

function ends(order: Order, { isChoosing = false } = {}): Html {
  const mayChange = !isChoosing && order.request.means?.kind !== 'page'
  const other = mayChange && html`<a class="button" href="${hereUrl(order)}">Another method</a>`
  return html`<form method="post" class="ends">${keys(order)}
  ${other}
  <button name="action" value="abandon">Back to the shop, without paying</button>
  <button class="stop" name="action" value="decline">Decline: cancel the payment</button>
</form>`
}

export const hereUrl = ({ orderId, payToken }: Order): string => `?${new URLSearchParams({ orderId, token: payToken })}`

const keys = ({ orderId, payToken }: Order): Html =>
  html`<input type="hidden" name="orderId" value="${orderId}"><input type="hidden" name="token" value="${payToken}">`

const amountOf = ({ request }: Order): string => money(request.totalAmount, request.currencyCode)

const problemNote = (problem: string | undefined): Html | undefined =>
  problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`
