import { Command } from 'commander'
import { acceptCommand } from './accept.ts'
import { confirmCommand } from './confirm.ts'
import { openCommand } from './open.ts'
import { refundCommand } from './refund.ts'
import { refundAgainCommand, refundedCommand } from './settle-refund.ts'
import { showCommand } from './show.ts'

export function paymentsCommand(): Command {
  return new Command('payments')
    .description('look after payments and refunds')
    .addCommand(openCommand())
    .addCommand(showCommand())
    .addCommand(confirmCommand())
    .addCommand(acceptCommand())
    .addCommand(refundCommand())
    .addCommand(refundedCommand())
    .addCommand(refundAgainCommand())
}
