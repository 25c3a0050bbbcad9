import { Command, InvalidArgumentError } from 'commander'
import type { Db } from '../../store/database.ts'
import { getMessage, type ListedDelivery, listDeliveries, messageId } from '../../webhooks/index.ts'
import { withStore } from '../run.ts'
import { counted, ENDPOINT_ARGUMENT, explain, inWords } from './words.ts'

interface Options {
  readonly endpoint?: string
  readonly failed?: boolean
  readonly limit: number
}

export function logCommand(): Command {
  return new Command('log')
    .description("the last month's deliveries, newest first: what became of them and what was answered")
    .argument('[message]', 'show one whole, by its id in the list')
    .option('--endpoint <endpoint>', ENDPOINT_ARGUMENT)
    .option('--failed', 'only what was given up, and what is tried again')
    .option('--limit <count>', 'how many', readCount, 50)
    .action(async (message: string | undefined, options: Options) => {
      await withStore(async (_config, { db }) => {
        if (message === undefined) await showList(db, options).catch(explain)
        else await showOne(db, message).catch(explain)
      })
    })
}

async function showList(db: Db, { endpoint, failed = false, limit }: Options): Promise<void> {
  const deliveries = await listDeliveries(db, { endpoint, onlyFailing: failed, limit })
  if (deliveries.length === 0) console.log(failed ? 'Nothing fails.' : 'Nothing was sent yet.')
  for (const delivery of deliveries) {
    const { queuedAt, state, kind, url } = delivery
    console.log([inWords(queuedAt), state.padEnd(9), kind.padEnd(18), messageId(delivery), url].join('  '))
    if (delivery.attempts > 0) console.log(`  ${lastTryOf(delivery)}`)
  }
}

async function showOne(db: Db, id: string): Promise<void> {
  const deliveries = await getMessage(db, id)
  for (const [i, delivery] of deliveries.entries()) {
    const { url, kind, queuedAt, endedAt, state } = delivery
    const heading = [
      ['Endpoint', url],
      ['Event', kind],
      ['Queued', inWords(queuedAt)],
      ['State', endedAt ? `${state}, ${inWords(endedAt)}` : state],
      ...(delivery.attempts > 0 ? [['Tries', lastTryOf(delivery)]] : []),
    ]
    if (i > 0) console.log('')
    for (const [name = '', value] of heading) console.log(`${`${name}:`.padEnd(10)}${value}`)
    console.log(`\n${delivery.body ?? 'Nothing was sent yet.'}`)
  }
}

/** `2 tries, the last one answered 500: out of order; next at 2026-11-20 13:00:00 UTC` */
function lastTryOf({ state, attempts, nextTryAt, answerStatus, answerText, problem }: ListedDelivery): string {
  const tries = counted(attempts, 'try', 'tries')
  const next = state === 'waiting' ? `; next at ${inWords(nextTryAt)}` : ''
  if (answerStatus === null) return `${tries}${problem ? `, the last one failed: ${problem}` : ''}${next}`
  return `${tries}, the last one answered ${answerStatus}${answerText ? `: ${answerText}` : ''}${next}`
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a count from 1 to 99999.')
}
