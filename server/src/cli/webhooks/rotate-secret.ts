import { Command, InvalidArgumentError } from 'commander'
import { rotateSecret } from '../../webhooks/index.ts'
import { withStore } from '../run.ts'
import { ENDPOINT_ARGUMENT, explain } from './words.ts'

const HOURS = 24
const HOURS_MAX = 24 * 30

export function rotateSecretCommand(): Command {
  return new Command('rotate-secret')
    .description('sign with a new secret, shown once; for a while with the old one, too')
    .argument('<endpoint>', ENDPOINT_ARGUMENT)
    .option('--old-for <hours>', 'how long both sign; 0 when the old one has leaked', readHours, HOURS)
    .action(async (which: string, { oldFor: oldIsGoodForHours }: { oldFor: number }) => {
      await withStore(async (_config, { db }) => {
        const { endpoint, secret } = await rotateSecret(db, which, { oldIsGoodForHours }).catch(explain)
        console.log(`The new secret of ${endpoint.url}, shown only now: ${secret}`)
        console.log(
          oldIsGoodForHours > 0 ? `The old one signs too for ${oldIsGoodForHours} h.` : 'The old one signs no more.',
        )
      })
    })
}

function readHours(text: string): number {
  const hours = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (hours >= 0 && hours <= HOURS_MAX) return hours
  throw new InvalidArgumentError(`Write hours from 0 to ${HOURS_MAX}.`)
}
