import type { CustomerId } from '../../kernel/ids.ts'
import { Refused } from '../../kernel/refused.ts'
import { type Letter, type MailSeal, pauseBefore, queueMail } from '../../mail/index.ts'
import type { Tx } from '../../store/database.ts'
import type { Throttle } from '../throttle/index.ts'
import { type AccountTokenKind, issueToken } from './account-token.ts'
import { findAddresses } from './account-tokens.sql.ts'
import {
  emailChangedLetter,
  type Letterhead,
  passwordChangedLetter,
  resetLetter,
  verificationLetter,
} from './letters.ts'

/** What everything that mails customers about their account works with. */
export interface AccountMailContext {
  readonly letterhead: Letterhead
  readonly seal: MailSeal
  readonly throttle: Throttle
}

/** Who is mailed, and where. */
export interface Addressee {
  readonly customerId: CustomerId
  readonly email: string
  readonly emailKey: string
}

/**
 * Whether one more mail may leave at the wish of whoever comes from this address. They are not told: what they came for,
 * a registration or another e-mail, is done either way.
 */
export async function mayMail(throttle: Throttle, who: { account: string; address: string }): Promise<boolean> {
  try {
    await throttle.countMailRequest(who)
    return true
  } catch (error) {
    if (error instanceof Refused) return false
    throw error
  }
}

/**
 * Mails a link that proves that the address is read. The one that was mailed before works no longer.
 *
 * @param to.isChange whether the address takes the place of another one
 * @returns how long to wait, in seconds, when the mailbox has had enough of these; 0 when the mail is on its way
 */
export async function queueVerification(
  tx: Tx,
  context: AccountMailContext,
  to: Addressee & { readonly isChange: boolean },
): Promise<number> {
  return queueToken(tx, context, 'verify-email', to, (issued) =>
    verificationLetter(context.letterhead, { ...issued, isChange: to.isChange }),
  )
}

/** Mails a link to choose a new password by; otherwise as {@link queueVerification}. */
export async function queueReset(tx: Tx, context: AccountMailContext, to: Addressee): Promise<number> {
  return queueToken(tx, context, 'reset-password', to, (issued) => resetLetter(context.letterhead, issued))
}

/** Tells the customer, at the address that is surely theirs, that the e-mail was changed. */
export async function queueEmailChanged(tx: Tx, context: AccountMailContext, customerId: CustomerId): Promise<void> {
  await queueNotice(tx, context, customerId, emailChangedLetter)
}

/** Tells the customer, at the address that is surely theirs, that the password was changed. */
export async function queuePasswordChanged(tx: Tx, context: AccountMailContext, customerId: CustomerId): Promise<void> {
  await queueNotice(tx, context, customerId, passwordChangedLetter)
}

/** A mailbox that has had enough keeps the good link it has: no token is made that nobody is told. */
async function queueToken(
  tx: Tx,
  { seal }: AccountMailContext,
  kind: AccountTokenKind,
  to: Addressee,
  write: (issued: { to: string; token: string; expiresAt: Date }) => Letter,
): Promise<number> {
  const pause = await pauseBefore(tx, { to: to.email, kind })
  if (pause > 0) return pause
  await queueMail(tx, seal, write({ to: to.email, ...(await issueToken(tx, kind, to)) }))
  return 0
}

async function queueNotice(
  tx: Tx,
  { seal, letterhead }: AccountMailContext,
  customerId: CustomerId,
  write: (letterhead: Letterhead, to: string) => Letter,
): Promise<void> {
  const addresses = await findAddresses(tx, customerId)
  if (!addresses) return
  const letter = write(letterhead, addresses.recoveryEmail)
  if ((await pauseBefore(tx, letter)) === 0) await queueMail(tx, seal, letter)
}
