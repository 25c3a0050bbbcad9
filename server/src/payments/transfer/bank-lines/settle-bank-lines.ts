import type { OrderId } from '../../../kernel/ids.ts'
import { Refused } from '../../../kernel/refused.ts'
import { lockOrder } from '../../../orders/index.ts'
import type { Database, Tx } from '../../../store/database.ts'
import { recordNewsOf } from '../../record-news.ts'
import type { StaffRefusal } from '../../refusals.ts'
import { type BookedAs, decideMoney, newsOf } from './bank-line.ts'
import * as sql from './bank-lines.sql.ts'

/**
 * Staff know whose money these lines are: together they are the sum that the order's transfer asked for.
 *
 * @throws payments.bank-line-not-found, payments.bank-line-not-open, payments.bank-line-is-a-reversal,
 *   payments.bank-lines-differ, payments.transfer-not-found, payments.paid-already, payments.amount-differs,
 *   payments.order-not-payable: looked for in this order
 */
export async function bookBankLines(db: Database, ids: readonly number[], orderId: OrderId): Promise<BookedAs> {
  return await db.transaction(async (tx) => {
    const lines = await lockOpenLines(tx, ids)
    for (const { id, kind } of lines) {
      if (kind !== 'credit') throw refused({ code: 'payments.bank-line-is-a-reversal', line: id as number })
    }
    const currency = lines[0]?.currency ?? ''
    if (lines.some((line) => line.currency !== currency)) throw refused({ code: 'payments.bank-lines-differ' })
    const amountMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0)

    const found = await sql.findNamedTransferOf(tx, orderId)
    if (!found) throw refused({ code: 'payments.transfer-not-found', title: orderId })
    const order = await lockOrder(tx, orderId)
    const transfer = (await sql.findNamedTransferOf(tx, orderId)) ?? found

    const decision = decideMoney(amountMinor, currency, transfer)
    switch (decision) {
      case 'paid-already':
        throw refused({ code: 'payments.paid-already', orderId })
      case 'too-little':
      case 'too-much':
      case 'other-currency': {
        const { amountMinor: expectedMinor, currency: expectedCurrency } = transfer
        const told = { expectedMinor, toldMinor: amountMinor, currency: expectedCurrency, toldCurrency: currency }
        throw refused({ code: 'payments.amount-differs', ...told })
      }
      case 'not-payable':
        throw refused({ code: 'payments.order-not-payable', orderId })
    }
    if (decision !== 'confirmed-before') {
      const fingerprints = lines.map(({ fingerprint }) => fingerprint)
      await recordNewsOf(tx, order, newsOf(transfer, fingerprints, amountMinor, currency))
    }
    await sql.setLinesBooked(tx, ids, transfer.id, decision)
    return decision
  })
}

/**
 * Staff have done outside what there was to do, such as sending the money back at the bank.
 *
 * @throws payments.bank-line-not-found, payments.bank-line-not-open: looked for in this order
 */
export async function settleBankLines(db: Database, ids: readonly number[], note: string): Promise<void> {
  await db.transaction(async (tx) => {
    await lockOpenLines(tx, ids)
    await sql.setLinesSettled(tx, ids, note)
  })
}

async function lockOpenLines(tx: Tx, ids: readonly number[]) {
  const lines = await sql.lockLines(tx, ids)
  for (const id of ids) {
    const line = lines.find((one) => one.id === id)
    if (!line) throw refused({ code: 'payments.bank-line-not-found', line: id })
    if (line.outcome !== 'needs-a-person') throw refused({ code: 'payments.bank-line-not-open', line: id })
  }
  return lines
}

function refused(refusal: StaffRefusal): Refused<StaffRefusal> {
  return new Refused<StaffRefusal>(refusal)
}
