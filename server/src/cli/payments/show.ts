import { Command } from 'commander'
import { isUuid, type OrderId } from '../../kernel/ids.ts'
import { OperatorError } from '../../kernel/operator-error.ts'
import { findOrderByTitle, getPaymentStory, type PaymentStory } from '../../payments/index.ts'
import { withStore } from '../run.ts'
import { becameOf, lineInWords } from './bank-line-words.ts'
import { on, REASONS } from './open.ts'
import { explain, money } from './words.ts'

export function showCommand(): Command {
  return new Command('show')
    .description("tell the whole story of an order's money: attempts, what was heard, refunds")
    .argument('<order>', "the order's uuid, or the title of its transfer")
    .action(async (which: string) => {
      await withStore(async (_config, { db }) => {
        const orderId = isUuid(which) ? (which.toLowerCase() as OrderId) : await findOrderByTitle(db, which)
        if (!orderId) throw new OperatorError(`There is no order ${which}, and no transfer with that title.`)
        console.log(linesOf(await getPaymentStory(db, orderId).catch(explain)).join('\n'))
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
      `${attempt.method} at ${attempt.gateway}: ${attempt.status}, ${money(attempt.amountMinor, attempt.currency)}`,
      `  attempt ${attempt.id}${attempt.reference ? `, there ${attempt.reference}` : ''}`,
      ...(attempt.transferTitle ? [`  title ${attempt.transferTitle}`] : []),
      ...(attempt.capturedMinor > 0
        ? [
            `  ${money(attempt.capturedMinor, attempt.currency)} came, ${money(attempt.refundedMinor, attempt.currency)} of it goes or went back`,
          ]
        : []),
      ...events
        .filter((it) => it.attemptId === attempt.id)
        .map(
          (it) =>
            `  ${on(it.receivedAt)}  heard ${it.event.slice(0, EVENT_SHOWN)}, ${money(it.amountMinor, it.currency)}: ${it.outcome}`,
        ),
      ...bankLines
        .filter((it) => it.attemptId === attempt.id)
        .map(
          (it) =>
            `  ${it.bookedOn}  bank line ${lineInWords(it)}: ${it.outcome === 'booked' ? 'booked' : becameOf(it)}`,
        ),
      ...refunds
        .filter((it) => it.attemptId === attempt.id)
        .map(
          (it) =>
            `  ${on(it.createdAt)}  refund ${it.id} of ${money(it.amountMinor, it.currency)}: ${it.status}, ${REASONS[it.reason]}${it.note ? ` (${it.note})` : ''}${it.problem ? `; ${it.problem}` : ''}`,
        ),
    ]),
  ]
}
