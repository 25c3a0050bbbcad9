import type { Db } from '../../store/database.ts'
import { deleteExpiredTokens } from './account-tokens.sql.ts'

export { type AccountMailContext, mayMail, queuePasswordChanged, queueVerification } from './account-mails.ts'
export { deleteToken } from './account-tokens.sql.ts'
export type { Letterhead } from './letters.ts'
export { findResetOwner, requestPasswordReset, resetPassword } from './reset-password.ts'
export {
  type EmailVerification,
  findEmailToConfirm,
  getEmailVerification,
  type NewEmail,
  prepareNewEmail,
  requestEmailVerification,
  verifyEmail,
} from './verify-email.ts'

/** Expired tokens are worth nothing as it is; this only tidies up. */
export async function forgetExpiredTokens(db: Db): Promise<void> {
  await deleteExpiredTokens(db)
}
