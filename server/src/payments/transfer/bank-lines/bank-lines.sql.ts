import type { OrderId, PaymentAttemptId } from '../../../kernel/ids.ts'
import type { Minor } from '../../../kernel/money.ts'
import { statement, statementOne } from '../../../store/statement.ts'
import { COLUMNS as ATTEMPT } from '../../payments.sql.ts'
import type { StatementLine } from '../statement/statement-line.ts'
import type { BankLine, BankLineReason, BookedAs, NamedTransfer } from './bank-line.ts'

type NoRow = Record<string, never>

const COLUMNS = `id, account, to_char(booked_on, 'YYYY-MM-DD') as "bookedOn", kind, amount_minor as "amountMinor", currency,
  title, payer_name as "payerName", payer_account as "payerAccount", bank_reference as "bankReference",
  end_to_end_id as "endToEndId", outcome, reason, booked_as as "bookedAs", attempt_id as "attemptId",
  (select a.order_id from payment_attempts a where a.id = bank_lines.attempt_id) as "orderId", note`

const NAMED = `${ATTEMPT}, (select o.status from orders o where o.id = payment_attempts.order_id) as "orderStatus",
  exists (select from payment_events e
           where e.attempt_id = payment_attempts.id and e.gateway = payment_attempts.gateway
             and e.event = 'confirmed-by-staff' and e.outcome in ('order-paid', 'refund-late', 'refund-twice'))
    and not exists (select from bank_lines b where b.attempt_id = payment_attempts.id and b.outcome = 'booked')
    as "awaitsItsBankLine"`

/** In no order of importance. */
export const listNamedTransfers = statement<[titles: readonly string[]], NamedTransfer>(
  'payments.list-named-transfers',
  `select ${NAMED} from payment_attempts where transfer_title = any ($1) order by id`,
)

/** The order's newest transfer, whether it is still awaited or not. */
export const findNamedTransferOf = statementOne<[OrderId], NamedTransfer>(
  'payments.find-named-transfer-of',
  `select ${NAMED} from payment_attempts where order_id = $1 and method = 'transfer' order by id desc limit 1`,
)

export const listKnownLines = statement<[fingerprints: readonly Buffer[]], { fingerprint: Buffer; isOpen: boolean }>(
  'payments.list-known-lines',
  `select fingerprint, outcome = 'needs-a-person' as "isOpen" from bank_lines where fingerprint = any ($1)`,
)

interface NewLine extends StatementLine {
  readonly fingerprint: string
  readonly outcome: 'booked' | 'needs-a-person'
  readonly reason: BankLineReason | undefined
  readonly bookedAs: BookedAs | undefined
  readonly attemptId: PaymentAttemptId | undefined
}

/**
 * No row: the line was there before. The number is taken only for a line that is not: a file imported again would leave
 * gaps for people to wonder about.
 */
export const insertLine = statementOne<[NewLine], BankLine>(
  'payments.insert-line',
  `insert into bank_lines (fingerprint, account, booked_on, kind, amount_minor, currency, title, payer_name, payer_account,
                           bank_reference, end_to_end_id, outcome, reason, booked_as, attempt_id)
   select decode(n.fingerprint, 'hex'), n.account, n."bookedOn", n.kind, n."amountMinor", n.currency, n.title, n."payerName",
          n."payerAccount", n."bankReference", n."endToEndId", n.outcome, n.reason, n."bookedAs", n."attemptId"
     from jsonb_to_record($1) as n (fingerprint text, account text, "bookedOn" date, kind text, "amountMinor" bigint,
            currency text, title text, "payerName" text, "payerAccount" text, "bankReference" text, "endToEndId" text,
            outcome text, reason text, "bookedAs" text, "attemptId" uuid)
    where not exists (select from bank_lines b where b.fingerprint = decode(n.fingerprint, 'hex'))
   on conflict (fingerprint) do nothing
   returning ${COLUMNS}`,
)

/** The oldest first, as they came. */
export const listLines = statement<[onlyOpen: boolean, limit: number], BankLine & { total: number }>(
  'payments.list-lines',
  `select * from (
     select ${COLUMNS}, count(*) over () as total from bank_lines
      where outcome = 'needs-a-person' or not $1::boolean order by id desc limit $2
   ) newest order by id`,
)

export const lockLines = statement<[ids: readonly number[]], BankLine & { fingerprint: Buffer }>(
  'payments.lock-lines',
  `select ${COLUMNS}, fingerprint from bank_lines where id = any ($1::bigint[]) order by id for update`,
)

export const setLinesBooked = statement<[ids: readonly number[], PaymentAttemptId, BookedAs], NoRow>(
  'payments.set-lines-booked',
  `update bank_lines set outcome = 'booked', booked_as = $3, attempt_id = $2, settled_at = now()
    where id = any ($1::bigint[])`,
)

export const setLinesSettled = statement<[ids: readonly number[], note: string], NoRow>(
  'payments.set-lines-settled',
  `update bank_lines set outcome = 'settled', note = $2, settled_at = now() where id = any ($1::bigint[])`,
)

/** Transfers no money has come for, awaited with this sum: what may be meant where no title can be read. */
export const listAwaited = statement<[Minor, currency: string, limit: number], NamedTransfer>(
  'payments.list-awaited',
  `select ${NAMED} from payment_attempts
    where method = 'transfer' and status = 'pending' and amount_minor = $1 and currency = $2 order by id limit $3`,
)

/** All of the attempts of an order, booked or not, as they came. */
export const listLinesOf = statement<[OrderId], BankLine>(
  'payments.list-lines-of',
  `select ${COLUMNS} from bank_lines
    where attempt_id in (select a.id from payment_attempts a where a.order_id = $1) order by id`,
)

export const countOpenLines = statementOne<[], { count: number }>(
  'payments.count-open-lines',
  `select count(*) as count from bank_lines where outcome = 'needs-a-person'`,
)

/** Who sent the money that is booked to these attempts. */
export interface Payer {
  readonly attemptId: PaymentAttemptId
  readonly name: string
  readonly account: string
}

export const listPayersOf = statement<[readonly PaymentAttemptId[]], Payer>(
  'payments.list-payers-of',
  `select distinct attempt_id as "attemptId", payer_name as name, payer_account as account from bank_lines
    where attempt_id = any ($1) and outcome = 'booked'`,
)

/** Open lines that name the same attempt. */
export const listOpenLinesOf = statement<[PaymentAttemptId], BankLine>(
  'payments.list-open-lines-of',
  `select ${COLUMNS} from bank_lines
    where attempt_id = $1 and outcome = 'needs-a-person' and kind = 'credit' order by id`,
)
