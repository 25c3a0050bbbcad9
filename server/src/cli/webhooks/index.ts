import { Command } from 'commander'
import { addCommand } from './add.ts'
import { disableCommand } from './disable.ts'
import { enableCommand } from './enable.ts'
import { listCommand } from './list.ts'
import { logCommand } from './log.ts'
import { removeCommand } from './remove.ts'
import { replayCommand } from './replay.ts'
import { rotateSecretCommand } from './rotate-secret.ts'
import { sendTestCommand } from './send-test.ts'

export function webhooksCommand(): Command {
  return new Command('webhooks')
    .description('send what happens to orders to other programs, signed; look what was sent, and send it again')
    .addHelpText('after', '\nWhat is sent and how it is checked: docs/webhooks.md.')
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(sendTestCommand())
    .addCommand(logCommand())
    .addCommand(replayCommand())
    .addCommand(rotateSecretCommand())
    .addCommand(disableCommand())
    .addCommand(enableCommand())
    .addCommand(removeCommand())
}
