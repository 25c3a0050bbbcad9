import { type Html, html, money } from '../html.ts'
import type { Attempt, Notification } from '../notifications/notification.ts'
import type { Order } from '../orders/order.ts'
import { payPageUrl } from '../pay-page/urls.ts'
import type { Simulation } from '../simulation.ts'

export const time = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

/** An order on the simulator's own page. */
export function orderCard(simulation: Simulation, order: Order, isPayable: boolean): Html {
  const { orderId, posId, request, status, createdAt, transactions, refunds, notifications } = order
  const act = `${simulation.publicUrl()}/_simulator/orders/${orderId}/act`
  return html`<article>
<div class="top"><h3>${request.extOrderId ?? orderId}</h3><span class="status ${STATUS_CLASS[status]}">${status}</span>
<span>${money(request.totalAmount, request.currencyCode)}</span><span class="soft">${orderId}, POS ${posId}, ${time(createdAt)}</span></div>
<p>${request.description}</p>
${transactions.map(
  ({ method, at, resultCode, cardNumber }) =>
    html`<p class="soft">${time(at)}: ${method} ${cardNumber ?? ''} ${resultCode ?? 'not decided'}</p>`,
)}
${refunds.map(
  (refund) =>
    html`<p>Refund ${refund.refundId}${refund.extRefundId !== undefined && html` (${refund.extRefundId})`}: ${money(refund.amountMinor, refund.currencyCode)}, ${refund.status} ${refund.status === 'CANCELED' && refund.failure}</p>`,
)}
${
  isPayable &&
  html`<form method="post" action="${act}" class="row"><a class="button" href="${payPageUrl(simulation, order)}">Pay page</a>
<button name="action" value="pay">Pay</button><button name="action" value="fail">Fail, may try again</button><button name="action" value="decline">Decline</button></form>`
}
${
  notifications.length > 0 &&
  html`<div class="scroll"><table><tr><th>notification</th><th>state</th><th>attempts</th></tr>${notifications.map(notificationRow)}</table></div>`
}
${request.notifyUrl === undefined && html`<p class="bad">No notifyUrl: the shop is told nothing.</p>`}
</article>`
}

const STATUS_CLASS = {
  NEW: 'soft',
  PENDING: 'soft',
  WAITING_FOR_CONFIRMATION: 'soft',
  COMPLETED: 'good',
  CANCELED: 'bad',
} as const

function notificationRow({ about, status, state, nextAt, faults, url, body, attempts }: Notification): Html {
  return html`<tr><td><details><summary>${about} ${status} ${faults.length > 0 && html`<span class="bad">${faults.join(', ')}</span>`}</summary><pre>${url}
${body}</pre></details></td>
<td class="narrow">${state === 'waiting' ? `next at ${time(nextAt)}` : state}</td>
<td>${attempts.map(attemptLine)}</td></tr>`
}

function attemptLine({ at, httpStatus, failure, answer }: Attempt): Html {
  return html`<p class="${httpStatus === 200 ? 'good' : 'bad'}">${time(at)}: ${httpStatus ?? failure} ${answer}</p>`
}
