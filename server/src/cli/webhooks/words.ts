import { OperatorError } from '../../kernel/operator-error.ts'
import { Refused } from '../../kernel/refused.ts'
import type { Endpoint, WebhookRefusal } from '../../webhooks/index.ts'

export const ENDPOINT_ARGUMENT = 'its address or its id, as `tradepost webhooks list` has them'

/** `2026-11-20 13:00:00 UTC` */
export function inWords(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `1 delivery`, `2 deliveries`. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

export function stateOf({ off, failingSince }: Endpoint): string {
  if (off === 'by-operator') return 'off'
  if (off === 'gone') return 'off: it said that it is gone'
  if (off === 'failing') return `off: it took nothing since ${failingSince ? inWords(failingSince) : 'long ago'}`
  return failingSince ? `on, but failing since ${inWords(failingSince)}` : 'on'
}

/** @throws OperatorError in the operator's words, in place of a refusal */
export function explain(error: unknown): never {
  if (!(error instanceof Refused)) throw error
  const refusal = error.refusal as WebhookRefusal
  switch (refusal.code) {
    case 'webhooks.bad-url':
      throw new OperatorError(`This address is not taken: ${refusal.problem}.`)
    case 'webhooks.unknown-kind':
      throw new OperatorError(`There is no event ${refusal.kind}. There are: ${refusal.known.join(', ')}.`)
    case 'webhooks.already-there':
      throw new OperatorError(`${refusal.url} is there already; remove it first to choose other events.`)
    case 'webhooks.endpoint-not-found':
      throw new OperatorError(`There is no endpoint ${refusal.endpoint}: \`tradepost webhooks list\` shows them.`)
    case 'webhooks.message-not-found':
      throw new OperatorError(
        `There is no message ${refusal.message}: \`tradepost webhooks log\` shows the last month's.`,
      )
    default:
      throw error
  }
}
