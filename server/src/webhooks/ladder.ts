/** Pauses after each try that failed, as Standard Webhooks recommends them: three days in all. */
const PAUSES_S = [5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600]
/** So that what failed together does not come back together. */
const JITTER = 0.2
const DAY_S = 86_400

/** An endpoint that took nothing for so long is switched off. */
export const FAILING_DAYS_MAX = 5

/** What an endpoint answered, or why it did not. */
export type Outcome =
  | { readonly status: number; readonly text: string; readonly retryAfterSeconds: number | undefined }
  | { readonly problem: string }

export type NextStep =
  | { readonly step: 'delivered' }
  | { readonly step: 'retry'; readonly pauseSeconds: number }
  | { readonly step: 'give-up' }
  /** The endpoint says that it is no more (410). */
  | { readonly step: 'gone' }

/**
 * What becomes of a delivery after a try. Anything but a 2xx is no: a redirect is not followed, so that what was signed for
 * one place does not go to another.
 *
 * @param facts.attempts from 1: this try counts
 * @param facts.random from 0 to 1
 */
export function decideNextStep(outcome: Outcome, facts: { attempts: number; random: number }): NextStep {
  if ('status' in outcome && outcome.status >= 200 && outcome.status < 300) return { step: 'delivered' }
  if ('status' in outcome && outcome.status === 410) return { step: 'gone' }
  const pause = PAUSES_S[facts.attempts - 1]
  if (pause === undefined) return { step: 'give-up' }
  const asked = 'status' in outcome ? Math.min(outcome.retryAfterSeconds ?? 0, DAY_S) : 0
  return { step: 'retry', pauseSeconds: Math.max(Math.round(pause * (1 + JITTER * facts.random)), asked) }
}

/** The header `Retry-After` in seconds from now; undefined when it says nothing. */
export function readRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (!header) return undefined
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now.getTime()) / 1_000)
  return seconds > 0 ? seconds : undefined
}
