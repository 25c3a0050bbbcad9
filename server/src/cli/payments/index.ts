import { Command } from 'commander'
import { acceptCommand } from './accept.ts'
import { bankLinesCommand } from './bank-lines.ts'
import { confirmCommand } from './confirm.ts'
import { importStatementCommand } from './import-statement.ts'
import { openCommand } from './open.ts'
import { refundCommand } from './refund.ts'
import { settleCommand } from './settle.ts'
import { refundAgainCommand, refundedCommand } from './settle-refund.ts'
import { showCommand } from './show.ts'

export function paymentsCommand(): Command {
  return new Command('payments')
    .description('look after payments and refunds')
    .addCommand(openCommand())
    .addCommand(showCommand())
    .addCommand(confirmCommand())
    .addCommand(importStatementCommand())
    .addCommand(bankLinesCommand())
    .addCommand(settleCommand())
    .addCommand(acceptCommand())
    .addCommand(refundCommand())
    .addCommand(refundedCommand())
    .addCommand(refundAgainCommand())
}
