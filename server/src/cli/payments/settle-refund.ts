import { Command } from 'commander'
import type { RefundId } from '../../kernel/ids.ts'
import { confirmRefund, refundAgain } from '../../payments/index.ts'
import { withStore } from '../run.ts'
import { told } from './refund.ts'
import { explain, readRefundId } from './words.ts'

export function refundedCommand(): Command {
  return new Command('refunded')
    .description('a refund was sent by hand: that of a transfer, or one that its gateway would not send')
    .argument('<refund>', "the refund's uuid, from `tradepost payments open`", readRefundId)
    .addHelpText('after', '\nMay be repeated.')
    .action(async (refundId: RefundId) => {
      await withStore(async (_config, { db }) => console.log(told(await confirmRefund(db, refundId).catch(explain))))
    })
}

export function refundAgainCommand(): Command {
  return new Command('refund-again')
    .description('send the money of a refund that failed once more')
    .argument('<refund>', "the failed refund's uuid, from `tradepost payments open`", readRefundId)
    .action(async (refundId: RefundId) => {
      await withStore(async (_config, { db }) => console.log(told(await refundAgain(db, refundId).catch(explain))))
    })
}
