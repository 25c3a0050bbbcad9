import { Command } from 'commander'
import { VERSION } from '../kernel/version.ts'

/** Each comes with what it needs: nobody waits for another command's. */
const COMMANDS = new Map<string, () => Promise<Command>>([
  ['start', async () => (await import('./start.ts')).startCommand()],
  ['migrate', async () => (await import('./migrate.ts')).migrateCommand()],
  ['seed', async () => (await import('./seed.ts')).seedCommand()],
  ['import', async () => (await import('./import.ts')).importCommand()],
  ['import-django', async () => (await import('./import-django.ts')).importDjangoCommand()],
  ['customers', async () => (await import('./customers.ts')).customersCommand()],
  ['payments', async () => (await import('./payments/index.ts')).paymentsCommand()],
  ['mail', async () => (await import('./mail.ts')).mailCommand()],
  ['webhooks', async () => (await import('./webhooks/index.ts')).webhooksCommand()],
  ['doctor', async () => (await import('./doctor.ts')).doctorCommand()],
])

// Who pipes into `head` has read enough: the work goes on to its end, and what it says is said to nobody.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

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

// For help, and for a name that is misspelt, all of them.
const asked = COMMANDS.get(process.argv[2] ?? '')
for (const load of asked ? [asked] : COMMANDS.values()) program.addCommand(await load())

inherit(program)
await program.parseAsync()

/** Every command helps after a mistake, those below commands too. */
function inherit(parent: Command): void {
  for (const command of parent.commands) inherit(command.copyInheritedSettings(parent))
}
