import { Command } from 'commander'
import { removeEndpoint } from '../../webhooks/index.ts'
import { withStore } from '../run.ts'
import { ENDPOINT_ARGUMENT, explain } from './words.ts'

export function removeCommand(): Command {
  return new Command('remove')
    .description('send nothing there any more, and forget what was sent')
    .argument('<endpoint>', ENDPOINT_ARGUMENT)
    .action(async (which: string) => {
      await withStore(async (_config, { db }) => {
        const { url } = await removeEndpoint(db, which).catch(explain)
        console.log(`${url} is removed, with its log.`)
      })
    })
}
