import type { Db } from '../store/database.ts'
import * as sql from './mail.sql.ts'
import { cleanReason, decideNextTry, type ListedMail, type OutgoingMail } from './mail.ts'
import type { MailSeal } from './seal.ts'
import { type MailSender, Undeliverable } from './sender.ts'

/** Who takes mails away, and what opens them. */
export interface Deliverer {
  readonly sender: MailSender
  readonly seal: MailSeal
}

export interface DeliveryOptions {
  /** Stops: what is being sent is left as if it had not been tried. */
  readonly signal?: AbortSignal
  /** Told of each try that failed. */
  readonly onFailure?: (failure: MailFailure) => void
}

export interface MailFailure extends Pick<ListedMail, 'id' | 'kind' | 'attempts'> {
  /** Fit for a log. */
  readonly reason: string
  readonly isGivenUp: boolean
}

/** Servers that answer slowly should not keep all other mails waiting. */
const LANES = 4
/** Longer than any try: the mail of a server that died is tried again after this. */
const CLAIM_SECONDS = 300

/**
 * Delivers what is due in the outbox, at least once each: a crash between sending and writing it down sends it again, with
 * the same Message-ID. What is of no use any more is given up instead. Safe to run on any number of servers at once.
 */
export async function deliverMails(
  db: Db,
  by: Deliverer,
  { signal = new AbortController().signal, onFailure = () => {} }: DeliveryOptions = {},
): Promise<{ delivered: number }> {
  let delivered = 0
  const claim = async () => (signal.aborted ? undefined : await sql.claimMail(db, CLAIM_SECONDS))
  async function lane(first?: sql.ClaimedMail): Promise<void> {
    for (let mail = first ?? (await claim()); mail; mail = await claim()) {
      if (await deliver(db, by, mail, signal, onFailure)) delivered++
    }
  }
  const first = await claim()
  if (!first) return { delivered }
  // All lanes are done before anybody hears that one has failed.
  const results = await Promise.allSettled([lane(first), ...Array.from({ length: LANES - 1 }, () => lane())])
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return { delivered }
}

async function deliver(
  db: Db,
  by: Deliverer,
  mail: sql.ClaimedMail,
  signal: AbortSignal,
  onFailure: (failure: MailFailure) => void,
): Promise<boolean> {
  const { id, kind, attempts, waitedSeconds, isTooLate, lastError } = mail
  if (isTooLate) {
    const reason = `too late to be of use${lastError === null ? '' : `; the last try: ${lastError}`}`
    await sql.setFailed(db, id, reason)
    onFailure({ id, kind, attempts, reason, isGivenUp: true })
    return false
  }
  try {
    await by.sender.send(opened(mail, by.seal), signal)
  } catch (error) {
    if (signal.aborted) {
      await sql.unclaimMail(db, id)
      return false
    }
    const reason = cleanReason(error)
    const next = decideNextTry({ attempts, waitedSeconds, refusedForGood: error instanceof Undeliverable })
    if (next === 'give-up') await sql.setFailed(db, id, reason)
    else await sql.setNextTry(db, id, reason, next.pauseSeconds)
    onFailure({ id, kind, attempts, reason, isGivenUp: next === 'give-up' })
    return false
  }
  await sql.setDelivered(db, id)
  return true
}

/** A key that is missing is for the operator to mend: the mail waits. */
function opened({ id, kind, to, subject, queuedAt, sealedBody }: sql.ClaimedMail, seal: MailSeal): OutgoingMail {
  const body = seal.open(id, sealedBody)
  if (!body) throw new Error('sealed with a SECRET_KEY that is not set now')
  return { id, kind, to, subject, queuedAt, ...body }
}
