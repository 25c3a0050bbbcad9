import { Command } from 'commander'
import { isUuid, type OrderId } from '../../kernel/ids.ts'
import { OperatorError } from '../../kernel/operator-error.ts'
import {
  findOrderByTitle,
  getPaymentStory,
  type NewsOutcome,
  type PaymentStory,
  type Refund,
} from '../../payments/index.ts'
import { withStore } from '../run.ts'
import { becameOf, lineInWords } from './bank-line-words.ts'
import { on, REASONS } from './open.ts'
import { explain, money, print } from './words.ts'

export function showCommand(): Command {
  return new Command('show')
    .description("tell the whole story of an order's money: attempts, what was heard, refunds")
    .argument('<order>', "the order's uuid, or the title of its transfer")
    .action(async (which: string) => {
      await withStore(async (_config, { db }) => {
        const orderId = isUuid(which) ? (which.toLowerCase() as OrderId) : await findOrderByTitle(db, which)
        if (!orderId) throw new OperatorError(`There is no order ${which}, and no transfer with that title.`)
        print(linesOf(await getPaymentStory(db, orderId).catch(explain)))
      })
    })
}

/** A bank line's event is named by 64 digits: the first few tell them apart. */
const EVENT_SHOWN = 36

function linesOf({ orderId, orderStatus, attempts, events, refunds, bankLines }: PaymentStory): string[] {
  return [
    `Order ${orderId} is ${orderStatus}.`,
    ...(attempts.length === 0 ? ['No payment was begun.'] : []),
    ...attempts.flatMap((attempt) => [
      '',
      ...linesOfAttempt(attempt),
      ...events
        .filter((it) => it.attemptId === attempt.id)
        .map(
          (it) =>
            `  ${on(it.receivedAt)}  ${it.event.slice(0, EVENT_SHOWN)}, ${money(it.amountMinor, it.currency)}: ${OUTCOMES[it.outcome]}`,
        ),
      ...bankLines
        .filter((it) => it.attemptId === attempt.id)
        .map(
          (it) =>
            `  ${it.bookedOn}  bank line ${lineInWords(it)}: ${it.outcome === 'booked' ? 'booked' : becameOf(it)}`,
        ),
      ...refunds.filter((it) => it.attemptId === attempt.id).map(lineOfRefund),
    ]),
  ]
}

function linesOfAttempt(attempt: PaymentStory['attempts'][number]): string[] {
  const { method, gateway, status, amountMinor, capturedMinor, refundedMinor, currency } = attempt
  const back = refundedMinor > 0 ? `, ${money(refundedMinor, currency)} of it went back or is about to` : ''
  return [
    `By ${method}${gateway === method ? '' : ` at ${gateway}`}: ${status}, ${money(amountMinor, currency)}`,
    `  attempt ${attempt.id}${attempt.reference ? `, there ${attempt.reference}` : ''}`,
    ...(attempt.transferTitle ? [`  title ${attempt.transferTitle}`] : []),
    ...(capturedMinor > 0 ? [`  ${money(capturedMinor, currency)} came${back}`] : []),
  ]
}

function lineOfRefund({ id, createdAt, amountMinor, currency, status, reason, note, problem }: Refund): string {
  const why = `${REASONS[reason]}${note ? ` (${note})` : ''}${problem ? `; ${problem}` : ''}`
  return `  ${on(createdAt)}  refund ${id} of ${money(amountMinor, currency)}: ${status}, ${why}`
}

/** What was made of what was heard. */
const OUTCOMES: Readonly<Record<NewsOutcome, string>> = {
  'order-paid': 'it pays the order',
  authorized: 'blocked, to be taken',
  closed: 'it came to nothing',
  'refund-late': 'too late, it goes back',
  'refund-twice': 'the order was paid already, it goes back',
  release: 'blocked, and let go: nobody waits for it',
  held: 'not the sum asked for, it waits for you',
  'needs-a-person': 'that cannot be right, it waits for you',
  known: 'nothing new',
}
