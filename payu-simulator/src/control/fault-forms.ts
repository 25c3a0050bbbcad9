import { REFUND_ERRORS } from '../api/refund-errors.ts'
import { CALLS } from '../faults/fault.ts'
import type { SetFault } from '../faults/faults.ts'
import { type Html, html } from '../html.ts'
import { SIGNATURE_ALGORITHMS } from '../notifications/signature.ts'
import { REFUND_FAILURES } from '../orders/refund.ts'

export function faultList(base: string, faults: readonly SetFault[]): Html {
  if (faults.length === 0) return html`<p class="soft">None: PayU works as it should.</p>`
  return html`${faults.map(({ id, fault, left }) => {
    const { kind, times, ...fields } = fault
    const words = Object.entries(fields).map(([name, value]) => `${name} ${value}`)
    return html`<form method="post" action="${base}/faults/${id}/remove" class="row"><p><strong class="bad">${kind}</strong> ${words.join(', ')} <span class="soft">${left === undefined ? 'until removed' : `${left} of ${times} left`}</span></p><button>Remove</button></form>`
  })}`
}

/** A form each for what goes wrong with calls, notifications and refunds. */
export function faultForms(base: string): Html {
  const times = number('times', 'How often (empty: always)', 1)
  const form = (title: string, fields: Html) =>
    html`<form method="post" action="${base}/faults" class="box"><h3>${title}</h3><div class="row">${fields}${times}<button>Switch on</button></div></form>`
  const which = html`${choice('about', ['', 'order', 'refund'])}${choice('status', ['', 'PENDING', 'WAITING_FOR_CONFIRMATION', 'COMPLETED', 'CANCELED', 'FINALIZED'])}`
  return html`<div class="faults">
${form('Calls of the shop', html`${choice('kind', ['error', 'cut', 'slow'])}${choice('on', ['any', ...CALLS])}${choice('when', ['before', 'after'])}${number('httpStatus', 'HTTP status, for error', 500)}${number('seconds', 'Seconds, for slow', 5)}`)}
${form('Notifications', html`${choice('kind', ['duplicate', 'parallel', 'reorder', 'silence', 'wrong-amount', 'bad-signature', 'stray-canceled', 'delay', 'algorithm'])}${which}${number('copies', 'More copies, for duplicate', 1)}${number('seconds', 'Seconds, for delay', 60)}${choice('algorithm', Object.keys(SIGNATURE_ALGORITHMS))}`)}
${form('A refund is not taken', html`<input type="hidden" name="kind" value="refuse-refund">${choice('literal', Object.keys(REFUND_ERRORS))}`)}
${form('A refund fails later', html`<input type="hidden" name="kind" value="fail-refund">${choice('failure', REFUND_FAILURES)}`)}
</div>`
}

const choice = (name: string, values: readonly string[]): Html =>
  html`<label>${name}<select name="${name}">${values.map((value) => html`<option value="${value}">${value === '' ? 'any' : value}</option>`)}</select></label>`

const number = (name: string, title: string, value: number): Html =>
  html`<label>${title}<input type="number" name="${name}" value="${value}" min="0"></label>`
