import { Command } from 'commander'
import { VERSION } from '../kernel/version.ts'
import { customersCommand } from './customers.ts'
import { doctorCommand } from './doctor.ts'
import { importCommand } from './import.ts'
import { importDjangoCommand } from './import-django.ts'
import { mailCommand } from './mail.ts'
import { migrateCommand } from './migrate.ts'
import { paymentsCommand } from './payments/index.ts'
import { seedCommand } from './seed.ts'
import { startCommand } from './start.ts'
import { webhooksCommand } from './webhooks/index.ts'

const program = new Command('tradepost')
  .description('Runs a Tradepost shop and looks after it.')
  .version(VERSION)
  .showHelpAfterError('Add --help to see how it is used.')
  .addHelpText(
    'after',
    `
Commands work by themselves and beside a running server: without DATABASE_URL they join the embedded database
in DATA_DIR (./var), and start it if nobody has.

Settings come from the environment and from a file .env in this directory; see docs/configuration.md.

First steps:
  $ npx tradepost start                           a shop with a demo catalogue on http://127.0.0.1:8000
  $ npx tradepost import products.csv             your own products and stock
  $ npx tradepost payments confirm TP7K3M9QXAR    a transfer has come`,
  )

program.addCommand(startCommand())
program.addCommand(migrateCommand())
program.addCommand(seedCommand())
program.addCommand(importCommand())
program.addCommand(importDjangoCommand())
program.addCommand(customersCommand())
program.addCommand(paymentsCommand())
program.addCommand(mailCommand())
program.addCommand(webhooksCommand())
program.addCommand(doctorCommand())

inherit(program)
await program.parseAsync()

/** Every command helps after a mistake, those below commands too. */
function inherit(parent: Command): void {
  for (const command of parent.commands) inherit(command.copyInheritedSettings(parent))
}
