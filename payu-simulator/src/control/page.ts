import { type Html, html } from '../html.ts'
import { canPay } from '../orders/buyer.ts'
import type { Simulation } from '../simulation.ts'
import type { PayuSimulator } from '../simulator.ts'
import { faultForms, faultList } from './fault-forms.ts'
import { orderCard, time } from './order-card.ts'

const ORDERS_MAX = 50
const REQUESTS_MAX = 30

/** Orders with their notifications, the last calls, and all the switches. */
export function controlPage(simulation: Simulation, simulator: PayuSimulator): Html {
  const base = `${simulation.publicUrl()}/_simulator`
  const orders = [...simulation.ledger.all()].reverse()
  const { pointsOfSale, requests, faults } = simulator
  return html`<h1>PayU simulator</h1>
<p class="soft">No money moves. It is ${time(simulation.clock.now())} here; waits are ${simulation.clock.timeScale === 1 ? 'as long as' : html`${simulation.clock.timeScale} times as short as`} PayU's.
${pointsOfSale.map(({ posId, currency }) => html`POS ${posId} (${currency}) `)}</p>
<div class="row">
  <a class="button" href="${base}">Refresh</a> <a class="button" href="${base}?live">Refresh every 2 s</a>
  <form method="post" action="${base}/settle"><button>Settle all</button></form>
  <form method="post" action="${base}/deliver"><button>Deliver now</button></form>
  <form method="post" action="${base}/advance" class="row"><label>Seconds <input type="number" name="seconds" min="0" value="3600"></label><button>Advance the clock</button></form>
</div>

<h2>Faults</h2>
${faultList(base, faults.list())}
<details><summary>Switch one on</summary>${faultForms(base)}</details>

<h2>Orders</h2>
${orders.length === 0 && html`<p class="soft">None yet. A shop makes one with POST ${simulation.publicUrl()}/api/v2_1/orders.</p>`}
${orders.slice(0, ORDERS_MAX).map((order) => orderCard(simulation, order, canPay(order)))}
${orders.length > ORDERS_MAX && html`<p class="soft">And ${orders.length - ORDERS_MAX} older ones.</p>`}

<h2>Calls of the shop</h2>
<div class="scroll"><table><tr><th>when</th><th>call</th><th>answer</th><th>body</th></tr>
${requests
  .slice(-REQUESTS_MAX)
  .reverse()
  .map(
    ({ at, method, path, httpStatus, body }) =>
      html`<tr><td class="narrow">${time(at)}</td><td>${method} ${path}</td><td>${httpStatus === 0 ? 'cut' : httpStatus}</td><td class="body">${shortened(body)}</td></tr>`,
  )}</table></div>`
}

const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text)
