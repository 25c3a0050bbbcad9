import { Command } from 'commander'
import { switchOn } from '../../webhooks/index.ts'
import { withStore } from '../run.ts'
import { ENDPOINT_ARGUMENT, explain } from './words.ts'

export function enableCommand(): Command {
  return new Command('enable')
    .description('send there again, what still waits first')
    .argument('<endpoint>', ENDPOINT_ARGUMENT)
    .action(async (which: string) => {
      await withStore(async (_config, { db }) => {
        const { url } = await switchOn(db, which).catch(explain)
        console.log(`${url} is on. What happened while it was off was not kept for it:`)
        console.log(`  tradepost webhooks replay --endpoint ${url} --since ${new Date().toISOString().slice(0, 10)}`)
      })
    })
}
