import { Command } from 'commander'
import { makePoster, sendTest } from '../../webhooks/index.ts'
import { withStore } from '../run.ts'
import { ENDPOINT_ARGUMENT, explain } from './words.ts'

export function sendTestCommand(): Command {
  return new Command('send-test')
    .description('send a signed message of the type `test` now, and show what comes back')
    .argument('<endpoint>', ENDPOINT_ARGUMENT)
    .action(async (which: string) => {
      await withStore(async ({ webhooksMayBePrivate: mayBePrivate }, { db }) => {
        const poster = makePoster({ mayBePrivate })
        try {
          const { endpoint, message, outcome } = await sendTest(db, poster, which).catch(explain)
          const isTaken = 'status' in outcome && outcome.status >= 200 && outcome.status < 300
          const what =
            'status' in outcome
              ? `answered ${outcome.status}${outcome.text ? `: ${outcome.text}` : ''}`
              : `was not reached: ${outcome.problem}`
          console.log(`${endpoint.url} ${what}`)
          console.log(isTaken ? `It has taken ${message}.` : `It has not taken ${message}.`)
          if (!isTaken) process.exitCode = 1
        } finally {
          await poster.close()
        }
      })
    })
}
