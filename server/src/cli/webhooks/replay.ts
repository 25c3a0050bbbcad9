import { Command, InvalidArgumentError, Option } from 'commander'
import { isUuid, type OrderId } from '../../kernel/ids.ts'
import { type ReplayWish, replay } from '../../webhooks/index.ts'
import { withStore } from '../run.ts'
import { counted, ENDPOINT_ARGUMENT, explain } from './words.ts'

interface Options {
  readonly message?: string
  readonly order?: OrderId
  readonly since?: Date
  readonly failed?: boolean
  readonly endpoint?: string
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('send events again, or for the first time to an endpoint that came later; they keep their ids')
    .addOption(new Option('--message <id>', 'one, by its id in the log').conflicts(['order', 'since']))
    .addOption(new Option('--order <uuid>', 'all of an order').argParser(readOrder).conflicts(['message', 'since']))
    .addOption(new Option('--since <time>', 'all since, such as 2026-11-20 or 2026-11-20T13:00Z').argParser(readTime))
    .option('--failed', 'with --since: only what was given up')
    .option('--endpoint <endpoint>', `only there: ${ENDPOINT_ARGUMENT}; otherwise to all that are on and want them`)
    .action(async (options: Options, command: Command) => {
      const which = wishOf(options) ?? command.error('error: say what to send again: --message, --order or --since')
      const wish = { ...which, endpoint: options.endpoint }
      await withStore(async (_config, { db }) => {
        const { deliveries } = await replay(db, wish).catch(explain)
        console.log(`${counted(deliveries, 'delivery waits', 'deliveries wait')} to be sent.`)
      })
    })
}

function wishOf({ message, order, since, failed = false }: Options): ReplayWish | undefined {
  if (message !== undefined) return { message }
  if (order !== undefined) return { orderId: order }
  if (since !== undefined) return { since, onlyFailed: failed }
  return undefined
}

function readOrder(text: string): OrderId {
  if (!isUuid(text)) throw new InvalidArgumentError('Write the uuid of the order.')
  return text as OrderId
}

function readTime(text: string): Date {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('Write it like 2026-11-20 or 2026-11-20T13:00Z.')
  return time
}
