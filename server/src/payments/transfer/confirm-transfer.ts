import { isUuid, type OrderId } from '../../kernel/ids.ts'
import type { Minor } from '../../kernel/money.ts'
import { Refused } from '../../kernel/refused.ts'
import type { Database } from '../../store/database.ts'
import type { NewsOutcome, PaymentAttempt } from '../payment.ts'
import { findAttemptByTitle, findTransferOf } from '../payments.sql.ts'
import { recordNews } from '../record-news.ts'
import type { StaffRefusal } from '../refusals.ts'
import { readTransferTitle } from './title.ts'

/**
 * Staff have seen the transfer on the account.
 *
 * @param told.of the transfer's title, however it was typed, or the order's id
 * @param told.amountMinor what came, if it was looked at; undefined: the sum asked for
 * @throws payments.transfer-not-found, payments.amount-differs: looked for in this order
 */
export async function confirmTransfer(
  db: Database,
  told: { of: string; amountMinor?: Minor | undefined },
): Promise<{ attempt: PaymentAttempt; outcome: NewsOutcome }> {
  const attempt = await findTransfer(db, told.of)
  if (!attempt) throw new Refused<StaffRefusal>({ code: 'payments.transfer-not-found', title: told.of })
  const { id, gateway, amountMinor: expectedMinor, currency } = attempt
  const toldMinor = told.amountMinor ?? expectedMinor
  if (toldMinor !== expectedMinor) {
    throw new Refused<StaffRefusal>({ code: 'payments.amount-differs', expectedMinor, toldMinor, currency })
  }
  const news = {
    gateway,
    attemptId: id,
    event: 'confirmed-by-staff',
    told: 'paid',
    amountMinor: toldMinor,
    currency,
  } as const
  return { attempt, outcome: (await recordNews(db, news)) ?? 'known' }
}

async function findTransfer(db: Database, of: string): Promise<PaymentAttempt | undefined> {
  if (!isUuid(of)) return findAttemptByTitle(db, readTransferTitle(of) ?? '')
  return findTransferOf(db, of as OrderId)
}
