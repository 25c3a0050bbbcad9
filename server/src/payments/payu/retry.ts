import { setTimeout as pause } from 'node:timers/promises'
import { GatewayUnavailable } from '../gateway.ts'
import { PayuMisconfigured } from './refused.ts'

export interface RetryTerms {
  /** The first one included. */
  readonly tries: number
  /** Before the second try; doubled before each further one, and up to half of it left out by chance. */
  readonly pauseMs: number
  /** For all tries and pauses together: a buyer waits. */
  readonly budgetMs: number
}

export const RETRY_TERMS: RetryTerms = { tries: 3, pauseMs: 200, budgetMs: 20_000 }

/**
 * Does it, and again while PayU is unavailable. Only for what may reach PayU twice.
 *
 * @param work is told how many milliseconds it has
 */
export async function withRetries<T>(terms: RetryTerms, work: (withinMs: number) => Promise<T>): Promise<T> {
  const end = performance.now() + terms.budgetMs
  for (let done = 1; ; done++) {
    try {
      return await work(Math.max(1, Math.ceil(end - performance.now())))
    } catch (error) {
      const pauseMs = terms.pauseMs * 2 ** (done - 1) * (0.5 + Math.random() / 2)
      const mayHelp = error instanceof GatewayUnavailable && !(error instanceof PayuMisconfigured)
      if (!mayHelp || done >= terms.tries || performance.now() + pauseMs >= end) throw error
      await pause(pauseMs)
    }
  }
}
