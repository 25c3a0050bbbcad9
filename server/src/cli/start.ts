import { Command } from 'commander'
import { main } from '../main.ts'

export function startCommand(): Command {
  return new Command('start')
    .description('run the server until Ctrl-C or SIGTERM; sets up what is missing first')
    .option('--workers <number>', 'server processes that share the port; WORKERS when it is not given')
    .addHelpText(
      'after',
      `
Without DATABASE_URL it starts an embedded PostgreSQL in DATA_DIR. Outside production an empty shop is filled with
the demo catalogue (DEMO=off leaves it empty).`,
    )
    .action(({ workers }: { workers?: string }) => main(workers === undefined ? {} : { WORKERS: workers }))
}
