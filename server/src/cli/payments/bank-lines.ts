import { Command } from 'commander'
import { listBankLines } from '../../payments/index.ts'
import { withStore } from '../run.ts'
import { becameOf, lineHeading, linesForAPerson } from './bank-line-words.ts'

const SHOWN = 100

export function bankLinesCommand(): Command {
  return new Command('bank-lines')
    .description('what came to the account by the statements that were imported')
    .option('--open', 'only what waits for a person, with what may help')
    .addHelpText('after', `\nThe last ${SHOWN}, the newest at the end. Settle one with "tradepost payments settle".`)
    .action(async ({ open: onlyOpen = false }: { open?: boolean }) => {
      await withStore(async (_config, { db }) => {
        const { count, items } = await listBankLines(db, { onlyOpen, limit: SHOWN })
        if (count === 0) console.log(onlyOpen ? 'Nothing waits for a person.' : 'No statement was imported yet.')
        if (count > items.length) console.log(`… ${count - items.length} before these`)
        if (onlyOpen) for (const line of await linesForAPerson(db, items)) console.log(line)
        else for (const line of items) console.log(`${lineHeading(line)}  ${becameOf(line)}`)
      })
    })
}
