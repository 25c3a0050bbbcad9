import { Command } from 'commander'
import { listEndpoints } from '../../webhooks/index.ts'
import { withStore } from '../run.ts'
import { counted, stateOf } from './words.ts'

export function listCommand(): Command {
  return new Command('list').description('list the endpoints, and how they do').action(async () => {
    await withStore(async (_config, { db }) => {
      const endpoints = await listEndpoints(db)
      if (endpoints.length === 0) console.log('No endpoints yet: `tradepost webhooks add URL` adds one.')
      for (const { waiting, failed, ...endpoint } of endpoints) {
        const { id, url, kinds } = endpoint
        console.log(url)
        console.log(`  ${id}  ${stateOf(endpoint)}`)
        console.log(`  events: ${kinds.length > 0 ? kinds.join(', ') : 'all'}`)
        console.log(`  ${counted(waiting, 'delivery waits', 'deliveries wait')}, ${failed} given up in the last month`)
      }
    })
  })
}
