import type { Db } from '../../store/database.ts'
import { deleteExpiredTokens } from './account-tokens.sql.ts'

export { deleteToken } from './account-tokens.sql.ts'
export type { Letterhead } from './letters.ts'
export { requestPasswordReset, resetPassword } from './reset-password.ts'
export { type AccountMailContext, queueVerification, requestEmailVerification, verifyEmail } from './verify-email.ts'

/** Expired tokens are worth nothing as it is; this only tidies up. */
export async function forgetExpiredTokens(db: Db): Promise<void> {
  await deleteExpiredTokens(db)
}
