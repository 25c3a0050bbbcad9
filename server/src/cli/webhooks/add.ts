import { Command } from 'commander'
import { addEndpoint } from '../../webhooks/index.ts'
import { withStore } from '../run.ts'
import { explain } from './words.ts'

export function addCommand(): Command {
  return new Command('add')
    .description('send events to this address from now on; shows the secret they are signed with, once')
    .argument('<url>', 'such as https://erp.example/hooks')
    .option('--events <kinds>', 'which, separated by commas, such as order.paid,refund.*; all when left out', readKinds)
    .action(async (url: string, { events: kinds = [] }: { events?: string[] }) => {
      await withStore(async ({ webhooksMayBePrivate: mayBePrivate }, { db }) => {
        const { id, secret } = await addEndpoint(db, { url, kinds, mayBePrivate }).catch(explain)
        console.log(`Endpoint ${id} gets ${kinds.length > 0 ? kinds.join(', ') : 'all events'}.`)
        console.log(`Its secret, shown only now: ${secret}`)
      })
    })
}

function readKinds(text: string): string[] {
  return text
    .split(',')
    .map((kind) => kind.trim())
    .filter(Boolean)
}
