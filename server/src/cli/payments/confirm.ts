import { Command } from 'commander'
import { type Minor, toDecimal } from '../../kernel/money.ts'
import { confirmTransfer, type NewsOutcome, type PaymentAttempt } from '../../payments/index.ts'
import { withStore } from '../run.ts'
import { explain, readAmount } from './words.ts'

export function confirmCommand(): Command {
  return new Command('confirm')
    .description('a bank transfer has come: its order is paid')
    .argument(
      '<title>',
      "the transfer's title, such as TP7K3M9QXAR (spaces and case do not matter), or the order's uuid",
    )
    .option('--amount <sum>', 'what came, such as 129.00; refused if it is not what was asked for', readAmount)
    .addHelpText('after', '\nMay be repeated: an order is paid once.')
    .action(async (title: string, { amount: amountMinor }: { amount?: Minor }) => {
      await withStore(async (_config, { db }) => {
        const { attempt, outcome } = await confirmTransfer(db, { of: title, amountMinor }).catch(explain)
        console.log(OUTCOMES[outcome](attempt))
        if (outcome === 'needs-a-person') process.exitCode = 1
      })
    })
}

const sumOf = ({ amountMinor, currency }: PaymentAttempt) => `${toDecimal(amountMinor)} ${currency}`

const OUTCOMES: Readonly<Record<NewsOutcome, (attempt: PaymentAttempt) => string>> = {
  'order-paid': (attempt) => `Order ${attempt.orderId} is paid: ${sumOf(attempt)}.`,
  'refund-late': (attempt) =>
    `Order ${attempt.orderId} was canceled before the money came. A refund of ${sumOf(attempt)} was written down: send it back.`,
  'refund-twice': (attempt) =>
    `Order ${attempt.orderId} had been paid already. A refund of ${sumOf(attempt)} was written down: send it back.`,
  'needs-a-person': (attempt) =>
    `The money was noted, but order ${attempt.orderId} is in no state to be paid: look at it.`,
  held: (attempt) =>
    `The money was noted, but it is not the ${sumOf(attempt)} that order ${attempt.orderId} asks for: look at it.`,
  authorized: (attempt) => `The money for order ${attempt.orderId} is blocked and will be taken.`,
  release: (attempt) => `The money blocked for order ${attempt.orderId} will be let go.`,
  closed: (attempt) => `The payment of order ${attempt.orderId} was closed.`,
  known: (attempt) => `Nothing new: the payment of order ${attempt.orderId} was confirmed before.`,
}
