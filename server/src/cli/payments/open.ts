import { Command } from 'commander'
import { listOpenMatters, type OpenMatters } from '../../payments/index.ts'
import { withStore } from '../run.ts'
import { money, print } from './words.ts'

export function openCommand(): Command {
  return new Command('open')
    .description('list what waits for a person: refunds to send, sums that are not right, news nobody understands')
    .action(async () => {
      await withStore(async (_config, { db }) => {
        const lines = sectionsOf(await listOpenMatters(db)).flatMap(([title, entries]) =>
          entries.length > 0 ? ['', title, ...entries] : [],
        )
        print(lines.length > 0 ? lines.slice(1) : ['Nothing waits for you.'])
      })
    })
}

function sectionsOf({
  bankLines,
  held,
  refundsByHand,
  refundsFailed,
  news,
  messages,
  silent,
}: OpenMatters): [string, string[]][] {
  return [
    [
      'What came to the account and could not be booked to an order:',
      bankLines > 0
        ? [`  ${bankLines === 1 ? '1 bank line' : `${bankLines} bank lines`}: payments bank-lines --open`]
        : [],
    ],
    [
      'Money that is not the sum asked for. Take it (payments accept ORDER) or send it back (payments refund ORDER):',
      held.map(
        (it) =>
          `  ${on(it.since)}  order ${it.orderId}  ${money(it.capturedMinor, it.currency)} came by ${it.method}, ${money(it.amountMinor, it.currency)} was asked for`,
      ),
    ],
    [
      'Refunds to send by hand, each to the account its transfer came from. Then: payments refunded REFUND',
      refundsByHand.map(
        (it) =>
          `  ${on(it.createdAt)}  refund ${it.id}  ${money(it.amountMinor, it.currency)} of order ${it.orderId}, ${REASONS[it.reason]}${it.payers.map(payerInWords).join('')}`,
      ),
    ],
    [
      'Refunds that failed. Try once more (payments refund-again REFUND) or send them by hand (payments refunded REFUND):',
      refundsFailed.map(
        (it) =>
          `  ${on(it.createdAt)}  refund ${it.id}  ${money(it.amountMinor, it.currency)} of order ${it.orderId}: ${it.problem ?? 'no reason was told'}`,
      ),
    ],
    [
      'News of payments that cannot be right: look at them at the gateway.',
      news.map(
        (it) =>
          `  ${on(it.since)}  order ${it.orderId}  ${it.gateway} tells ${it.event} of ${money(it.amountMinor, it.currency)}`,
      ),
    ],
    [
      'Messages that fit no payment of this shop:',
      messages.map(
        (it) => `  ${on(it.since)}  message ${it.id} of ${it.gateway}: ${it.problem ?? 'look at the order it names'}`,
      ),
    ],
    [
      'Payments whose gateway has not said its last word for days:',
      silent.map(
        (it) => `  ${on(it.since)}  order ${it.orderId}  ${money(it.amountMinor, it.currency)} at ${it.gateway}`,
      ),
    ],
  ]
}

const payerInWords = ({ name, account }: { name: string; account: string }) =>
  `; from ${[account, name].filter(Boolean).join(', ')}`

export const REASONS = {
  'order-canceled': 'which was canceled',
  'late-money': 'which was canceled before the money came',
  'paid-twice': 'which was paid twice',
  'by-staff': 'by staff',
  'at-gateway': 'made in the gateway’s own panel',
} as const

/** `2026-11-20 13:00` in UTC */
export const on = (time: Date) => time.toISOString().slice(0, 16).replace('T', ' ')
