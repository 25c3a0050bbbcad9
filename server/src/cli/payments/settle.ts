import { Command, InvalidArgumentError } from 'commander'
import type { OrderId } from '../../kernel/ids.ts'
import { OperatorError } from '../../kernel/operator-error.ts'
import { bookBankLines, settleBankLines } from '../../payments/index.ts'
import { withStore } from '../run.ts'
import { BOOKED } from './bank-line-words.ts'
import { explain, readOrderId } from './words.ts'

export function settleCommand(): Command {
  return new Command('settle')
    .description('say what became of bank lines that wait for a person')
    .argument('<line...>', 'their numbers in "tradepost payments bank-lines --open"', readLine)
    .option(
      '--order <uuid>',
      'the order whose transfer they are: together exactly its sum, or it is refused',
      readOrderId,
    )
    .option('--note <text>', 'what was done with the money, such as "sent back on 21 November"', readNote)
    .addHelpText(
      'after',
      `
  $ tradepost payments settle 12 --order 01a1fb18-1cde-7342-be8c-4c9606f7aff4     it is this order's money
  $ tradepost payments settle 12 15 --order 01a1fb18-1cde-7342-be8c-4c9606f7aff4  two parts that make the sum
  $ tradepost payments settle 13 14 --note "a supplier's refund"                  nothing to do with an order`,
    )
    .action(async (lines: number[], { order, note }: { order?: OrderId; note?: string }) => {
      await withStore(async (_config, { db }) => {
        if ((order === undefined) === (note === undefined)) {
          throw new OperatorError('Say either --order, whose money it is, or --note, what was done with it.')
        }
        if (order !== undefined) {
          console.log(BOOKED[await bookBankLines(db, lines, order).catch(explain)](order))
        } else if (note !== undefined) {
          await settleBankLines(db, lines, note).catch(explain)
          console.log(`Settled: ${lines.join(', ')}.`)
        }
      })
    })
}

function readLine(text: string, before: readonly number[] = []): number[] {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('Write its number, such as 12.')
  return [...new Set([...before, Number(text)])]
}

function readNote(text: string): string {
  const note = text.trim()
  if (note === '' || note.length > 500) throw new InvalidArgumentError('Write 1 to 500 characters.')
  return note
}
