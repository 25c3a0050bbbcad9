import { Command } from 'commander'
import { switchOff } from '../../webhooks/index.ts'
import { withStore } from '../run.ts'
import { ENDPOINT_ARGUMENT, explain } from './words.ts'

export function disableCommand(): Command {
  return new Command('disable')
    .description('send nothing there until it is enabled again')
    .argument('<endpoint>', ENDPOINT_ARGUMENT)
    .action(async (which: string) => {
      await withStore(async (_config, { db }) => {
        const { url } = await switchOff(db, which).catch(explain)
        console.log(`${url} is off. What happens meanwhile can be replayed when it is on again.`)
      })
    })
}
