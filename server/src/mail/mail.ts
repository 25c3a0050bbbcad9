import type { Id, MailId } from '../kernel/ids.ts'

/** A mail as whoever causes it writes it: plain text, and the same in simple HTML if it likes. */
export interface Letter {
  /** An e-mail address, without a name. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string
  /** What it is about, for staff and logs, such as `reset-password`. */
  readonly kind: string
  /** From then on it is of no use, and is not sent any more. */
  readonly sendBefore?: Date
}

/** Mails of one thread leave one after the other: a later one waits until the earlier ones are delivered or given up. */
export interface ThreadPlace {
  /** What they are all about, such as an order. */
  readonly thread: Id<string>
  /** Among them, rising. */
  readonly position: number
}

/** A letter on its way, with what stays the same however often it is tried. */
export interface OutgoingMail extends Omit<Letter, 'sendBefore'> {
  readonly id: MailId
  readonly queuedAt: Date
}

/** Whom mails are from. */
export interface MailAddress {
  readonly name: string
  readonly address: string
}

/** `failed`: it was refused for good, could not be delivered for days, or not before it was of no use. */
export type MailState = 'waiting' | 'delivered' | 'failed'

/** What is left of a mail to look at; its body is not kept once it was delivered or given up. */
export interface ListedMail {
  readonly id: MailId
  readonly kind: string
  readonly to: string
  readonly subject: string
  readonly state: MailState
  readonly attempts: number
  readonly queuedAt: Date
  readonly nextTryAt: Date
  /** Why the last try failed, in the other side's words. */
  readonly lastError: string | null
}

/**
 * The mailbox behind an address, to count by: without regard to case, and without what stands behind a plus, which many
 * mail servers put into the same mailbox.
 */
export function mailboxOf(address: string): string {
  const at = address.lastIndexOf('@')
  const local = address.slice(0, Math.max(0, at))
  const plus = local.indexOf('+', 1)
  return ((plus === -1 ? local : local.slice(0, plus)) + address.slice(Math.max(0, at))).normalize('NFKC').toLowerCase()
}

const PAUSE_FIRST_S = 30
const PAUSE_MAX_S = 3_600
const GIVE_UP_AFTER_S = 3 * 86_400

/** What becomes of a mail that could not be delivered: another try after a pause that doubles each time, or none. */
export function decideNextTry(facts: {
  /** From 1: the one that failed counts. */
  readonly attempts: number
  readonly waitedSeconds: number
  readonly refusedForGood: boolean
}): { readonly pauseSeconds: number } | 'give-up' {
  if (facts.refusedForGood || facts.waitedSeconds >= GIVE_UP_AFTER_S) return 'give-up'
  return { pauseSeconds: Math.min(PAUSE_FIRST_S * 2 ** (facts.attempts - 1), PAUSE_MAX_S) }
}

const REASON_LENGTH_MAX = 300

/**
 * Why a try failed, fit to be kept and logged: on one line, and without anything that could be a token. Servers quote
 * what they refuse, links and all.
 */
export function cleanReason(error: unknown): string {
  const { message, response } = error as { message?: unknown; response?: unknown }
  const said = typeof response === 'string' && response ? response : typeof message === 'string' ? message : ''
  return withoutControls(said || 'unknown')
    .replace(/[\w-]{24,}/g, '…')
    .slice(0, REASON_LENGTH_MAX)
}

/** One line of what may be seen: nothing that ends a header, and nothing that a terminal would obey. */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}
